/**
 * Where a percentage goes wrong: what each part of a run was planned to take and what it took, in percent of the run.
 *
 *   node bench/truth/parts.ts [--fixtures halvesx2,ttpx16] [--rounds 1]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Runs fixtures of `truth.ts` that one process runs in memory, in the
 * runner without a service. Time in which threads had to wait for a core is taken out, of each part the least of the rounds
 * counts, so that it tells something on a busy machine as well. At the end of each, how far from the share of
 * time the percentage would have been, in points.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { jobTypes } from '@alidade/contract'
import { type InspectedFile, openInputFile } from '@alidade/jobs'
import { createPercentage } from '../../packages/server/src/agent/percentage.ts'
import { planRun } from '../../packages/server/src/agent/plan-run.ts'
import { fixtures } from './fixtures.ts'
import { inputFilesOf, type PartTime, timeParts } from './time-parts.ts'

const { values } = parseArgs({
  options: {
    fixtures: { type: 'string', default: 'site4x16,halvesx2,ttpx16' },
    rounds: { type: 'string', default: '1' },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-parts-'))

try {
  for (const name of values.fixtures.split(',')) await show(name)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function show(name: string): Promise<void> {
  const { threads, outputs: wanted, surveys } = fixtures[name]!
  const [type, options] = ['changeDetection', {}] as const
  const into = join(folder, name)
  await mkdir(into)
  const inputs = await inputFilesOf(await surveys(data, into), ['modelA', 'modelB'])
  const declared = Object.entries(jobTypes[type].outputs)
  const outputs = wanted.map(
    (output) => declared.find(([, names]) => 'v1' in names && names.v1 === output)?.[0] ?? output,
  )
  const opened: Record<string, InspectedFile[]> = {}
  for (const [input, files] of Object.entries(inputs))
    opened[input] = await Promise.all(files.map(openInputFile))
  const plan = await planRun({ type, inputs: opened, outputs, threads, options, bytesToFetch: 0 })
  for (const { source } of Object.values(opened).flat()) await source.close()
  const rounds: PartTime[][] = []
  for (let round = 0; round < Number(values.rounds); round++)
    rounds.push(await timeParts({ type, inputs, outputs, threads, folder }))
  const parts = rounds[0]!.map((part, i) => ({
    ...part,
    seconds: Math.min(...rounds.map((round) => round[i]!.seconds)),
  }))
  await rm(into, { recursive: true })

  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0)
  const planned = new Map(
    plan.map(({ step, part, total, secondsEach }) => [
      part === 'start' ? 'start' : `${step}/${part}`,
      { step, part, total, secondsEach },
    ]),
  )
  const whole = plan.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  console.log(`${name}: ${seconds.toFixed(2)} s, planned ${whole.toFixed(2)} s`)
  const percentage = createPercentage(plan)
  const off: number[] = []
  let before = 0
  const lines = new Map<string, { plan: number; ran: number; uneven: number }>()
  for (const part of parts) {
    const known = planned.get(part.name)
    if (known === undefined) throw new RangeError(`'${part.name}' was not planned`)
    const { step, part: partName } = known
    const steps = 200
    const counts = part.counts.length > 1 ? part.counts : [{ at: 1, share: 1 }]
    let [at, share] = [0, 0]
    for (const count of counts) {
      const stretch = Math.max(1, Math.ceil((count.at - at) * steps))
      for (let k = 1; k <= stretch; k++) {
        const now = before + (part.seconds * (at + ((count.at - at) * k) / stretch)) / seconds
        if (k === stretch) {
          share = count.share
          percentage.update({
            ...{ step, part: partName, done: share * part.total, total: part.total },
            ahead: 'ahead' in count ? count.ahead : undefined,
          })
        }
        const weight = Math.max(1, Math.round((1000 * (part.seconds / seconds) * (count.at - at)) / stretch))
        for (let w = 0; w < weight; w++) off.push(Math.floor(percentage.value) - 100 * now)
      }
      at = count.at
    }
    before += part.seconds / seconds
    const key = part.name.replace(/\d+$/, '')
    const line = lines.get(key) ?? { plan: 0, ran: 0, uneven: 0 }
    line.plan += (100 * known.secondsEach * known.total) / whole
    line.ran += (100 * part.seconds) / seconds
    line.uneven = Math.max(line.uneven, (100 * part.uneven * part.seconds) / seconds)
    lines.set(key, line)
  }
  for (const [key, { plan, ran, uneven }] of lines)
    console.log(
      `  ${key.padEnd(34)} planned ${plan.toFixed(1).padStart(5)}  ran ${ran.toFixed(1).padStart(5)}  ` +
        `${((ran / 100) * seconds).toFixed(2).padStart(6)} s  uneven ${uneven.toFixed(1)}`,
    )
  const mean = off.reduce((sum, points) => sum + Math.abs(points), 0) / off.length
  const [low, high] = [Math.min(...off), Math.max(...off)]
  console.log(`  off ${mean.toFixed(1)} mean, from ${low.toFixed(1)} to ${high.toFixed(1)}`)
}

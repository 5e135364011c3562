/**
 * Where the percentage of a run strays from the share of time: each part as it was planned and as it passed.
 *
 *   node bench/truth/part-shares.ts --fixture groundLaz [--load idle|busy] [--least 1] [--keep FILE | --again FILE]
 *
 * Needs ALIDADE_TEST_DATA as `truth.ts`, whose fixtures these are; the job runs in its runner process without a service, in one
 * piece. For each part that takes `--least` percent of the run: percent planned and passed, and the longest time between two counts.
 * Then what `truth.ts` would say of such a run. `--keep` writes down what was counted when, and `--again` judges that once more
 * by the plan as it is now.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type InspectedFile,
  jobTypeImplementations,
  openInputFile,
  type PlannedPart,
  type StepReport,
} from '@alidade/jobs'
import { createPercentage } from '../../packages/server/src/agent/percentage.ts'
import { aroundParts, lastStepOf } from '../../packages/server/src/agent/plan-run.ts'
import { keepCoresBusy } from './busy-cores.ts'
import type { Fixture } from './fixture.ts'
import { fixtures } from './fixtures.ts'
import { type Judgement, judge } from './judge.ts'
import { inputFilesOf, type PartTime, timeParts } from './time-parts.ts'
import type { Sample } from './watch-job.ts'
import { writeDetector } from './write-detector.ts'

const { values } = parseArgs({
  options: {
    fixture: { type: 'string' },
    load: { type: 'string', default: 'idle' },
    least: { type: 'string', default: '1' },
    keep: { type: 'string' },
    again: { type: 'string' },
  },
})

type Report = StepReport & { at: number }
interface Run {
  startedAt: number
  endedAt: number
  reports: Report[]
  parts: PartTime[]
}

const { type = 'changeDetection', detector, threads, outputs, surveys }: Fixture = fixtures[values.fixture!]!
const folder = await mkdtemp(join(tmpdir(), 'alidade-parts-'))
try {
  const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
  const names = type === 'changeDetection' ? ['modelA', 'modelB'] : ['pointClouds']
  const inputs = await inputFilesOf(await surveys(data, folder), names)
  const input = 'pointCloudSegmentationDetector'
  const detectors =
    detector === undefined
      ? {}
      : typeof detector === 'string'
        ? { [input]: { library: { name: detector, version: '1.0' } } }
        : { [input]: await inputFilesOf([await writeDetector(detector, folder)], ['files']) }
  const opened: Record<string, InspectedFile[]> = {}
  for (const [name, files] of Object.entries(inputs))
    opened[name] = await Promise.all(files.map(openInputFile))
  const run = { inputs: opened, detectors, outputs: [...outputs], threads, memoryLimitMegabytes: 16_000 }
  const own = await jobTypeImplementations[type].plan(run)
  const plan = aroundParts(own, {
    ...{ firstStep: 'Prepare_Production', lastStep: lastStepOf(type) },
    ...{ bytesToFetch: 0, results: outputs.length },
  })
  for (const { source } of Object.values(opened).flat()) await source.close()
  show(
    plan,
    values.again === undefined ? await take() : (JSON.parse(await readFile(values.again, 'utf8')) as Run),
  )

  async function take(): Promise<Run> {
    const stop = values.load === 'busy' ? await keepCoresBusy() : async () => undefined
    const reports: Report[] = []
    const runner = join(folder, 'runner')
    await mkdir(runner)
    const startedAt = performance.now()
    const onReport = (report: StepReport) => reports.push({ ...report, at: performance.now() })
    const options = { type, inputs, detectors, outputs, threads, folder: runner }
    const parts = await timeParts({ ...options, onReport })
    const taken = { startedAt, endedAt: performance.now(), reports, parts }
    await stop()
    if (values.keep !== undefined) await writeFile(values.keep, JSON.stringify(taken))
    return taken
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

function show(plan: readonly PlannedPart[], { startedAt, endedAt, reports, parts }: Run): void {
  const nameOf = ({ step, part }: Pick<StepReport, 'step' | 'part'>) => `${step}/${part ?? ''}`
  const percentage = createPercentage(plan)
  const costs = new Map(plan.map((part) => [nameOf(part), { ...part }]))
  const passed = new Map<string, { seconds: number; silence: number }>()
  const samples = reports.map((report, i) => {
    percentage.update(report)
    const known = costs.get(nameOf(report))!
    known.total = report.total
    for (const cost of report.ahead ?? []) Object.assign(costs.get(nameOf(cost)) ?? {}, cost)
    const next = reports[i + 1]?.at ?? endedAt
    const seconds = (next - report.at) / 1000
    const part = passed.get(nameOf(report)) ?? { seconds: 0, silence: 0 }
    passed.set(nameOf(report), {
      seconds: part.seconds + seconds,
      silence: Math.max(part.silence, seconds),
    })
    return { at: report.at, percentage: Math.floor(percentage.value), state: 'active', step: report.step }
  })
  passed.set(`Prepare_Production/start`, {
    ...{ seconds: (reports[0]!.at - startedAt) / 1000, silence: (reports[0]!.at - startedAt) / 1000 },
  })
  const wholeSeconds = (endedAt - startedAt) / 1000
  const undisturbed = parts.reduce((sum, { seconds }) => sum + seconds, 0)
  const begun = [...costs].filter(([name]) => passed.has(name))
  const planned = begun.reduce((sum, [, { total, secondsEach }]) => sum + total * secondsEach, 0)
  const columns = [
    'planned %',
    'passed %',
    'alone %',
    'planned s',
    'passed s',
    'alone s',
    'core s',
    'silence s',
  ]
  console.log(''.padEnd(30), ...columns.map((name) => name.padStart(9)))
  for (const [name, { total, secondsEach }] of begun) {
    const { seconds, silence } = passed.get(name)!
    const expected = total * secondsEach
    const alone = parts.find((part) => part.name === name) ?? (name.endsWith('/start') ? parts[0] : undefined)
    const numbers = [
      ...[
        (100 * expected) / planned,
        (100 * seconds) / wholeSeconds,
        (100 * (alone?.seconds ?? 0)) / undisturbed,
      ],
      ...[expected, seconds, alone?.seconds ?? 0, alone?.coreSeconds ?? 0, silence],
    ]
    if (Math.max(...numbers.slice(0, 3)) < Number(values.least)) continue
    console.log(name.padEnd(30), ...numbers.map((number) => number.toFixed(2).padStart(9)))
  }
  console.log('as it passed', told(judge(sampled(samples, startedAt, endedAt))))
  console.log('alone       ', told(judge(alonePassed())))

  /** As if each part had taken what it takes alone. */
  function alonePassed() {
    const begins = parts.map(({ name }) => reports.find((report) => nameOf(report) === name)?.at ?? startedAt)
    begins[0] = startedAt
    let at = 0
    const places = parts.map(({ seconds }, i) => {
      const place = { from: begins[i]!, to: begins[i + 1] ?? endedAt, at, milliseconds: 1000 * seconds }
      at += place.milliseconds
      return place
    })
    const moved = samples.map((sample) => {
      const place = places.findLast(({ from }) => from <= sample.at) ?? places[0]!
      const share = (sample.at - place.from) / Math.max(1e-9, place.to - place.from)
      return { ...sample, at: place.at + place.milliseconds * share }
    })
    return sampled(moved, 0, at)
  }
}

/** Asked every 250 ms, as `truth.ts` does. */
function sampled(samples: readonly Sample[], startedAt: number, endedAt: number) {
  const asked: Sample[] = []
  for (let at = startedAt + 250; at < endedAt; at += 250) {
    const last = samples.findLast((sample) => sample.at <= at)
    asked.push({ ...(last ?? { percentage: 0, state: 'active', step: '' }), at })
  }
  return { startedAt, endedAt, samples: asked }
}

function told(judgement: Judgement): string {
  return JSON.stringify(judgement, (_, value) =>
    typeof value === 'number' ? Number(value.toFixed(1)) : value,
  )
}

/**
 * How true the percentage is, on the real service, as a client sees it that asks every 250 ms.
 *
 *   npm run bench:truth -- [--fixtures site4,halves] [--load idle,busy] [--rounds 5] [--kills runner,service] [--at 50]
 *     [--keep-from 60] [--threads 16]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). For each fixture, idle and with every core kept busy by something else,
 * it prints: seconds, longest silence, mean and worst distance of the percentage from the share of time elapsed, in
 * points, whether it was monotone, and the same figures for equal weights of the steps on the same samples. The worst of
 * the rounds stands in the line, and below it where the longest silence was; `ok` is within the limits of `judge.ts`. Then one run for each kill (-9, in the middle):
 * monotone or not, how long it took until the work had caught up, and which share of the run without it that is; with
 * `--keep-from` 0 nothing is kept for another attempt. The costs behind the percentage come from other data:
 * see `calibrate.ts`.
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { jobTypes } from '@alidade/contract'
import { push } from '../../packages/client/src/node.ts'
import { processesIn } from '../../test/engine/processes.ts'
import { type ServiceProcess, startServiceProcess } from '../../test/e2e/service-process.ts'
import { clientOf } from '../../test/e2e/survey-job.ts'
import { keepCoresBusy } from './busy-cores.ts'
import type { Fixture } from './fixture.ts'
import { fixtures } from './fixtures.ts'
import { isTrueEnough, type Judgement, judge, withEqualWeights } from './judge.ts'
import { type Sample, sampleProgress, untilLogged } from './watch-job.ts'
import { writeDetector } from './write-detector.ts'

const { values } = parseArgs({
  options: {
    fixtures: { type: 'string', default: Object.keys(fixtures).join() },
    load: { type: 'string', default: 'idle,busy' },
    rounds: { type: 'string', default: '5' },
    kills: { type: 'string', default: 'runner,service' },
    at: { type: 'string', default: '50' },
    'keep-from': { type: 'string', default: '60' },
    threads: { type: 'string' },
    samples: { type: 'boolean', default: false },
  },
})
const list = (text: string) => text.split(',').filter((name) => name !== '')
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')

/** One fixture, uploaded to a service of its own. */
async function openFixture(fixture: Fixture) {
  const { type = 'changeDetection', detector, threads, outputs, surveys } = fixture
  const folder = await mkdtemp(join(tmpdir(), 'alidade-truth-'))
  let service: ServiceProcess = await startServiceProcess(
    '--threads',
    values.threads ?? String(threads),
    '--keep-from',
    values['keep-from'],
  )
  const logs: string[] = []
  const client = await clientOf(service, '--expires', '7d')
  const token = await service.token('--expires', '7d')
  const iTwinId = randomUUID()
  const inputs: { type: string; id: string }[] = []
  const upload = async (dataType: string, path: string) => {
    const { id } = await client.realityData.create({ displayName: dataType, type: dataType, iTwinId })
    await push(() => client.realityData.writeAccess(id), path)
    return id
  }
  for (const [i, path] of (await surveys(data, folder)).entries()) {
    const clouds = type === 'changeDetection' ? `pointClouds${i + 1}` : 'pointClouds'
    const { input = clouds } = fixture
    inputs.push({ type: input, id: await upload(input === clouds ? 'LAS' : 'ContextScene', path) })
  }
  if (detector !== undefined) {
    const id =
      typeof detector === 'string'
        ? detector
        : await upload('ContextDetector', await writeDetector(detector, folder))
    inputs.push({ type: 'pointCloudSegmentationDetector', id })
  }
  await rm(folder, { recursive: true, force: true })

  return {
    steps: jobTypes[type].steps,
    /** Runs a job to its end. */
    run: async (onSample?: (sample: Sample) => void) => {
      const job = await client.jobs.create({
        type,
        name: 'truth',
        iTwinId,
        inputs,
        outputs: [...outputs],
      })
      await client.jobs.submit(job.id)
      const samples = await sampleProgress(service, token, job.id, onSample)
      const logged = (msg: string) => untilLogged(() => [...logs, service.log()], job.id, msg)
      return {
        samples,
        startedAt: await logged('attempt begun'),
        endedAt: await logged('job succeeded'),
        caughtUpAt: () => logged('caught up with the attempt that was lost'),
      }
    },
    killRunner: async () => {
      for (const pid of await processesIn(join(service.dataDir, 'scratch'))) process.kill(pid, 'SIGKILL')
    },
    killService: async () => {
      logs.push(service.log())
      service = await service.restart()
    },
    close: () => service.remove(),
  }
}

type OpenFixture = Awaited<ReturnType<typeof openFixture>>

async function judgeRounds(name: string, load: string, fixture: OpenFixture): Promise<void> {
  const rounds: { ours: Judgement; equal: Judgement }[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const run = await fixture.run()
    rounds.push({ ours: judge(run), equal: judge(withEqualWeights(run, fixture.steps)) })
    if (values.samples) printSamples(run.samples, run.startedAt)
  }
  const ours = worstOf(rounds.map((round) => round.ours))
  const verdict = ours.seconds < 10 ? 'short' : isTrueEnough(ours) ? 'ok' : 'MISSED'
  console.log(
    [
      name.padEnd(12),
      load.padEnd(4),
      `${ours.seconds.toFixed(1)} s`.padStart(8),
      verdict.padEnd(6),
      figures(ours),
      `equal weights: ${figures(worstOf(rounds.map((round) => round.equal)))}`,
    ].join('  '),
  )
  const { seconds, percentage, step } = ours.silentAt
  console.log(`  longest silence: from ${seconds.toFixed(1)} s on, at ${percentage} %, in ${step}`)
}

/** The worst figure of each kind. */
function worstOf(rounds: readonly Judgement[]): Judgement {
  const largest = (of: (round: Judgement) => number) => Math.max(...rounds.map(of))
  const [quietest] = [...rounds].sort((a, b) => b.silenceSeconds - a.silenceSeconds)
  const { silenceSeconds, silentAt } = quietest!
  return {
    seconds: rounds.map(({ seconds }) => seconds).sort((a, b) => a - b)[rounds.length >> 1]!,
    ...{ silenceSeconds, silentAt },
    meanPoints: largest(({ meanPoints }) => meanPoints),
    worstPoints: largest(({ worstPoints }) => worstPoints),
    monotone: rounds.every(({ monotone }) => monotone),
  }
}

function figures({ silenceSeconds, meanPoints, worstPoints, monotone }: Judgement): string {
  const silence = `silence ${silenceSeconds.toFixed(1).padStart(4)} s`
  const off = `off ${meanPoints.toFixed(1).padStart(4)} mean ${worstPoints.toFixed(1).padStart(4)} worst`
  return `${silence}, ${off}, ${monotone ? 'monotone' : 'NOT MONOTONE'}`
}

function printSamples(samples: readonly Sample[], startedAt: number): void {
  for (const { at, percentage, step } of samples)
    console.log(`  ${((at - startedAt) / 1000).toFixed(2)} s  ${percentage} %  ${step}`)
}

/** Kills once the percentage has come to `--at`. */
async function judgeKill(name: string, victim: string, fixture: OpenFixture): Promise<void> {
  let killed: { at: number; done: Promise<void>; percentage: number } | undefined
  const { samples, startedAt, endedAt, caughtUpAt } = await fixture.run(({ percentage }) => {
    if (percentage < Number(values.at) || killed !== undefined) return
    const done = victim === 'runner' ? fixture.killRunner() : fixture.killService()
    killed = { at: Date.now(), done, percentage }
  })
  await killed!.done
  const monotone = samples.every(({ percentage }, i) => percentage >= (samples[i - 1]?.percentage ?? 0))
  const rework = ((await caughtUpAt()) - killed!.at) / 1000
  const undisturbed = (endedAt - startedAt) / 1000 - rework
  const isLittle = rework <= Math.max(60, 0.1 * undisturbed)
  console.log(
    `${name.padEnd(12)}  ${victim} killed at ${killed!.percentage} %: rework ${rework.toFixed(1)} s, ` +
      `${((100 * rework) / undisturbed).toFixed(0)} % of ${undisturbed.toFixed(0)} s, ${isLittle ? 'ok' : 'MISSED'}, ` +
      `${monotone ? 'monotone' : 'NOT MONOTONE'}, ended at ${samples.at(-1)!.percentage} %`,
  )
}

for (const name of list(values.fixtures)) {
  const described = fixtures[name]
  if (described === undefined)
    throw new RangeError(`expected a fixture of ${Object.keys(fixtures)}, got '${name}'`)
  console.log(`${name}: ${described.about}`)
  const fixture = await openFixture(described)
  try {
    for (const load of list(values.load)) {
      const stop = load === 'busy' ? await keepCoresBusy() : async () => undefined
      try {
        await judgeRounds(name, load, fixture)
      } finally {
        await stop()
      }
    }
    for (const victim of list(values.kills)) await judgeKill(name, victim, fixture)
  } finally {
    await fixture.close()
  }
}

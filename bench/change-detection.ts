/**
 * How the time of a change detection falls to its steps, from which the weights of the job type are taken.
 *
 *   node bench/change-detection.ts [--rounds 3] [--threads 2] [--pair site4|ttp|tiles|halves|ten] [--segmented]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Runs the job in its runner process, on files. Prints for each pair the
 * median seconds, million points per core second, the peak resident memory, the share of each step in percent, what each
 * part took in microseconds of core time a point (of all threads, waiting not counted), and how far the percentage was from
 * the share of time that had passed: mean and worst over the run, in points.
 */
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { openFile, readLasHeader, readXyz, writeLasPoints } from '@alidade/formats'
import { openInputFile } from '@alidade/jobs'
import { jobTypes } from '@alidade/contract'
import { createPercentage } from '../packages/server/src/agent/percentage.ts'
import { planRun } from '../packages/server/src/agent/plan-run.ts'
import { runAttempt } from '../packages/server/src/agent/run-attempt.ts'
import { processesIn } from '../test/engine/processes.ts'
import { autzenHalves } from './autzen-halves.ts'
import { watchCoreTime } from './truth/core-time.ts'
import { localOutputs } from './local-outputs.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    pair: { type: 'string', multiple: true },
    segmented: { type: 'boolean', default: false },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-steps-'))
const threads = Number(values.threads)

const pairs: Record<string, () => Promise<string[]>> = {
  site4: async () => [1, 2].map((epoch) => join(data, `pointcloud/change/site4_epoch${epoch}.las`)),
  ttp: async () => [15, 23].map((year) => join(data, `pointcloud/epochs-real/TTP_${year}.laz`)),
  tiles: async () => [1, 2].map((tile) => join(data, `pointcloud/perf/autzen-tile${tile}-ft.laz`)),
  halves: () => autzenHalves(data, folder),
  ten: async () => sideBySide(await autzenHalves(data, folder), 4),
}
const outputNames = ['objects3D', ...(values.segmented ? ['segmentedModel3DA', 'segmentedModel3DB'] : [])]

/** So many copies of each survey in a row: 2 x 10.65 million points of the halves. */
async function sideBySide(paths: string[], copies: number): Promise<string[]> {
  const written: string[] = []
  for (const path of paths) {
    const source = await openFile(path)
    const { x, y, z } = await readXyz(source, await readLasHeader(source))
    await source.close()
    const column = (values: Float64Array, step: number) =>
      Float64Array.from(
        { length: copies * values.length },
        (_, i) => values[i % values.length]! + step * Math.floor(i / values.length),
      )
    const to = path.replace('.las', `-${copies}.las`)
    await writeLasPoints(to, { x: column(x, 4000), y: column(y, 0), z: column(z, 0) }, { scale: 0.01 })
    written.push(to)
  }
  return written
}

interface Round {
  seconds: number
  peakMegabytes: number
  /** Seconds of each step, by name. */
  steps: Record<string, number>
  /** Seconds of core time of each part, by name. */
  parts: Record<string, number>
  /** Percentages, and the seconds after the start at which they were reported. */
  reports: { percentage: number; at: number }[]
}

async function runOnce(paths: string[]): Promise<Round> {
  const outputs: Record<string, string> = {}
  for (const name of outputNames) {
    outputs[name] = await mkdtemp(join(folder, `${name}-`))
  }
  const scratch = join(folder, 'scratch')
  await mkdir(scratch, { recursive: true })
  const [modelA, modelB] = await Promise.all(
    paths.map(async (path) => [
      { name: basename(path), segments: [{ path, sizeBytes: (await stat(path)).size }] },
    ]),
  )
  const type = 'changeDetection'
  const opened = await Promise.all([modelA!, modelB!].map((files) => Promise.all(files.map(openInputFile))))
  const plan = await planRun({
    type,
    inputs: { modelA: opened[0]!, modelB: opened[1]! },
    outputs: outputNames,
    threads,
    bytesToFetch: 0,
  })
  await Promise.all(opened.flat().map(({ source }) => source.close()))
  const percentage = createPercentage(plan)
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  const starts: [step: string, at: number][] = [['Prepare_Production', 0]]
  const cores = watchCoreTime(async () => (await processesIn(folder))[0])
  const partStarts: [part: string, runSeconds: number][] = [['start', 0]]
  const reports: Round['reports'] = []
  const result = await runAttempt({
    type,
    inputs: { modelA: modelA!, modelB: modelB! },
    options: {},
    outputs: localOutputs(outputs),
    scratch,
    loggedAs: 'this run',
    threads,
    memoryLimitMegabytes: 16_000,
    signal: new AbortController().signal,
    onProgress: (report) => {
      const { step, part = '' } = report
      if (partStarts.at(-1)![0] !== part) partStarts.push([part, cores.look().runSeconds])
      if (starts.at(-1)![0] !== step) starts.push([step, seconds()])
      percentage.update(report)
      reports.push({ percentage: percentage.value, at: seconds() })
    },
  })
  const ran = cores.look().runSeconds
  await cores.stop()
  if (result.state !== 'success') throw new Error(JSON.stringify(result))
  const parts = Object.fromEntries(
    partStarts.map(([part, at], i) => [part, (partStarts[i + 1]?.[1] ?? ran) - at] as const),
  )
  const whole = seconds()
  const steps = Object.fromEntries(
    starts.map(([step, at], i) => [step, (starts[i + 1]?.[1] ?? whole) - at] as const),
  )
  return { seconds: whole, peakMegabytes: result.peakMegabytes, steps, parts, reports }
}

/** Distance of the percentage from the share of time passed, looked at a hundred times. */
function offTruth({ seconds, reports }: Round): { mean: number; worst: number } {
  let [sum, worst] = [0, 0]
  for (let share = 0; share < 100; share++) {
    const shown = reports.findLast(({ at }) => at <= (share / 100) * seconds)?.percentage ?? 0
    sum += Math.abs(shown - share)
    worst = Math.max(worst, Math.abs(shown - share))
  }
  return { mean: sum / 100, worst }
}

async function pointCount(path: string): Promise<number> {
  const source = await openFile(path)
  try {
    return (await readLasHeader(source)).pointCount
  } finally {
    await source.close()
  }
}

try {
  for (const name of values.pair ?? Object.keys(pairs)) {
    const paths = await pairs[name]!()
    const rounds: Round[] = []
    for (let round = 0; round < Number(values.rounds); round++) rounds.push(await runOnce(paths))
    rounds.sort((one, other) => one.seconds - other.seconds)
    const middle = rounds[rounds.length >> 1]!
    const counts = await Promise.all(paths.map(pointCount))
    const shares = jobTypes.changeDetection.steps.map(
      (step) => `${step} ${((100 * (middle.steps[step] ?? 0)) / middle.seconds).toFixed(1)}`,
    )
    const pointsOfBoth = counts.reduce((sum, count) => sum + count, 0)
    const rate = pointsOfBoth / 1e6 / (middle.seconds * threads)
    const perPoint = Object.entries(middle.parts).map(
      ([part, seconds]) => `${part} ${((1e6 * seconds) / pointsOfBoth).toFixed(3)}`,
    )
    const { mean, worst } = offTruth(middle)
    console.log(
      `${name}: ${middle.seconds.toFixed(2)} s, ${rate.toFixed(2)} M points per core second, ${middle.peakMegabytes} MB\n` +
        `  ${shares.join(', ')}\n  us a point: ${perPoint.join(', ')}\n  percentage off by ${mean.toFixed(1)} points in the mean, ${worst.toFixed(1)} at worst`,
    )
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

/**
 * Where the time of a run goes, part by part, beside where its plan says it goes. Works on a busy machine too: time in which
 * threads wait for a core is taken out.
 *
 *   node bench/truth/shares.ts --fixtures als,alsTiles [--threads 2] [--divide-from 20000000] [--load busy]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Runs each fixture of `truth.ts` once in runner processes, without a service.
 * Prints of each part: its share of the plan and of the time, in percent; seconds planned and taken; how far within the part the
 * counts strayed from its share of time, in percent of the run; and the longest time in the part without a count of a whole
 * percent; how many times as many counts there were as planned, and what a count took; and by how many points the percentage was
 * ahead of the share of time when the part had ended. Then what `truth.ts` judges, as it would be
 * had no thread ever waited for a core. With `--load busy` every core is kept busy by something else, and the times are those of
 * the clock.
 */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  type Division,
  type InputFile,
  type JobContext,
  jobTypeImplementations,
  laterPart,
  openInputFile,
  type PlannedPart,
  type PlannedRun,
  type WorkFiles,
} from '@alidade/jobs'
import { createPercentage } from '../../packages/server/src/agent/percentage.ts'
import { aroundParts, startSeconds } from '../../packages/server/src/agent/plan-run.ts'
import { keepCoresBusy } from './busy-cores.ts'
import { segmentationScenes } from './calibration-scenes.ts'
import type { Fixture } from './fixture.ts'
import { fixtures } from './fixtures.ts'
import { type Judgement, judge } from './judge.ts'
import { inputFilesOf, type WatchedParts, watchParts } from './time-parts.ts'
import { writeDetector } from './write-detector.ts'

const { values } = parseArgs({
  options: {
    fixtures: { type: 'string' },
    threads: { type: 'string' },
    'divide-from': { type: 'string', default: '20000000' },
    load: { type: 'string', default: 'idle' },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const fromPoints = Number(values['divide-from'])
const isBusy = values.load === 'busy'

/** One attempt: its plan, what it took, and the stretch of the job's percentage that it goes over. */
interface Attempt extends WatchedParts {
  name: string
  plan: PlannedPart[]
  span: { from: number; to: number }
}

/** All attempts of a run: one, or what a divided one takes with one agent. */
async function attemptsOf(fixture: Fixture, folder: string): Promise<Attempt[]> {
  const { type = 'changeDetection', outputs } = fixture
  const threads = Number(values.threads ?? fixture.threads)
  const surveys = await fixture.surveys(data, join(folder, 'surveys'))
  const inputs = await inputFilesOf(
    surveys,
    type === 'changeDetection' ? ['modelA', 'modelB'] : ['pointClouds'],
  )
  const detectors = await detectorsOf(fixture, folder)
  const { plan, division } = jobTypeImplementations[type]
  const watch = (work?: Parameters<typeof watchParts>[0]['work']) =>
    watchParts({
      type,
      inputs,
      outputs,
      threads,
      folder,
      ...(detectors && { detectors }),
      ...(work && { work }),
      byClock: isBusy,
    })
  const opened: PlannedRun['inputs'] = {}
  for (const [name, files] of Object.entries(inputs))
    opened[name] = await Promise.all(files.map(openInputFile))
  const run: PlannedRun = {
    ...{ inputs: opened, outputs: [...outputs], threads, memoryLimitMegabytes: 16_000 },
    ...(detectors && { detectors }),
  }
  const around = (parts: PlannedPart[], results: number) =>
    aroundParts(parts, { firstStep: parts[0]!.step, lastStep: parts.at(-1)!.step, bytesToFetch: 0, results })
  try {
    if (fromPoints > 0 && (await division?.isLarge(run, fromPoints)))
      return await watchDivided(division!, { run, folder, around, watch })
    const whole = { plan: around(await plan(run), outputs.length), span: { from: 0, to: 100 } }
    return [{ name: 'run', ...whole, ...(await watch()) }]
  } finally {
    for (const { source } of Object.values(opened).flat()) await source.close()
  }
}

interface Dividing {
  run: PlannedRun
  folder: string
  around: (parts: PlannedPart[], results: number) => PlannedPart[]
  watch: (work: NonNullable<Parameters<typeof watchParts>[0]['work']>) => Promise<WatchedParts>
}

async function watchDivided(
  division: Division,
  { run, folder, around, watch }: Dividing,
): Promise<Attempt[]> {
  const shared = await mkdtemp(join(folder, 'shared-'))
  const { parts, tiles: expected, laterSeconds } = await division.planDivide(run, fromPoints)
  const step = parts.at(-1)!.step
  const later = [
    { step, part: laterPart, total: 1, secondsEach: laterSeconds },
    { step, part: 'starts', total: expected + 1, secondsEach: startSeconds },
  ]
  const plan = [...around(parts, 1), ...later]
  const dividing = await watch({ kind: 'divide', shared, fromPoints })
  const reached = valuesOf(plan, dividing.marks).at(-1)!
  const { tiles, mergeSeconds } = dividing.divided!
  const secondsOf = (tile: { seconds: number }) => tile.seconds + startSeconds
  const tileSeconds = tiles.reduce((sum, tile) => sum + secondsOf(tile), 0)
  const mergeFrom = reached + ((100 - reached) * tileSeconds) / (tileSeconds + mergeSeconds + startSeconds)
  const attempts: Attempt[] = [{ name: 'divide', plan, span: { from: 0, to: 100 }, ...dividing }]
  const done: { tile: (typeof tiles)[number]; results: WorkFiles }[] = []
  let from = reached
  for (const tile of tiles) {
    const results = await mkdtemp(join(folder, 'tile-'))
    const work = { kind: 'tile', tile, files: await filesIn(shared, tile.files), results } as const
    const to = from + ((mergeFrom - reached) * secondsOf(tile)) / tileSeconds
    const plan = around(division.planTile(tile, run), 1)
    attempts.push({ name: tile.name, plan, span: { from, to }, ...(await watch(work)) })
    done.push({ tile, results: await filesIn(results) })
    from = to
  }
  const merging = { kind: 'merge', divided: await filesIn(shared), tiles: done } as const
  const mergePlan = around(await division.planMerge(run, tiles), run.outputs.length)
  attempts.push({
    ...{ name: 'merge', plan: mergePlan, span: { from: mergeFrom, to: 100 } },
    ...(await watch(merging)),
  })
  return attempts
}

async function detectorsOf({ detector }: Fixture, folder: string): Promise<JobContext['detectors']> {
  if (detector === undefined) return undefined
  const input = 'pointCloudSegmentationDetector'
  if (typeof detector === 'string') return { [input]: { library: { name: detector, version: '1.0' } } }
  return { [input]: { files: Object.values(await filesIn(await writeDetector(detector, folder))) } }
}

async function filesIn(folder: string, only?: readonly string[]): Promise<WorkFiles> {
  const files: Record<string, InputFile> = {}
  for (const name of only ?? (await readdir(folder))) {
    const path = join(folder, name)
    files[name] = { name, segments: [{ path, sizeBytes: (await stat(path)).size }] }
  }
  return files
}

/** The percentage after each mark. */
function valuesOf(plan: readonly PlannedPart[], marks: WatchedParts['marks']): number[] {
  const percentage = createPercentage(plan)
  return marks.map((mark) => {
    // Whatever an attempt is to do, the engine counts its start in the first step of its own.
    percentage.update(mark.part === 'start' ? { ...mark, step: plan[0]!.step } : mark)
    return percentage.value
  })
}

/** Percentages of the whole over its seconds, as a client sees them that asks every 250 ms. */
function samplesOf(attempts: readonly Attempt[]) {
  const reached = [{ at: 0, percentage: 0, step: '' }]
  let before = 0
  for (const { plan, marks, span, seconds } of attempts) {
    for (const [i, value] of valuesOf(plan, marks).entries()) {
      const percentage = span.from + ((span.to - span.from) * value) / 100
      const { at, step } = marks[i]!
      reached.push({ at: before + at, percentage, step })
    }
    before += seconds
  }
  const samples = []
  let last = 0
  for (let at = 0; at <= before; at += 0.25) {
    while (reached[last + 1] !== undefined && reached[last + 1]!.at <= at) last++
    const { percentage, step } = reached[last]!
    samples.push({ at: 1000 * at, percentage: Math.floor(percentage), step, state: 'active' })
  }
  return { samples, startedAt: 0, endedAt: 1000 * before }
}

/** Tiles count as one. */
function printParts(attempts: readonly Attempt[]): void {
  const rows = new Map<
    string,
    {
      planned: number
      took: number
      uneven: number
      silence: number
      expected: number
      counted: number
      ahead: number
    }
  >()
  const whole = attempts.reduce((sum, { seconds }) => sum + seconds, 0)
  let before = 0
  const rowOf = (name: string) => {
    const none = { planned: 0, took: 0, uneven: 0, silence: 0, expected: 0, counted: 0, ahead: 0 }
    const row = rows.get(name) ?? none
    rows.set(name, row)
    return row
  }
  for (const { name, plan, parts, marks, seconds, span } of attempts) {
    const kind = /^tile/.test(name) ? 'tiles' : name
    const key = (step: string, part = '') => `${kind} ${step}/${part.replace(/ ?\d+$/, '')}`
    for (const { step, part, total, secondsEach } of plan)
      if (part !== laterPart && part !== 'starts') {
        const row = rowOf(key(step, part))
        row.planned += total * secondsEach
        row.expected += total
      }
    for (const { name, total, seconds, uneven } of parts) {
      const [step, part] = name === 'start' ? [plan[0]!.step, 'start'] : (name.split('/') as [string, string])
      const row = rowOf(key(step, part))
      row.took += seconds
      row.counted += total
      row.uneven = Math.max(row.uneven, uneven * seconds)
    }
    const told = [...marks, { ...marks.at(-1)!, at: seconds }]
    const values = valuesOf(plan, marks)
    for (const [i, mark] of marks.entries()) {
      const row = rowOf(key(mark.step, mark.part))
      const until = told[i + 1]!.at
      row.silence = Math.max(row.silence, until - mark.at)
      const percentage = span.from + ((span.to - span.from) * values[i]!) / 100
      row.ahead = percentage - (100 * (before + until)) / whole
    }
    before += seconds
  }
  const all = [...rows.values()]
  const [plannedAll, tookAll] = [
    all.reduce((sum, r) => sum + r.planned, 0),
    all.reduce((sum, r) => sum + r.took, 0),
  ]
  console.log(`${''.padEnd(44)} plan %  time %  planned    took  strayed  silence   counts   s each   ahead`)
  for (const [name, { planned, took, uneven, silence, expected, counted, ahead }] of rows) {
    if (planned === 0 && took === 0) continue
    const numbers = [
      ((100 * planned) / plannedAll).toFixed(1).padStart(6),
      ((100 * took) / tookAll).toFixed(1).padStart(7),
      `${planned.toFixed(2)} s`.padStart(9),
      `${took.toFixed(2)} s`.padStart(8),
      ((100 * uneven) / tookAll).toFixed(1).padStart(8),
      `${silence.toFixed(1)} s`.padStart(8),
      (counted / expected).toFixed(2).padStart(8),
      (took / counted).toExponential(2).padStart(9),
      ahead.toFixed(1).padStart(6),
    ]
    console.log(`${name.padEnd(44)} ${numbers.join(' ')}`)
  }
}

function printed({ seconds, silenceSeconds, meanPoints, worstPoints }: Judgement): string {
  return `${seconds.toFixed(1)} s, silence ${silenceSeconds.toFixed(1)} s, off ${meanPoints.toFixed(1)} mean ${worstPoints.toFixed(1)} worst`
}

/** Those that the percentage is judged on, and what costs of `@alidade/als-basic` and of models are taken from. */
const known: Record<string, Fixture> = { ...fixtures }
for (const [name, { surveys }] of Object.entries(segmentationScenes)) {
  known[`scene-${name}`] = { ...fixtures.als!, about: `scene ${name}`, surveys }
  known[`model-${name}`] = { ...fixtures.quickModel!, about: `scene ${name} by a quick model`, surveys }
}
for (const name of values.fixtures?.split(',') ?? Object.keys(fixtures)) {
  const fixture = known[name]
  if (fixture === undefined)
    throw new RangeError(`expected a fixture of ${Object.keys(known)}, got '${name}'`)
  console.log(`${name}: ${fixture.about}`)
  const folder = await mkdtemp(join(tmpdir(), 'alidade-shares-'))
  const stop = isBusy ? await keepCoresBusy() : async () => undefined
  try {
    await mkdir(join(folder, 'surveys'))
    const attempts = await attemptsOf(fixture, folder)
    printParts(attempts)
    console.log(printed(judge(samplesOf(attempts))))
  } finally {
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
}

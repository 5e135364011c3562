/**
 * Takes anew what a unit of work costs in a job type, from which its percentage is made.
 *
 *   node bench/truth/calibrate.ts [--type changeDetection|extractGround|segmentation3D] [--rounds 3] [--scenes csite3,ahn,...] [--write]
 *
 * Needs ALIDADE_TEST_DATA (default ../shared/data). Runs the job in its runner process on scenes of its own, none of which
 * `truth.ts` judges on: random halves of CSite3 of the ISPRS test and of a tile of the Dutch AHN, as LAS, side by side until a
 * run takes seconds, the same scans as LAZ, of which only the reading counts, halves one of which is cut off, for distances
 * from afar, and CSite3 with made changes and the generated example scene, of which only what is done about changes counts; for ground CSite3 and the AHN tile alone, read and written in every way, and for
 * `@alidade/als-basic` the same two and an eighth of the points of CSite3, beside the costs of ground, which are taken as they are; with one
 * thread and with two. Time in which threads had to wait for a core is
 * taken out, and for each part of a run the least time of the rounds counts, so that what else the machine does falls out.
 * The costs are those that explain these times best, each run weighing the same. In brackets stands how far within a part
 * the counts strayed from the share of its time, in percent of the run. `--write` puts the costs into measured-costs.ts.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type PointArrays, surveysApart } from '@alidade/analysis'
import { alsBasicDetector } from '@alidade/contract'
import {
  type InputFile,
  type InspectedFile,
  type JobContext,
  openInputFile,
  type PlannedRun,
} from '@alidade/jobs'
import { measuredCosts } from '../../packages/jobs/src/change-detection/measured-costs.ts'
import {
  type Differing,
  workOf as workOfChanges,
} from '../../packages/jobs/src/change-detection/step-costs.ts'
import { measuredCosts as groundCosts } from '../../packages/jobs/src/extract-ground/measured-costs.ts'
import { workOf as workOfGround } from '../../packages/jobs/src/extract-ground/step-costs.ts'
import { workOf as workOfSegmentation } from '../../packages/jobs/src/segmentation-3d/als-costs.ts'
import { measuredCosts as segmentationCosts } from '../../packages/jobs/src/segmentation-3d/measured-costs.ts'
import {
  type CalibrationScene,
  calibrationScenes,
  groundScenes,
  segmentationScenes,
} from './calibration-scenes.ts'
import { readSurvey } from '../quality/survey-points.ts'
import { leastSquares } from './least-squares.ts'
import { inputFilesOf, type PartTime, timeParts } from './time-parts.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    type: { type: 'string', default: 'changeDetection' },
    scenes: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const data = resolve(process.env.ALIDADE_TEST_DATA ?? '../shared/data')
const folder = await mkdtemp(join(tmpdir(), 'alidade-calibrate-'))
const types = {
  changeDetection: {
    inputs: ['modelA', 'modelB'],
    outputs: ['objects3D', 'segmentedModel3DB'],
    scenes: calibrationScenes,
    costs: measuredCosts as Record<string, number>,
    workOf: workOfChanges,
    file: 'change-detection',
  },
  extractGround: {
    inputs: ['pointClouds'],
    outputs: ['segmentedPointCloud'],
    scenes: groundScenes,
    costs: groundCosts as Record<string, number>,
    workOf: workOfGround,
    file: 'extract-ground',
  },
  segmentation3D: {
    inputs: ['pointClouds'],
    outputs: ['segmentedPointCloud', 'objects3D', 'lines3D', 'polygons3D'],
    scenes: segmentationScenes,
    costs: segmentationCosts as Record<string, number>,
    known: groundCosts as Record<string, number>,
    workOf: workOfSegmentation,
    detectors: {
      pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
    },
    file: 'segmentation-3d',
  },
} as const
const type = values.type as keyof typeof types
const measured: MeasuredType = types[type]

interface MeasuredType {
  inputs: readonly string[]
  outputs: readonly string[]
  scenes: Record<string, CalibrationScene>
  costs: Record<string, number>
  /** Of work that other types have too, and that is measured with them. */
  known?: Record<string, number>
  workOf: (run: PlannedRun, differing: Differing) => Promise<{ step: string; part?: string; work: Work[] }[]>
  detectors?: JobContext['detectors']
  /** The folder of the costs. */
  file: string
}

/** What a count of a part asks for. */
interface Work {
  cost: string
  unitsEach: number
  threads: number
}

/** The work of each part, by the part's full name. */
async function workOfParts(
  inputs: Record<string, InputFile[]>,
  threads: number,
  {
    outputs,
    options,
    differing,
  }: { outputs: readonly string[]; options: Record<string, string> | undefined; differing: Differing },
): Promise<Map<string, Work[]>> {
  const opened: Record<string, InspectedFile[]> = {}
  for (const [name, files] of Object.entries(inputs))
    opened[name] = await Promise.all(files.map(openInputFile))
  const run = { inputs: opened, outputs: [...outputs], threads, memoryLimitMegabytes: 16_000 }
  const parts = await measured.workOf({ ...run, ...(options && { options }) }, differing)
  for (const { source } of Object.values(opened).flat()) await source.close()
  return new Map(parts.map(({ step, part, work }) => [`${step}/${part}`, work]))
}

/** As it was found in a run, where a run of this type finds it. */
async function differingIn(
  inputs: Record<string, InputFile[]>,
  ran: readonly PartTime[],
): Promise<Differing> {
  const totalOf = (name: string) => ran.find((part) => part.name === name)?.total ?? 0
  const surveys: PointArrays[] = []
  if (type === 'changeDetection')
    for (const files of Object.values(inputs)) surveys.push(await pointsOf(files))
  const [a, b] = surveys
  return {
    apart: a && b ? surveysApart(a, b) : 0,
    cells: totalOf('Cluster_Changes/volumes') / Math.max(1, totalOf('Cluster_Changes/offsets')),
  }
}

async function pointsOf(files: readonly InputFile[]): Promise<PointArrays> {
  const clouds: PointArrays[] = []
  for (const { segments } of files) clouds.push((await readSurvey(segments[0]!.path)).points)
  const joined = (axis: 'x' | 'y' | 'z') => {
    const values = new Float64Array(clouds.reduce((sum, { x }) => sum + x.length, 0))
    let at = 0
    for (const cloud of clouds) {
      values.set(cloud[axis], at)
      at += cloud[axis].length
    }
    return values
  }
  return { x: joined('x'), y: joined('y'), z: joined('z') }
}

/** Parts of one run that are made up of the same kinds of work, taken together. */
interface Observation {
  work: (Omit<Work, 'unitsEach'> & { units: number })[]
  /** Of the whole run. */
  runSeconds: number
  seconds: number
  /** How far the counts of a part strayed from its share of time, in the share of the run. */
  strayed: number
}

/** What one scene took with so many threads; for each part the least time of the rounds. */
function observe(rounds: PartTime[][], planned: Map<string, Work[]>): Observation[] {
  const least = rounds[0]!.map((part, i) => ({
    ...part,
    seconds: Math.min(...rounds.map((round) => round[i]!.seconds)),
    uneven: Math.min(...rounds.map((round) => round[i]!.uneven)),
  }))
  const runSeconds = least.reduce((sum, { seconds }) => sum + seconds, 0)
  const observations = new Map<string, Observation>()
  for (const { name, total, seconds, uneven } of least) {
    const part = planned.get(name)
    if (part === undefined) continue // the engine's own
    const everything = part.map(({ unitsEach, ...some }) => ({ ...some, units: unitsEach * total }))
    const work = everything.filter(({ cost }) => cost in measured.costs)
    if (work.length === 0) continue
    const known = secondsOfKnown(everything)
    const kinds = work.map(({ cost, threads }) => `${cost} by ${threads}`).join(' and ')
    const before = observations.get(kinds) ?? { work: [], runSeconds, seconds: 0, strayed: 0 }
    observations.set(kinds, {
      work: [...before.work, ...work],
      runSeconds,
      seconds: before.seconds + seconds - known,
      strayed: Math.max(before.strayed, (uneven * seconds) / runSeconds),
    })
  }
  return [...observations.values()]
}

function secondsOfKnown(work: Observation['work']): number {
  return work.reduce(
    (sum, { cost, units, threads }) => sum + ((measured.known?.[cost] ?? 0) * units) / threads,
    0,
  )
}

const observed: Observation[] = []
const percent = (share: number) => (100 * share).toFixed(1)
const kindsOf = ({ work }: Observation) => [...new Set(work.map(({ cost }) => cost))].join('+')
try {
  const all: Record<string, CalibrationScene> = measured.scenes
  for (const scene of values.scenes?.split(',') ?? Object.keys(all)) {
    const { surveys, only, outputs = measured.outputs, options } = all[scene]!
    const { detectors } = measured
    const into = join(folder, scene)
    await mkdir(into)
    const inputs = await inputFilesOf(await surveys(data, into), measured.inputs)
    for (const threads of [1, 2]) {
      const rounds: PartTime[][] = []
      for (let round = 0; round < Number(values.rounds); round++)
        rounds.push(await timeParts({ type, inputs, detectors, outputs, options, threads, folder }))
      const differing = await differingIn(inputs, rounds[0]!)
      const work = await workOfParts(inputs, threads, { outputs, options, differing })
      const observations = observe(rounds, work)
      const isCounted = ({ work }: Observation) =>
        only === undefined || work.some(({ cost }) => only.includes(cost))
      observed.push(...observations.filter(isCounted))
      if (differing.apart + differing.cells > 0)
        console.log(
          `${scene}: ${percent(differing.apart)} % apart, ${percent(differing.cells)} cells to 100 points`,
        )
      const start = Math.min(...rounds.map(([first]) => first!.seconds))
      const { runSeconds } = observations[0]!
      const shares = observations.map(
        (some) => `${kindsOf(some)} ${percent(some.seconds / runSeconds)} (${percent(some.strayed)})`,
      )
      console.log(
        `${scene}, ${threads} threads: ${runSeconds.toFixed(2)} s, start ${start.toFixed(2)} s, in percent ${shares.join(', ')}`,
      )
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

// Colours are compared in none of these scenes.
const names = Object.keys(measured.costs).filter((name) =>
  observed.some(({ work }) => work.some(({ cost, units }) => cost === name && units > 0)),
)
const rowOf = ({ work, runSeconds }: Observation) =>
  names.map((name) =>
    work.reduce(
      (sum, { cost, units, threads }) => sum + (cost === name ? units / threads / runSeconds : 0),
      0,
    ),
  )
const rows = observed.map(rowOf)
const solved = leastSquares(
  rows,
  observed.map(({ seconds, runSeconds }) => seconds / runSeconds),
)
const numbers = solved.map((seconds) => Number(seconds.toPrecision(3)))
for (const [i, name] of names.entries()) console.log(`${name}: ${numbers[i]} s`)
for (const kinds of new Set(observed.map(kindsOf))) {
  const off = observed.flatMap((some, i) => {
    if (kindsOf(some) !== kinds) return []
    const explained = rows[i]!.reduce((sum, units, j) => sum + units * solved[j]!, 0)
    return percent(explained - some.seconds / some.runSeconds)
  })
  console.log(`${kinds}: off by ${off.join(', ')} % of the runs`)
}

if (values.write) {
  const path = fileURLToPath(
    new URL(`../../packages/jobs/src/${measured.file}/measured-costs.ts`, import.meta.url),
  )
  let text = await readFile(path, 'utf8')
  for (const [i, name] of names.entries())
    text = text.replace(new RegExp(`\\b${name}: [^,]*,`), `${name}: ${numbers[i]},`)
  await writeFile(path, text)
}

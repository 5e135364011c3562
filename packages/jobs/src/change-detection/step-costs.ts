// What a change detection is going to cost, from what the headers of its files tell.
import { describingPasses, groupingPasses, registrationWork, surveyShiftWork } from '@alidade/analysis'
import type { jobTypes } from '@alidade/contract'
import type { LasHeader } from '@alidade/formats'
import type { PlannedPart, PlannedRun } from '../job-type.ts'
import { isForeseen } from '../point-clouds/any-header.ts'
import { convertingCosts, convertingParts } from '../point-clouds/converting-work.ts'
import {
  headersOf,
  pointsOfHeaders,
  readingWork,
  type Work as AnyWork,
} from '../point-clouds/reading-work.ts'
import { mayHaveColours } from './colours.ts'
import { filesOf } from './epoch-inputs.ts'
import { measuredCosts } from './measured-costs.ts'
import { registrationAsked } from './register.ts'
import { isSegmented } from './segmented-clouds.ts'
import { seenPasses } from './surveyed-area.ts'
import { areColoursAsked } from './thresholds.ts'
import { isWrittenAsLaz } from './write-segmented.ts'

export type Step = (typeof jobTypes.changeDetection.steps)[number]
const costs = { ...measuredCosts, ...convertingCosts }

export type CostName = keyof typeof costs

export type Work = AnyWork<CostName>

export interface WorkPart extends Omit<PlannedPart<Step>, 'secondsEach'> {
  part: string
  work: Work[]
}

/**
 * How far the surveys differ, in shares of the points of both: those apart, in the sense of `surveysApart`, and how many cells the
 * footprints of changes have.
 */
export interface Differing {
  apart: number
  cells: number
}

/** A footprint has about one cell to so many of the points that are grouped. */
export const pointsPerCell = 5
/** Before any point is read: between what the scenes with changes have that costs are taken from, 0.001 and 0.003. */
export const expectedCells = 0.002
/** With fewer cells it is in doubt whether there is a change at all, and without any there is nothing to describe. */
const surelyChanged = 1e-3

/** Where more lies apart more has changed, also of what shows in no sample. */
export function differingBySample(apart: number): Differing {
  return { apart, cells: apart }
}

/** By the share of the points that are in groups, or are going to be; how far apart surveys lie is no matter by then. */
export function differingByChanged(changed: number): Differing {
  return { apart: 0, cells: changed / pointsPerCell }
}

/** What depends on how far surveys of so many points differ. */
export function costsOfDiffering(count: number, threads: number, differing: Differing): PlannedPart<Step>[] {
  return costed(Object.values(partsOfDiffering(count, threads, differing)))
}

/** A part for each file, since points of LAS and of LAZ take different time. Numbers count from 1, over both surveys. */
export function readPart(fileNumber: number): string {
  return `file ${fileNumber}`
}

export async function planChangeDetection(
  run: PlannedRun,
  differing?: Differing,
): Promise<PlannedPart<Step>[]> {
  return costed(await workOf(run, differing))
}

function costed(parts: readonly WorkPart[]): PlannedPart<Step>[] {
  const seconds = ({ cost, unitsEach, threads }: Work) => (costs[cost] * unitsEach) / threads
  return parts.map(({ work, ...part }) => ({
    ...part,
    secondsEach: work.reduce((sum, some) => sum + seconds(some), 0),
  }))
}

function partsOfDiffering(count: number, threads: number, { apart, cells }: Differing) {
  const part = (step: Step, part: string, total: number, ...work: Work[]) => ({ step, part, total, work })
  const clustering = (name: string, total: number, ...work: Work[]) =>
    part('Cluster_Changes', name, total, ...work)
  const comparing = (cost: CostName, unitsEach: number): Work => ({ cost, unitsEach, threads })
  const alone = (cost: CostName, unitsEach: number): Work => ({ cost, unitsEach, threads: 1 })
  const changed = Math.min(1, cells / surelyChanged)
  const distances = [comparing('distances', 1), comparing('far', apart)]
  return {
    distances: part('Compare_Clouds', 'distances', count, ...distances),
    group: clustering(
      'group',
      groupingPasses * count,
      alone('group', 1),
      alone('regroup', cells / groupingPasses),
    ),
    seen: clustering(
      'seen',
      seenPasses * count,
      alone('seen', changed / seenPasses),
      alone('regroup', cells / seenPasses),
    ),
    outline: clustering(
      'outline',
      describingPasses * count,
      alone('outline', changed / describingPasses),
      alone('outlineCells', cells / describingPasses),
    ),
    volumes: clustering('volumes', Math.round(cells * count), alone('volumes', 1)),
    describe: clustering('describe', count, alone('describe', changed), alone('describeCells', cells)),
  } satisfies Record<string, WorkPart>
}

/**
 * Every part of a run in order, with the count that is expected and the work that a count is. How far the surveys differ is
 * guessed unless it is given.
 */
export async function workOf(
  { inputs, outputs, threads, options = {} }: PlannedRun,
  differing?: Differing,
): Promise<WorkPart[]> {
  const files = [filesOf('A', inputs), filesOf('B', inputs)] as const
  const [a, b] = [await headersOf(files[0]), await headersOf(files[1])]
  const [pointsA, pointsB] = [pointsOfHeaders(a), pointsOfHeaders(b)]
  const count = pointsA + pointsB
  const part = (step: Step, part: string, total: number, ...work: Work[]) => ({ step, part, total, work })
  const alone = (cost: CostName): Work => ({ cost, unitsEach: 1, threads: 1 })
  const shared = (cost: CostName): Work => ({ cost, unitsEach: 1, threads })
  const expected = differing ?? { apart: shareBeyond(a, b), cells: expectedCells }
  const { distances, ...clustering } = partsOfDiffering(count, threads, expected)
  // One thread indexes one survey: two take as long as the larger one does.
  const larger = count > 0 ? Math.max(pointsA, pointsB) / count : 1
  const index: Work = { cost: 'index', unitsEach: threads > 1 ? larger : 1, threads: 1 }
  const segmented = [...(isSegmented('A', outputs) ? a : []), ...(isSegmented('B', outputs) ? b : [])]
  const written = pointsOfHeaders(segmented)
  const zipped = pointsOfHeaders(segmented.filter((header) => header !== undefined && isWrittenAsLaz(header)))
  const zipping = (['readLaz', 'writeLaz'] as const).map(
    (cost): Work => ({ cost, unitsEach: written > 0 ? zipped / written : 0, threads }),
  )
  const registers = registrationAsked(options) !== undefined
  const withColours =
    areColoursAsked(options) &&
    [...a, ...b].every((header) => header !== undefined && mayHaveColours([header]))
  return [
    ...convertingParts(files.flat(), [...a, ...b]).map((one) => ({ step: 'Read_Clouds' as const, ...one })),
    ...[...a, ...b].map((header, i) =>
      part('Read_Clouds', readPart(i + 1), header?.pointCount ?? 0, ...readingWork(header, threads)),
    ),
    part(
      'Compare_Clouds',
      'registration',
      registers ? registrationWork(pointsA, pointsB) : 0,
      alone('register'),
    ),
    // Of what is registered only where that is refused.
    part('Compare_Clouds', 'shift', registers ? 0 : surveyShiftWork(pointsA, pointsB), alone('shift')),
    part('Compare_Clouds', 'index', count, index),
    distances,
    // Only of surveys that lie beside each other, which no header tells.
    part('Compare_Clouds', 'alignedIndex', 0, index),
    part('Compare_Clouds', 'alignedDistances', 0, ...distances.work),
    part('Cluster_Changes', 'cells', 4 * count, shared('cells')),
    part('Cluster_Changes', 'offsets', count, shared('offsets')),
    part('Cluster_Changes', 'evidence', 2 * count, alone('evidence')),
    ...Object.values(clustering),
    part('Cluster_Changes', 'colours', withColours ? count : 0, alone('colours')),
    part('Write_Results', 'locations', 1, alone('locations')),
    {
      ...part('Write_Results', 'segmented', written, alone('segmented'), ...zipping),
      files: segmented.length,
    },
  ]
}

/**
 * Share of the points of both surveys that lie beyond the bounds of the other one, were they spread evenly; none where a format does
 * not tell its bounds.
 */
function shareBeyond(a: readonly (LasHeader | undefined)[], b: readonly (LasHeader | undefined)[]): number {
  if ([...a, ...b].some((header) => header !== undefined && isForeseen(header))) return 0
  let [beyond, all] = [0, 0]
  for (const [headers, others] of [
    [a, b],
    [b, a],
  ] as const) {
    for (const header of headers) {
      if (header === undefined) continue
      const common = others.reduce((sum, other) => sum + (other ? commonArea(header, other) : 0), 0)
      const area = commonArea(header, header)
      beyond += area > 0 ? header.pointCount * Math.max(0, 1 - common / area) : 0
      all += header.pointCount
    }
  }
  return all > 0 ? beyond / all : 0
}

/** In plan. */
function commonArea({ bounds: one }: LasHeader, { bounds: other }: LasHeader): number {
  const common = ([0, 1] as const).map((axis) =>
    Math.max(0, Math.min(one.max[axis], other.max[axis]) - Math.max(one.min[axis], other.min[axis])),
  ) as [number, number]
  return common[0] * common[1]
}

// How a large change detection is divided. One attempt deals out the points of both surveys to tiles in plan, each with the
// points around it, and finds what all tiles have to know; a tile measures distances and surfaces; merging finds the changes
// among what they measured. Objects and distances are those of an undivided run.
import { countInTurn } from '../count-in-turn.ts'
import type { Division, JobContext, PlannedPart, PlannedRun, Tile, TileContext } from '../job-type.ts'
import { isFilePart } from '../point-clouds/file-part.ts'
import { headersOf } from '../point-clouds/reading-work.ts'
import { runInParts } from '../run-in-parts.ts'
import { filesOf } from './epoch-inputs.ts'
import { pointsOf } from './foreseen-points.ts'
import { registrationAsked } from './register.ts'
import { planChangeDetection, type Step } from './step-costs.ts'
import { areColoursAsked, areThresholdsAsked } from './thresholds.ts'
import { divide } from './tiles/divide.ts'
import { isRunInTiles } from './tiles/in-tiles-from.ts'
import { merge } from './tiles/merge.ts'
import {
  dealSeconds,
  factsOf,
  mergeSeconds,
  mostTilePoints,
  partsOf,
  partsOfMerge,
  pointsOfTile,
  samplePart,
  secondsOf,
  spacingSeconds,
  sum,
  tilesOfSmallest,
} from './tiles/tile-costs.ts'
import { writeTileResults } from './tiles/tile-results.ts'
import { readTilePoints } from './tiles/tile-points.ts'
import { readWhole, wholeName } from './tiles/whole.ts'
import { partsOfTile, workOnTile } from './tiles/work-on-tile.ts'

export const changeDivision: Division<Step> = {
  isLarge,
  planDivide,
  divide,
  planTile,
  runTile,
  planMerge,
  merge,
}

async function isLarge({ inputs }: PlannedRun, fromPoints: number): Promise<boolean> {
  return (await pointsOf(inputs)) > fromPoints
}

async function planDivide(run: PlannedRun, fromPoints: number) {
  const count = await pointsOf(run.inputs)
  const whole = await planChangeDetection(run)
  const reads = whole.filter(({ part }) => isFilePart(part))
  const registers = registrationAsked(run.options ?? {}) !== undefined
  // Of surveys that are registered points can be dealt out only once the motion is known: they are read twice.
  const dealing: PlannedPart<Step> = {
    ...{ step: 'Compare_Clouds', part: 'deal', total: registers ? count : 0 },
    secondsEach: secondsOf(reads) / Math.max(1, count) + dealSeconds,
  }
  const headers = [await headersOf(filesOf('A', run.inputs)), await headersOf(filesOf('B', run.inputs))]
  const known = headers.map((survey) => survey.filter((header) => header !== undefined))
  const places = samplePart(known, run.options ?? {})
  const parts: PlannedPart<Step>[] = [
    ...whole.filter(({ step, part }) => step === 'Read_Clouds' && !isFilePart(part)),
    ...(registers ? [] : [places]),
    ...reads.map((part) => ({ ...part, secondsEach: part.secondsEach + (registers ? 0 : dealSeconds) })),
    ...whole.filter(({ part }) => part === 'registration'),
    ...(registers ? [places] : []),
    dealing,
    ...whole.filter(({ part }) => part === 'shift'),
    { step: 'Compare_Clouds', part: 'spacing', total: count, secondsEach: spacingSeconds },
    // Only where samples have misled, which no header tells.
    { ...dealing, part: 'dealAgain', total: 0 },
  ]
  const later = whole.filter(
    ({ step, part }) =>
      step !== 'Read_Clouds' && !['shift', 'registration', ...describingParts].includes(String(part)),
  )
  const tiles = Math.ceil(count / pointsOfTile(fromPoints))
  return { parts, tiles, laterSeconds: secondsOf(later) + count * sum(Object.values(mergeSeconds)) }
}

/** Of `findChanges`; merging does it with what is gathered. */
const describingParts = ['group', 'seen', 'outline', 'volumes', 'describe']

/** Of a run in one process, in memory or in tiles. */
export async function planRun(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const count = await pointsOf(run.inputs)
  if (!isRunInTiles(count)) return planChangeDetection(run)
  const options = run.options ?? {}
  const facts = {
    ...{ number: 0, points: 1.2 * count, isTwofold: false },
    isByDistance: areThresholdsAsked(options),
    withColours: areColoursAsked(options),
  }
  const secondsEach = secondsOf(partsOf(facts, run.threads)) / count
  const whole = await planChangeDetection(run)
  return [
    ...(await planDivide(run, smallestInTiles)).parts,
    { ...countedInTiles, total: count, secondsEach },
    ...partsOfMerge(count, Math.ceil(count / mostTilePoints), options),
    ...whole.filter(({ step }) => step === 'Write_Results'),
  ]
}

const smallestInTiles = tilesOfSmallest * mostTilePoints
const countedInTiles = { step: 'Compare_Clouds', part: 'tiles' } as const

/** A run in one process, part after part: for surveys that its memory does not hold. */
export async function runInTiles(context: JobContext<Step>, points: number): Promise<void> {
  await runInParts(changeDivision, context, {
    fromPoints: smallestInTiles,
    counting: { ...countedInTiles, points },
  })
}

function planTile(tile: Tile, { threads }: Pick<PlannedRun, 'threads'>): PlannedPart<Step>[] {
  return partsOf(factsOf(tile), threads)
}

async function runTile({ tile, files, results, progress, signal, threads }: TileContext<Step>) {
  const { number, points, ...work } = factsOf(tile)
  const whole = await readWhole(files[wholeName]!)
  const reading = progress.begin('Read_Clouds', { part: 'points', total: points, unit: 'points' })
  const a = await readTilePoints(files, whole, 0, number, signal)
  const b = await readTilePoints(files, whole, 1, number, signal)
  reading.advance(points)
  const { compare, measure } = partsOfTile(points, work)
  const onCompared = countInTurn(progress, 'Compare_Clouds', 'points', compare)
  let onMeasured: ((points: number) => void) | undefined
  const measured = await workOnTile(whole, number, [a, b], {
    ...{ signal, threads, onCompared },
    onMeasured: (count) => {
      onMeasured ??= countInTurn(progress, 'Cluster_Changes', 'points', measure)
      onMeasured(count)
    },
  })
  await writeTileResults(results, measured)
}

async function planMerge(run: PlannedRun, tiles: Tile[]): Promise<PlannedPart<Step>[]> {
  const count = await pointsOf(run.inputs)
  const whole = await planChangeDetection(run)
  return [
    ...partsOfMerge(count, tiles.length, run.options ?? {}),
    ...whole.filter(({ step }) => step === 'Write_Results'),
  ]
}

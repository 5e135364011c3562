// How a large change detection is divided. One attempt deals out the points of both surveys to tiles in plan, each with the
// points around it, and finds what all tiles have to know; a tile measures distances and surfaces; merging finds the changes
// among what they measured. Objects and distances are those of an undivided run.
import { countInTurn } from '../count-in-turn.ts'
import type { Division, JobContext, PlannedPart, PlannedRun, Tile, TileContext } from '../job-type.ts'
import { headersOf } from '../point-clouds/reading-work.ts'
import { runInParts } from '../run-in-parts.ts'
import { filesOf } from './epoch-inputs.ts'
import { planChangeDetection, type Step } from './step-costs.ts'
import { canBeDivided, isRunInTiles } from './tiles/can-be-divided.ts'
import { divide } from './tiles/divide.ts'
import { merge } from './tiles/merge.ts'
import { readPointFile } from '../point-clouds/tiles/point-files.ts'
import {
  dealSeconds,
  factsOf,
  mergeSeconds,
  mostTilePoints,
  partsOf,
  partsOfMerge,
  secondsOf,
  spacingSeconds,
  sum,
  tilesOfSmallest,
} from './tiles/tile-costs.ts'
import { writeTileResults } from './tiles/tile-results.ts'
import { pointsName, readWhole, wholeName } from './tiles/whole.ts'
import { isTwofold, partsOfTile, workOnTile } from './tiles/work-on-tile.ts'

export const changeDivision: Division<Step> = {
  isLarge,
  planDivide,
  divide,
  planTile,
  runTile,
  planMerge,
  merge,
}

const names = ['A', 'B'] as const

async function isLarge({ inputs, options = {} }: PlannedRun, fromPoints: number): Promise<boolean> {
  if (!canBeDivided(inputs, options)) return false
  return (await pointsIn(names.flatMap((epoch) => filesOf(epoch, inputs)))) > fromPoints
}

async function pointsIn(files: PlannedRun['inputs'][string]): Promise<number> {
  return (await headersOf(files)).reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

async function planDivide(run: PlannedRun) {
  const count = await pointsIn(names.flatMap((epoch) => filesOf(epoch, run.inputs)))
  const whole = await planChangeDetection(run)
  const reads = whole.filter(({ step }) => step === 'Read_Clouds')
  const parts: PlannedPart<Step>[] = [
    ...reads.map((part) => ({ ...part, secondsEach: part.secondsEach + dealSeconds })),
    ...whole.filter(({ part }) => part === 'shift'),
    { step: 'Compare_Clouds', part: 'spacing', total: count, secondsEach: spacingSeconds },
  ]
  const later = whole.filter(({ step, part }) => step !== 'Read_Clouds' && part !== 'shift')
  return { parts, laterSeconds: secondsOf(later) + count * sum(Object.values(mergeSeconds)) }
}

/** Of a run in one process, in memory or in tiles. */
export async function planRun(run: PlannedRun): Promise<PlannedPart<Step>[]> {
  const count = await pointsIn(names.flatMap((epoch) => filesOf(epoch, run.inputs)))
  if (!isRunInTiles(run.inputs, run.options ?? {}, count)) return planChangeDetection(run)
  const facts = { number: 0, points: 1.2 * count, isTwofold: false }
  const secondsEach = secondsOf(partsOf(facts, run.threads)) / count
  const whole = await planChangeDetection(run)
  return [
    ...(await planDivide(run)).parts,
    { ...countedInTiles, total: count, secondsEach },
    ...partsOfMerge(count, Math.ceil(count / mostTilePoints)),
    ...whole.filter(({ step }) => step === 'Write_Results'),
  ]
}

const countedInTiles = { step: 'Compare_Clouds', part: 'tiles' } as const

/** A run in one process, part after part: for surveys that its memory does not hold. */
export async function runInTiles(context: JobContext<Step>, points: number): Promise<void> {
  const fromPoints = tilesOfSmallest * mostTilePoints
  await runInParts(changeDivision, context, { fromPoints, counting: { ...countedInTiles, points } })
}

/** By the threads that the tile was planned for. */
function planTile(tile: Tile): PlannedPart<Step>[] {
  return partsOf(factsOf(tile), 2)
}

async function runTile({ tile, files, results, progress, signal, threads }: TileContext<Step>) {
  const { number, points } = factsOf(tile)
  const whole = await readWhole(files[wholeName]!)
  const reading = progress.begin('Read_Clouds', { part: 'points', total: points, unit: 'points' })
  const a = await readPointFile(files[pointsName(0, number)]!, signal)
  const b = await readPointFile(files[pointsName(1, number)]!, signal)
  reading.advance(points)
  const { compare, measure } = partsOfTile(points, isTwofold(whole))
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
  const count = await pointsIn(names.flatMap((epoch) => filesOf(epoch, run.inputs)))
  const whole = await planChangeDetection(run)
  return [...partsOfMerge(count, tiles.length), ...whole.filter(({ step }) => step === 'Write_Results')]
}

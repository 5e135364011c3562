// How a large change detection is divided. One attempt deals out the points of both surveys to tiles in plan, each with the
// points around it, and finds what all tiles have to know; a tile measures distances and surfaces; merging finds the changes
// among what they measured. Objects and distances are those of an undivided run.
import { suggestedLinkDistance } from '@alidade/analysis'
import { jobWarningMessage } from '@alidade/contract'
import { countInTurn } from '../count-in-turn.ts'
import { JobError } from '../job-error.ts'
import type {
  Division,
  JobContext,
  MergeContext,
  PlannedPart,
  PlannedRun,
  Tile,
  TileContext,
  WorkFolder,
} from '../job-type.ts'
import { type Cloud, closeClouds, openCloud } from '../point-clouds/cloud.ts'
import { headersOf } from '../point-clouds/reading-work.ts'
import { releaseMemory } from '../release-memory.ts'
import { runInParts } from '../run-in-parts.ts'
import { knownDeviation, seekShift, shiftWarning } from './align-surveys.ts'
import { filesOf, inputOf, shownInputOf } from './epoch-inputs.ts'
import { cellInLinkDistances } from './find-changes.ts'
import { commonCrs } from './found-change.ts'
import { inspectClouds } from './inspect.ts'
import { measuredCosts } from './measured-costs.ts'
import { isSegmented } from './segmented-clouds.ts'
import { planChangeDetection, readPart, type Step } from './step-costs.ts'
import { canBeDivided, isRunInTiles } from './tiles/can-be-divided.ts'
import { chooseThresholds } from './thresholds.ts'
import { localFile } from './tiles/columns-file.ts'
import { DividedRun } from './tiles/evidence-of-tiles.ts'
import { findingParts, findingPasses, findInTiles } from './tiles/find-in-tiles.ts'
import { copyOf, frameOfSurveys, moveBack, spacingInTiles } from './tiles/find-whole.ts'
import { dealOut, planTiles, type DealtSurvey } from './tiles/partition.ts'
import { readPointFile } from './tiles/point-files.ts'
import { readOwnPoints, writeTileResults } from './tiles/tile-results.ts'
import { pointsName, readWhole, type Whole, wholeName, writeWhole } from './tiles/whole.ts'
import { isTwofold, partsOfTile, workOnTile } from './tiles/work-on-tile.ts'
import { writeResults } from './write-results.ts'

export const changeDivision: Division<Step> = {
  isLarge,
  planDivide,
  divide,
  planTile,
  runTile,
  planMerge,
  merge,
}

/** Tiles have about so many points, where jobs of four times as many are divided. */
const mostTilePoints = 4_000_000
const tilesOfSmallest = 4
/** Of a runner without points, and for each point of a tile. */
const tileMegabytes = 300
const tileBytesPerPoint = 180
/** The neighbourhoods of the cells of surfaces reach so many cells beyond a tile, and a hair. */
const reachInCells = 3.01

/**
 * Seconds for a point, to deal it out and to put what its tile has found together with the rest: of one thread, by
 * `bench/divided.ts`, beside the search for a shift, whose cost is known.
 */
const dealSeconds = 1e-8
const spacingSeconds = 6e-8
const mergeSeconds = { settle: 5e-8, surfaces: 1.2e-8, evidence: 6e-8, describe: 1e-8 } as const

const epochs = [0, 1] as const
const names = ['A', 'B'] as const

async function isLarge({ inputs, options = {} }: PlannedRun, fromPoints: number): Promise<boolean> {
  if (!canBeDivided(inputs, options)) return false
  return (await pointsIn(names.flatMap((epoch) => filesOf(epoch, inputs)))) > fromPoints
}

async function pointsIn(files: PlannedRun['inputs'][string]): Promise<number> {
  return (await headersOf(files)).reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

const secondsOf = (parts: readonly PlannedPart<Step>[]) =>
  parts.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)

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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

async function divide(context: JobContext<Step>, shared: WorkFolder, fromPoints: number) {
  const { inputs, outputs, options, progress, signal, threads, warn } = context
  const clouds: Cloud[] = []
  try {
    for (const epoch of names)
      clouds.push(await openCloud(shownInputOf(epoch, inputs), filesOf(epoch, inputs), signal))
    const [a, b] = clouds as [Cloud, Cloud]
    const inspection = await inspectClouds(
      { [inputOf('A', inputs)]: a.files, [inputOf('B', inputs)]: b.files },
      Object.keys(outputs),
      signal,
      options,
    )
    for (const warning of inspection.warnings) warn(warning)
    if (inspection.faults[0]) throw new JobError(inspection.faults[0].error)

    const tilePoints = Math.min(mostTilePoints, fromPoints / tilesOfSmallest)
    const plan = await planTiles(clouds, tilePoints, { signal, threads })
    let fileNumber = 0
    const counted = (cloud: Cloud) => (file: number) => {
      const total = cloud.headers[file]!.pointCount
      const part = { part: readPart(++fileNumber), total, unit: 'points' }
      const reading = progress.begin('Read_Clouds', part)
      return (points: number) => reading.advance(points)
    }
    const dealing = (onFile: (cloud: Cloud) => (file: number) => (points: number) => void) =>
      epochs.map(
        (epoch) => () =>
          dealOut(clouds[epoch]!, epoch, plan, { shared, signal, threads, onFile: onFile(clouds[epoch]!) }),
      )
    let dealt = await inTurn(dealing(counted))
    const [samplesA, samplesB] = dealt.map(({ samples }) => samples) as [Samples, Samples]
    const found = await seekShift(samplesA.shift, samplesB.shift, { progress, signal })
    if (found.isSure) warn(shiftWarning(found, commonCrs({ a, b })?.linearUnit.name ?? 'units'))
    const shift: Whole['shift'] = found.isSure ? found.vector : [0, 0, 0]

    const pointCounts: Whole['pointCounts'] = [a.pointCount, b.pointCount]
    const alignedBulk = moveBack(copyOf(samplesB.bulk), shift)
    const frames: Whole['frames'] = {
      lying: frameOfSurveys([samplesA.bulk, samplesB.bulk], pointCounts),
      aligned: frameOfSurveys([samplesA.bulk, alignedBulk], pointCounts),
    }
    const total = 2 * plan.tiles.bounds.length
    const spacing = progress.begin('Compare_Clouds', { part: 'spacing', total, unit: 'tiles' })
    const [spacingA, spacingB] = (await inTurn(
      epochs.map(
        (epoch) => () =>
          spacingInTiles({
            seeds: dealt[epoch]!.samples.spacing,
            tiles: plan.tiles.bounds,
            boxes: dealt[epoch]!.boxes,
            ...{ halo: plan.halo, frame: frames.aligned },
            shift: epoch === 0 ? [0, 0, 0] : shift,
            read: async (tile, isWanted) =>
              readPointFile(await localFile(shared.path(pointsName(epoch, tile))), signal, isWanted),
            onTile: () => spacing.advance(1),
          }),
      ),
    )) as [number, number]
    const spacings: Whole['spacings'] = [spacingA, spacingB]
    const suggested = suggestedLinkDistance(...spacings)
    const linkDistance = suggested > 0 ? suggested : chooseThresholds(options, { spacingA, spacingB }).high
    const cellSize = cellInLinkDistances * linkDistance
    // Sampled too roughly, the surveys are dealt out once more.
    const leastHalo = reachInCells * cellSize + Math.hypot(shift[0], shift[1])
    if (plan.tiles.bounds.length > 1 && !(plan.halo > leastHalo)) {
      plan.halo = 4 * leastHalo
      dealt = await inTurn(dealing(() => () => () => {}))
    }
    const whole: Whole = {
      ...{ pointCounts, spacings, frames, cellSize, linkDistance, shift },
      origin: frames.aligned.centre,
      shiftDeviation: knownDeviation(found.deviation),
      isAligned: found.isSure,
      isDistanceAsked: names.some((epoch) => isSegmented(epoch, Object.keys(outputs))),
      tiles: plan.tiles.bounds,
      halo: plan.halo,
      boxes: [dealt[0]!.boxes, dealt[1]!.boxes],
    }
    await writeWhole(shared.path(wholeName), whole)
    const tiles = plan.tiles.bounds.map((_, number) => tileOf(whole, number, dealt, threads))
    return { tiles, mergeSeconds: secondsOf(partsOfMerge(sum(pointCounts), tiles.length)) }
  } finally {
    await closeClouds(clouds)
  }
}

type Samples = DealtSurvey['samples']

async function inTurn<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = []
  for (const task of tasks) results.push(await task())
  return results
}

function tileOf(whole: Whole, number: number, dealt: readonly DealtSurvey[], threads: number) {
  const points = sum(dealt.map(({ counts }) => counts[number]!))
  const facts: TileFacts = { number, points, isTwofold: isTwofold(whole) }
  const tile: Tile = {
    name: `tile ${number + 1} of ${whole.tiles.length}`,
    files: [wholeName, ...epochs.map((epoch) => pointsName(epoch, number))],
    inputs: {},
    seconds: secondsOf(partsOf(facts, threads)),
    facts: { ...facts },
  }
  const memoryMegabytes = Math.ceil(tileMegabytes + (tileBytesPerPoint * points) / 1e6)
  return { ...tile, memoryMegabytes }
}

interface TileFacts {
  number: number
  /** In the tile and around it. */
  points: number
  /** Whether distances are measured twice. */
  isTwofold: boolean
}

function factsOf({ facts }: Tile): TileFacts {
  return facts as unknown as TileFacts
}

function partsOf({ points, isTwofold }: TileFacts, threads: number): PlannedPart<Step>[] {
  const { compare, measure } = partsOfTile(points, isTwofold)
  const each = {
    index: measuredCosts.index / Math.min(2, threads),
    distances: measuredCosts.distances / threads,
    alignedIndex: measuredCosts.index / Math.min(2, threads),
    alignedDistances: measuredCosts.distances / threads,
    cells: measuredCosts.cells / threads,
    offsets: measuredCosts.offsets / threads,
  }
  const listed = (step: Step, parts: Record<string, number>) =>
    Object.entries(parts).map(([part, total]) => ({
      ...{ step, part, total },
      secondsEach: each[part as keyof typeof each],
    }))
  return [
    { step: 'Read_Clouds', part: 'points', total: points, secondsEach: measuredCosts.readLas },
    ...listed('Compare_Clouds', compare),
    ...listed('Cluster_Changes', measure),
  ]
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

function partsOfMerge(points: number, tiles: number): PlannedPart<Step>[] {
  return findingParts.map((part) => {
    const total = findingPasses[part] * tiles
    return { step: 'Cluster_Changes', part, total, secondsEach: (mergeSeconds[part] * points) / total }
  })
}

async function planMerge(run: PlannedRun, tiles: Tile[]): Promise<PlannedPart<Step>[]> {
  const count = await pointsIn(names.flatMap((epoch) => filesOf(epoch, run.inputs)))
  const whole = await planChangeDetection(run)
  return [...partsOfMerge(count, tiles.length), ...whole.filter(({ step }) => step === 'Write_Results')]
}

async function merge(context: MergeContext<Step>): Promise<void> {
  const { inputs, divided, tiles, signal, warn } = context
  const whole = await readWhole(divided[wholeName]!)
  const results = [...tiles]
    .sort((one, other) => factsOf(one.tile).number - factsOf(other.tile).number)
    .map((tile) => tile.results)
  const clouds: Cloud[] = []
  try {
    for (const epoch of names)
      clouds.push(await openCloud(shownInputOf(epoch, inputs), filesOf(epoch, inputs), signal))
    const [a, b] = clouds as [Cloud, Cloud]
    for (const [epoch, { pointCount, files, input }] of clouds.entries())
      if (pointCount !== whole.pointCounts[epoch])
        throw new JobError('InputData_Changed', [files[0]!.name, input])
    const run = new DividedRun(whole, context, results)
    const { changes, around, settled, unseenGroups } = await findInTiles(run, context)
    releaseMemory()
    if (unseenGroups > 0) warn(jobWarningMessage('Area_Unseen', String(unseenGroups)))
    const numbered = changes.map((change) => ({
      ...change,
      indicesA: change.indicesA.map((i) => around[0].number[i]!),
      indicesB: change.indicesB.map((i) => around[1].number[i]!),
    }))
    const found = {
      ...{ changes, a, b, low: 1 },
      evidenceA: around[0].evidence,
      evidenceB: around[1].evidence,
    }
    await writeResults(context, found, async (name) => {
      const epoch = name === 'A' ? 0 : 1
      const distance = new Float32Array(whole.pointCounts[epoch])
      for (const [tile, files] of results.entries()) {
        const { number, lying } = await readOwnPoints(files, epoch, signal, ['number', 'lying'])
        const { open, lying: known } = settled[tile]![epoch]
        for (let k = 0; k < open.length; k++) lying[open[k]!] = known[k]!
        for (let i = 0; i < number.length; i++) distance[number[i]!] = lying[i]!
      }
      return { distance, changes: numbered }
    })
  } finally {
    await closeClouds(clouds)
  }
}

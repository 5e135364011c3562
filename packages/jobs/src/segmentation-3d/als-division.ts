// How a large segmentation by @alidade/als-basic is divided. One attempt finds the ground and deals out the points; a tile is
// segmented with the points around it; merging writes the clouds, and makes vectors of what all tiles have found. A run that is not
// divided does the same, one after the other: where edges of tiles are is a matter of the cloud alone, for results may depend on them.
import {
  footprintCell,
  lowestStanding,
  type PointArrays,
  planSpacing,
  type SegmentedWhole,
  segmentOptions,
  segmentPoints,
} from '@alidade/analysis'
import { writeSceneIfAsked } from '../extract-ground/write-scene.ts'
import type { Step as GroundStep } from '../extract-ground/step-costs.ts'
import { JobError } from '../job-error.ts'
import type {
  Division,
  JobContext,
  MergeContext,
  PlannedRun,
  StepProgress,
  Tile,
  TileContext,
  WorkFolder,
} from '../job-type.ts'
import { type Cloud, crsOfClouds } from '../point-clouds/cloud.ts'
import { headersOf, pointsOfHeaders } from '../point-clouds/reading-work.ts'
import { localFile } from '../point-clouds/tiles/columns-file.ts'
import { joined, placesWhere, valuesAt } from '../point-clouds/tiles/places.ts'
import { readPointFile } from '../point-clouds/tiles/point-files.ts'
import { releaseMemory } from '../release-memory.ts'
import { runInParts } from '../run-in-parts.ts'
import {
  cornerPart,
  isRunInTiles,
  memoryOfTile,
  partsOfDivide,
  partsOfMerge,
  partsOfSamples,
  apartIn,
  partsOfTile,
  partsOfTiles,
  planAls,
  secondsOf,
  type Step,
} from './als-costs.ts'
import { inspectVectors } from './als-inspect.ts'
import { classLabels } from './class-labels.ts'
import { findLines } from './found-vectors.ts'
import { segmentCounts } from './segment-counts.ts'
import {
  type CloudTile,
  dealCloud,
  type DealtCloud,
  filesOfTile,
  pointsName,
  readTile,
} from './tiles/cloud-in-tiles.ts'
import { type FoundInTile, foundInTile, foundSteps, readFound, writeFound } from './tiles/found-in-tile.ts'
import { FoundOfTiles } from './tiles/found-of-tiles.ts'
import { samplePart } from './tiles/sample-part.ts'
import { withClassesOfTiles, writeTileClasses } from './tiles/tile-classes.ts'
import { paceOf, writeKinds } from './write-found.ts'
import { writeSegmented } from './write-segmented.ts'

/** In tiles of about so many points. Whether a job is divided depends on `fromPoints`, into what does not. */
export function alsDivisionOf(tilePoints: number): Division<Step> {
  return {
    isLarge: async ({ inputs }, fromPoints) => {
      const points = await pointsIn(inputs)
      return points > fromPoints && isRunInTiles(points, tilePoints)
    },
    planDivide: (run) => planDivide(run, tilePoints),
    divide: (context, shared) => divide(context, shared, tilePoints),
    planTile: (tile, { threads }) => planTile(alsTileOf(tile), threads),
    runTile,
    planMerge: (run, tiles) => partsOfMerge(run, tiles.length),
    merge,
  }
}

/** Points so far around a tile are segmented with it: most that tells what a place is lies nearer. */
const haloMetres = 25

/** Kept with each tile, beside what all segmentations keep. */
interface AlsTile extends CloudTile, SegmentedWhole {
  /** Units of the cloud in a metre. */
  unitsPerMetre: number
}

const alsTileOf = ({ facts }: Pick<Tile, 'facts'>) => facts as unknown as AlsTile

async function pointsIn(inputs: PlannedRun['inputs']): Promise<number> {
  const headers = await headersOf(inputs.pointClouds ?? [])
  return pointsOfHeaders(headers)
}

const countedInTiles = { step: 'Classify_Points', part: 'tiles' } as const

/** Of a run in one process, in memory or in tiles. */
export async function planRun(run: PlannedRun, tilePoints: number) {
  const points = await pointsIn(run.inputs)
  if (!isRunInTiles(points, tilePoints)) return planAls(run)
  const secondsEach = secondsOf(await partsOfTiles(run)) / points
  return [
    ...(await partsOfDivide(run)),
    { ...countedInTiles, total: points, secondsEach },
    ...(await partsOfMerge(run, Math.ceil(points / tilePoints))),
  ]
}

/** A run in one process, tile by tile. */
export async function runInTiles(
  context: JobContext<Step>,
  points: number,
  tilePoints: number,
): Promise<void> {
  const counting = { ...countedInTiles, points }
  await runInParts(alsDivisionOf(tilePoints), context, { fromPoints: Infinity, counting })
}

function planTile({ points, footprintCell, unitsPerMetre }: AlsTile, threads: number) {
  return partsOfTile(points, apartIn(footprintCell / unitsPerMetre), threads)
}

async function planDivide(run: PlannedRun, tilePoints: number) {
  const points = await pointsIn(run.inputs)
  const tiles = Math.ceil(points / tilePoints)
  const later = [...(await partsOfTiles(run)), ...(await partsOfMerge(run, tiles))]
  return {
    parts: await partsOfDivide(run),
    tiles,
    laterSeconds: secondsOf(later),
  }
}

function unitsIn(cloud: Cloud): number {
  return 1 / (crsOfClouds(cloud)?.linearUnit.metres ?? 1)
}

async function divide(context: JobContext<Step>, shared: WorkFolder, tilePoints: number) {
  const { outputs, signal, threads, warn } = context
  let sampling: StepProgress | undefined
  const dealing = {
    tilePoints,
    farPoints: 'apart' as const,
    mayGrow: true,
    onOpened: async ({ headers }: Cloud) => {
      const { step, part, total } = samplePart(headers)
      sampling = context.progress.begin(step, { part, total, unit: 'places' })
    },
    onPlace: () => sampling?.advance(1),
    halo: (cloud: Cloud) => haloMetres * unitsIn(cloud),
  }
  const ground = context as unknown as JobContext<GroundStep>
  return dealCloud(ground, shared, dealing, async (dealt) => {
    const { cloud, surface, tiles } = dealt
    const { faults, warnings } = inspectVectors(Object.keys(outputs), crsOfClouds(cloud))
    if (faults[0] !== undefined) throw new JobError(faults[0].error)
    for (const warning of warnings) warn(warning)
    const unitsPerMetre = unitsIn(cloud)
    const whole: SegmentedWhole = {
      origin: await lowestOfAll(dealt, shared, context),
      footprintCell: await cellOfBuildings(tiles, unitsPerMetre, shared, signal),
    }
    const run = { inputs: { pointClouds: cloud.files }, outputs: Object.keys(outputs), threads }
    return {
      tiles: tiles.map((tile) => ({
        name: `tile ${tile.number + 1} of ${tiles.length}`,
        files: filesOfTile(tile),
        inputs: {},
        seconds: secondsOf(planTile({ ...tile, ...whole, unitsPerMetre }, threads)),
        memoryMegabytes: memoryOfTile(tile.points, surface.height.length),
        facts: { ...tile, ...whole, unitsPerMetre },
      })),
      mergeSeconds: secondsOf(await partsOfMerge(run, tiles.length)),
    }
  })
}

/**
 * Where samples begin, in however many tiles. On each axis tiles are looked at from the lowest on, until none can have a lower
 * point.
 */
async function lowestOfAll(
  { surface, tiles, boxes }: DealtCloud,
  shared: WorkFolder,
  { progress, signal }: Pick<JobContext<Step>, 'progress' | 'signal'>,
): Promise<[number, number, number]> {
  let left = tiles.reduce((sum, { points }) => sum + points, 0)
  const looking = progress.begin('Find_Ground', { part: cornerPart, total: left, unit: 'points' })
  const lowest: [number, number, number] = [Infinity, Infinity, Infinity]
  const seen = new Set<CloudTile>()
  for (const axis of [0, 1, 2] as const) {
    const lowOf = ({ number }: CloudTile) => boxes[number]![axis]!
    for (const tile of tiles.toSorted((one, other) => lowOf(one) - lowOf(other))) {
      if (lowOf(tile) >= lowest[axis]) break
      if (seen.has(tile)) continue
      seen.add(tile)
      const points = await readPointFile(await localFile(shared.path(pointsName(tile.number))), signal)
      const pace = paceOf(looking, tile.points, signal)
      for (const [on, low] of (await lowestStanding(points, surface, pace)).entries())
        lowest[on] = Math.min(lowest[on]!, low)
      left -= tile.points
    }
  }
  looking.advance(left)
  // Where nothing stands there are no samples.
  return lowest.every(Number.isFinite) ? lowest : [0, 0, 0]
}

/** In so many tiles so much around a point is looked at, to see how dense the cloud is. */
const [lookedAtTiles, lookedAtMetres] = [4, 50]

/** The edge of a cell that all tiles have: those of buildings have to fit each other. */
async function cellOfBuildings(
  tiles: readonly CloudTile[],
  unitsPerMetre: number,
  shared: WorkFolder,
  signal: AbortSignal,
): Promise<number> {
  const options = segmentOptions(unitsPerMetre)
  const every = Math.ceil(tiles.length / lookedAtTiles)
  const half = (lookedAtMetres * unitsPerMetre) / 2
  const near: PointArrays[] = []
  for (const tile of tiles.filter(({ number, own }) => own > 0 && number % every === 0)) {
    const { x, y, z } = await readPointFile(await localFile(shared.path(pointsName(tile.number))), signal)
    const [middleX, middleY] = [x[x.length >> 1]!, y[y.length >> 1]!]
    const isNear = (i: number) => Math.abs(x[i]! - middleX) < half && Math.abs(y[i]! - middleY) < half
    const places = placesWhere(x.length, isNear)
    near.push({ x: valuesAt(x, places), y: valuesAt(y, places), z: valuesAt(z, places) })
  }
  const column = (axis: 'x' | 'y' | 'z') =>
    joined(
      near.map((points) => points[axis]),
      new Float64Array(0),
    )
  const points = { x: column('x'), y: column('y'), z: column('z') }
  return footprintCell(await planSpacing(points, options, async () => signal.throwIfAborted()), options)
}

async function runTile(context: TileContext<Step>): Promise<void> {
  const { tile, results, progress, signal, threads } = context
  const facts = alsTileOf(tile)
  const { unitsPerMetre } = facts
  const all = { total: facts.points, unit: 'points' }
  const reading = progress.begin('Classify_Points', { part: 'read', ...all })
  const { points, surface } = await readTile(context)
  reading.advance(all.total)
  const segmentation = await segmentPoints(points, surface, segmentOptions(unitsPerMetre), {
    ...{ threads, signal, whole: facts },
    onAdvance: segmentCounts(progress, (samples) =>
      partsOfSamples([], samples, apartIn(facts.footprintCell / unitsPerMetre)),
    ),
  })
  releaseMemory()
  const keeping = progress.begin('Classify_Points', { part: 'keep', ...all })
  await writeTileClasses(results, facts, points, segmentation)
  keeping.advance(all.total)
  const total = foundSteps * segmentation.samples.x.length
  const finding = progress.begin('Classify_Points', { part: 'things', total, unit: 'samples' })
  const pace = paceOf(finding, total, signal)
  await writeFound(results, await foundInTile(segmentation, facts, unitsPerMetre, pace))
  await pace(total)
}

async function merge(context: MergeContext<Step>): Promise<void> {
  const { outputs, options, signal, tiles, progress } = context
  await withClassesOfTiles(context, async ({ cloud, region, clipInput, found }) => {
    const count = await writeSegmented({ cloud, region }, context, found)
    if (region !== undefined && count === 0)
      throw new JobError('InputData_Invalid', [clipInput!, 'the region holds none of the points.'])
    await writeSceneIfAsked(cloud, context as unknown as JobContext<GroundStep>, classLabels)
    const inTiles: FoundInTile[] = []
    const reading = progress.begin('Write_Results', { part: 'found', total: tiles.length, unit: 'tiles' })
    for (const { results } of tiles) {
      inTiles.push(await readFound(results, signal))
      reading.advance(1)
    }
    const facts = alsTileOf(tiles[0]!.tile)
    const total = FoundOfTiles.joinWork(inTiles)
    const joining = progress.begin('Write_Results', { part: 'join', total, unit: 'cells' })
    const all = await FoundOfTiles.of(inTiles, facts.footprintCell, paceOf(joining, total, signal))
    const withWidth = options.computeLineWidth === true
    const leastLength = Number(options.removeSmallLines ?? 0)
    const lines = { unitsPerMetre: facts.unitsPerMetre, region, withWidth, leastLength }
    await writeKinds(
      {
        objects3D: {
          ...{ total: all.objectsWork, unit: 'objects' },
          find: (pace) => all.objects(region, pace),
        },
        lines3D: {
          ...{ total: all.linesWork, unit: 'lines' },
          find: async (pace) => findLines(await all.wires(pace), lines, pace),
        },
        polygons3D: {
          ...{ total: all.polygonsWork, unit: 'cells' },
          find: (pace) => all.polygons(region, pace),
        },
      },
      { outputs, options, crs: crsOfClouds(cloud), signal, progress },
    )
  })
}

// How a large classification by a model is divided. One attempt finds the ground, tries the model and deals the points out to
// tiles, each made of whole blocks and with the points around it that these see; a tile shows its blocks to the model; merging gives
// each point the surest label that any tile has found for it, and makes vectors of these. The segmented cloud is that of an undivided
// run, byte for byte.
import type { PointArrays } from '@alidade/analysis'
import { withCloud } from '../../extract-ground/with-cloud.ts'
import { boundsOfHeaders } from '../../extract-ground/raster-plan.ts'
import { JobError } from '../../job-error.ts'
import type {
  Division,
  JobContext,
  MergeContext,
  PlannedPart,
  StepProgress,
  Tile,
  TileContext,
  WorkFolder,
} from '../../job-type.ts'
import { type Cloud, crsOfClouds } from '../../point-clouds/cloud.ts'
import { contains } from '../../point-clouds/tiles/plan-tiles.ts'
import { askedVectors } from '../from-classes/vector-classes.ts'
import { releaseMemory } from '../../release-memory.ts'
import { type CloudTile, dealCloud, filesOfTile, readTile } from '../tiles/cloud-in-tiles.ts'
import { classifyVoxels } from './classify-voxels.ts'
import {
  type Attribute,
  attributesOf,
  CloudVoxels,
  isColour,
  metresOf,
  mostVoxelBytes,
  otherMegabytes,
  voxelGridOf,
} from './cloud-voxels.ts'
import {
  type ModelCosts,
  planDividing,
  planMerging,
  pointsOf,
  secondsOf,
  type Step,
  tileParts,
  tilePointsOf,
} from './plan.ts'
import { samplePart } from '../tiles/sample-part.ts'
import { openModel, tryModel } from './ready-model.ts'
import { LabelsOfTiles, writeTileLabels } from './tile-labels.ts'
import { writeWithVectors } from './vectors-in-tiles.ts'
import { writeResults } from './write-labelled.ts'

export const onnxDivision: Division<Step> = {
  isLarge: async (run, fromPoints) => (await pointsOf(run)) > fromPoints,
  planDivide: planDividing,
  divide,
  planTile,
  runTile,
  planMerge: planMerging,
  merge,
}

/** Voxels that are cut off by the edge of what a tile knows, and those that take part in their normals, lie in so many. */
const rimVoxels = 4
/** Places, number and attributes of a point. */
const pointBytes = 56

/** With the points around it, of what was planned. */
export const largestTile = 1.6

/** Where each point is a voxel. */
export function tileMegabytes(points: number): number {
  return (points * (pointBytes + mostVoxelBytes)) / 1e6
}

interface TileFacts extends CloudTile {
  /** Lowest corner of the whole cloud, and metres in a unit of each axis. */
  min: readonly number[]
  metres: [number, number, number]
  /** The highest number of a colour in the whole cloud. */
  brightest: number
  /** What was found out of the model, and what of it the cost depends on. */
  costs: ModelCosts
  threads: number
}

async function divide(context: JobContext<Step>, shared: WorkFolder, fromPoints: number) {
  const { threads } = context
  const model = await openModel(context)
  const { features, blockSizeMetres, overlapMetres } = model
  const attributes = attributesOf(features)
  let tried: Pick<ModelCosts, 'seconds' | 'voxels'>
  let sampling: StepProgress | undefined
  const placeOf = (cloud: Cloud) => ({
    metres: metresOf(crsOfClouds(cloud)),
    min: boundsOfHeaders(cloud.headers)!.min,
  })
  const dealing = {
    tilePoints: tilePointsOf(fromPoints),
    attributes,
    mayGrow: !hasVectors(context),
    onOpened: async (cloud: Cloud) => {
      tried = await tryModel(model, cloud, context)
      const { step, part, total } = samplePart(cloud.headers)
      sampling = context.progress.begin(step, { part, total, unit: 'places' })
    },
    onPlace: () => sampling?.advance(1),
    squares: (cloud: Cloud) => {
      const { metres, min } = placeOf(cloud)
      const [x, y] = voxelGridOf({ ...model, metres, min }).origin
      const size = [blockSizeMetres / metres[0], blockSizeMetres / metres[1]] as const
      return { origin: [x, y] as const, size }
    },
    halo: (cloud: Cloud) => (overlapMetres + rimVoxels * model.voxelSizeMetres) / placeOf(cloud).metres[0],
  }
  return dealCloud(context, shared, dealing, async ({ cloud, surface, tiles, highest }) => {
    const colours = highest.filter((_, k) => isColour(attributes[k]!))
    const about = {
      ...placeOf(cloud),
      brightest: Math.max(0, ...colours),
      costs: { ...tried, features, blockSizeMetres, overlapMetres },
      threads,
    }
    const surfaceMegabytes = (8 * surface.height.length) / 1e6
    return {
      tiles: tiles.map((tile) => {
        const facts: TileFacts = { ...tile, ...about }
        return {
          name: `tile ${tile.number + 1} of ${tiles.length}`,
          files: filesOfTile(tile),
          inputs: {},
          seconds: secondsOf(partsOf(facts)),
          memoryMegabytes: Math.ceil(otherMegabytes + surfaceMegabytes + tileMegabytes(tile.points)),
          facts: { ...facts },
        }
      }),
      mergeSeconds: secondsOf(
        await planMerging({
          ...{ inputs: { pointClouds: cloud.files }, outputs: Object.keys(context.outputs) },
          ...{ options: context.options, threads },
        }),
      ),
    }
  })
}

/** Where the ground is seen, which vectors are made by, is kept within the bounds of headers. */
export function hasVectors({ outputs }: Pick<JobContext, 'outputs'>): boolean {
  return askedVectors(Object.keys(outputs)).length > 0
}

function factsOf({ facts }: Pick<Tile, 'facts'>): TileFacts {
  return facts as unknown as TileFacts
}

function partsOf({ points, costs, threads }: TileFacts): PlannedPart<Step>[] {
  return tileParts(points, costs, threads)
}

function planTile(tile: Tile): PlannedPart<Step>[] {
  return partsOf(factsOf(tile))
}

const pointsAtATime = 1 << 16

async function runTile(context: TileContext<Step>): Promise<void> {
  const { tile, results, progress, signal, threads, memoryLimitMegabytes } = context
  const facts = factsOf(tile)
  const model = await openModel(context)
  const { surface, points, columns } = await readTile(context)
  const count = points.number.length
  const thinning = progress.begin('Classify_Points', { part: 'thin', total: count, unit: 'points' })
  const all = new CloudVoxels({
    ...{ ...model, metres: facts.metres, min: facts.min },
    memoryLimitMegabytes: memoryLimitMegabytes && memoryLimitMegabytes - (count * pointBytes) / 1e6,
    expected: facts.costs.voxels.perPoint * count,
  })
  for (let from = 0; from < count; from += pointsAtATime) {
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
    const to = Math.min(count, from + pointsAtATime)
    const valuesOf = (name: Attribute) => columns[facts.attributes.indexOf(name)]!.subarray(from, to)
    all.add(stretchOf(points, from, to), to - from, valuesOf)
    thinning.advance(to - from)
  }
  all.scale(facts.brightest)
  const found = await classifyVoxels(all, {
    ...{ model, surface, metres: facts.metres, progress, signal, threads },
    isWanted: (x, y) => contains(facts, x, y),
  })
  const finding = progress.begin('Classify_Points', { part: 'find', total: count, unit: 'points' })
  await writeTileLabels(results, points, {
    ...{ voxels: all.voxels, found, signal },
    onWritten: (points) => finding.advance(points),
  })
  releaseMemory()
}

function stretchOf({ x, y, z }: PointArrays, from: number, to: number): PointArrays {
  return { x: x.subarray(from, to), y: y.subarray(from, to), z: z.subarray(from, to) }
}

async function merge(context: MergeContext<Step>): Promise<void> {
  const { tiles } = context
  const model = await openModel(context)
  await withCloud(context, async ({ cloud, clipInput, region }) => {
    const dealt = tiles.reduce((sum, { tile }) => sum + factsOf(tile).own, 0)
    if (dealt !== cloud.pointCount)
      throw new JobError('InputData_Changed', [cloud.files[0]!.name, cloud.input])
    const labels = await LabelsOfTiles.open(tiles.map(({ results }) => results))
    try {
      const labelled = { cloud, clipInput, region: await region(), labels }
      await (hasVectors(context) ? writeWithVectors : writeResults)(context, model, labelled)
    } finally {
      await labels.close()
    }
  })
}

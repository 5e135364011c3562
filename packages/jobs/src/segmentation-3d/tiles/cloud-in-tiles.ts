// The points of a cloud in tiles, for a segmentation that no memory holds. Whatever finds the classes, it goes like this:
//
//   divide   `dealCloud` reads every point once: it finds the ground, and writes into the shared folder the surface and a file of
//            points for each tile, with those around it. Each `CloudTile` becomes a tile of the division; its `files` and `facts`.
//   tile     `readTile` gives the points of one tile back, in the order of the cloud, with the attributes that were asked for;
//            `isCore` tells those of the tile from those around it. `writeTileClasses` (tile-classes.ts) keeps a byte for the
//            class and one for the confidence of each core point. Other files of the tile's own go beside it.
//   merge    `withClassesOfTiles` (tile-classes.ts) opens the cloud again and has the classes of all tiles in the order of the
//            cloud, for `writeSegmented`, which writes every output that is a cloud.
//
// What is in memory does not grow with the cloud: some points of each tile while they are dealt out, all points of one tile, some
// classes of each tile while they are merged. Rasters of the ground are as in a run in one piece.
import type { GroundSurface, PointArrays } from '@alidade/analysis'
import { attributeNames, decodeAttribute, type PointBatch } from '@alidade/formats'
import type { FarPoints } from '../../extract-ground/inspect.ts'
import type { Step as GroundStep } from '../../extract-ground/step-costs.ts'
import { SurfaceFile, writeSurface } from '../../extract-ground/surface-file.ts'
import { type FoundGround, withGround } from '../../extract-ground/with-ground.ts'
import type { JobContext, Tile, TileContext, WorkFolder } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { PointDeal, planTiles, type Squares, type TilePlan } from '../../point-clouds/tiles/partition.ts'
import { contains, type TileBounds } from '../../point-clouds/tiles/plan-tiles.ts'
import { type NumberedPoints, readPointsAndColumns } from '../../point-clouds/tiles/point-files.ts'

/** JSON: the facts of a tile, to be kept among those of a `Tile`. */
export interface CloudTile extends TileBounds {
  /** From 0. */
  number: number
  /** How many points lie in it, and how many there are with those around it. */
  own: number
  points: number
  /** As they were asked for, in their order. */
  attributes: string[]
}

/** Points of a batch, and what goes with each of them: as many of each array as `count` says. */
export interface ChosenPoints {
  count: number
  places: PointArrays
  columns: readonly Float32Array[]
}

export interface DealOptions {
  /** The input that the cloud is of. */
  input?: string
  /** As of `withGround`; `mayGrow` by default not. */
  farPoints?: FarPoints
  mayGrow?: boolean
  /** Says which points of a batch are dealt out, with the attributes; all without. Numbers of points then tell their order alone. */
  choose?: (cloud: Cloud, file: number, batch: PointBatch, places: PointArrays) => ChosenPoints
  /** Tiles of about so many points: between 0.7 and 1.4 times that. */
  tilePoints: number
  /** Gets the cloud before anything of it is read. */
  onOpened?: (cloud: Cloud) => Promise<void>
  /** Called for each place of the cloud that was looked at to plan the tiles (`samplePlaces`). */
  onPlace?: () => void
  /** Where tiles have to be made of whole squares. */
  squares?: (cloud: Cloud) => Squares
  /** In the unit of the cloud, on each axis: how far around a tile its points are known to it. */
  halo(cloud: Cloud): number
  /** Of LAS, by their names: numbers of 32 bits beside the places. Points of a file that does not have one get 0. */
  attributes?: readonly string[]
}

export interface DealtCloud extends Omit<FoundGround, 'records' | 'lazThreads'> {
  tiles: CloudTile[]
  /** Of each tile, around the points in it: lowest x, y, z, then highest. */
  boxes: number[][]
  /** Of all points, of each attribute. */
  highest: number[]
}

/** Name of the shared file of the ground. */
export const surfaceName = 'surface'
/** Name of the shared file of a tile, which `readPointFile` reads. */
export const pointsName = (tile: number) => `points-${tile}`

/** Names of the shared files that a tile reads. */
export function filesOfTile({ number }: CloudTile): string[] {
  return [surfaceName, pointsName(number)]
}

/** Opens and reads the cloud, and closes it when `work` is done. Tiles depend on the cloud and `options`, and on nothing else. */
export async function dealCloud<T>(
  context: JobContext<GroundStep>,
  shared: WorkFolder,
  {
    input,
    farPoints,
    mayGrow = false,
    choose,
    tilePoints,
    onOpened,
    onPlace,
    squares,
    halo,
    attributes = [],
  }: DealOptions,
  work: (dealt: DealtCloud) => Promise<T>,
): Promise<T> {
  const { signal, threads } = context
  const highest = attributes.map(() => 0)
  const dealing: { plan?: TilePlan; deal?: PointDeal } = {}
  try {
    return await withGround(
      // Every point has to be seen: what an earlier attempt had of the raster is no help.
      { ...context, kept: undefined },
      async ({ cloud, surface, region, clipInput }) => {
        const { plan, deal } = dealing as Required<typeof dealing>
        await deal.close()
        await writeSurface(shared.path(surfaceName), surface, context.progress)
        const tiles = plan.tiles.bounds.map((bounds, number): CloudTile => {
          const own = { own: deal.own[number]!, points: deal.counts[number]! }
          return { number, ...finite(bounds), ...own, attributes: [...attributes] }
        })
        return work({ cloud, surface, region, clipInput, tiles, boxes: deal.boxes, highest })
      },
      {
        ...{
          stay: false,
          mayGrow,
          ...(input !== undefined && { input }),
          ...(farPoints !== undefined && { farPoints }),
        },
        onOpened: async (cloud) => {
          await onOpened?.(cloud)
          const { tiles } = await planTiles(
            [cloud],
            tilePoints,
            { signal, threads },
            { squares: squares?.(cloud), onPlace },
          )
          dealing.plan = { tiles, halo: halo(cloud) }
          const pathOf = (tile: number) => shared.path(pointsName(tile))
          dealing.deal = await PointDeal.begin(dealing.plan, pathOf, attributes.length)
        },
        onBatch: async (cloud, file, batch, columns) => {
          const { headers } = cloud
          const header = headers[file]!
          const first = headers.slice(0, file).reduce((sum, { pointCount }) => sum + pointCount, 0)
          const chosen = choose?.(cloud, file, batch, columns)
          if (chosen !== undefined) {
            await dealing.deal!.add(chosen.places, chosen.count, first + batch.firstIndex, chosen.columns)
            return
          }
          const known = new Set(attributeNames(header))
          const values = attributes.map((name) =>
            known.has(name)
              ? Float32Array.from(decodeAttribute(batch, header, name))
              : new Float32Array(batch.count),
          )
          for (const [k, column] of values.entries())
            for (const value of column) if (value > highest[k]!) highest[k] = value
          await dealing.deal!.add(columns, batch.count, first + batch.firstIndex, values)
        },
      },
    )
  } finally {
    await dealing.deal?.close()
  }
}

/** JSON has no infinite numbers, and edges of the outer tiles are such. */
function finite({ from, to }: TileBounds): TileBounds {
  const most = Number.MAX_VALUE
  const within = ([x, y]: [number, number]): [number, number] => [
    Math.max(-most, Math.min(most, x)),
    Math.max(-most, Math.min(most, y)),
  ]
  return { from: within(from), to: within(to) }
}

export function cloudTileOf({ facts }: Pick<Tile, 'facts'>): CloudTile {
  return facts as unknown as CloudTile
}

export interface PointsOfTile {
  /** Where the points are, and nowhere else. */
  surface: GroundSurface
  /** In the tile and around it, with their numbers in the cloud, in its order. */
  points: NumberedPoints
  /** Of each attribute. */
  columns: Float32Array[]
}

export async function readTile({
  tile,
  files,
  signal,
}: Pick<TileContext, 'tile' | 'files' | 'signal'>): Promise<PointsOfTile> {
  const { number, attributes } = cloudTileOf(tile)
  const read = await readPointsAndColumns(files[pointsName(number)]!, signal, { columns: attributes.length })
  const ground = await SurfaceFile.open(files[surfaceName]!)
  try {
    await ground.reach(read.points.y, read.points.y.length, signal)
    return { ...read, surface: ground.surface }
  } finally {
    await ground.close()
  }
}

/** Whether a place lies in the tile itself: every place does in one. */
export function isCore(tile: CloudTile, x: number, y: number): boolean {
  return contains(tile, x, y)
}

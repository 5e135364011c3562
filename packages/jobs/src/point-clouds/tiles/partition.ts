// Points of clouds dealt out to the tiles that they lie in or near, in one pass over the files.
import type { PointArrays } from '@alidade/analysis'
import { decodeXyz, type LasHeader, type PointBatch, readPointBatches } from '@alidade/formats'
import type { Cloud } from '../cloud.ts'
import { asJobError } from '../format-faults.ts'
import { PlanTiles, type Tiling, withinEdge } from './plan-tiles.ts'
import { PointFile } from './point-files.ts'

/**
 * Of each cloud, in so many places of its files, so many points in a row are looked at to plan the tiles. Of LAZ a chunk has to
 * be decoded for any of them.
 */
const sampled = { las: { places: 1024, points: 64 }, laz: { places: 64, points: 50_000 } }
const sampleSize = 65_536
/** Distances and neighbours that are nearer than so many point spacings, nearly all, need no look at other tiles. */
const haloInSpacings = 48

export interface TilePlan {
  tiles: Tiling
  /** Points of so far around a tile are dealt out to it as well. */
  halo: number
}

export interface Reading {
  signal: AbortSignal
  threads: number
}

/** Where squares in plan begin, and their sides. */
export interface Squares {
  origin: readonly [number, number]
  size: readonly [number, number]
}

export interface PlanTilesOptions {
  /** Tiles are made of whole ones of these. */
  squares?: Squares | undefined
  /** Called for each place that was looked at. */
  onPlace?: (() => void) | undefined
}

/** In how many places of each file so many points in a row are looked at. */
export function samplePlaces(headers: readonly LasHeader[]): { places: number; points: number }[] {
  const all = headers.reduce((sum, { pointCount }) => sum + pointCount, 0)
  return headers.map(({ compressed, pointCount }) => {
    const { places, points } = compressed ? sampled.laz : sampled.las
    return { places: Math.ceil((places * pointCount) / Math.max(1, all)), points }
  })
}

/** Tiles of about `tilePoints` points of all clouds. */
export async function planTiles(
  clouds: readonly Cloud[],
  tilePoints: number,
  reading: Reading,
  { squares, onPlace }: PlanTilesOptions = {},
): Promise<TilePlan> {
  const samples = await Promise.all(clouds.map((cloud) => sampleOf(cloud, reading, onPlace)))
  const points = clouds.reduce((sum, { pointCount }) => sum + pointCount, 0)
  // Each cloud has as much weight as it has points, or both would be halved where only one is.
  const weighted = samples.map(({ x, y }, k) => {
    const wanted = Math.max(1, Math.round((clouds[k]!.pointCount / points) * sampleSize))
    const every = Math.max(1, Math.floor(x.length / wanted))
    return { x: x.filter((_, i) => i % every === 0), y: y.filter((_, i) => i % every === 0) }
  })
  const joined = (axis: 'x' | 'y') => {
    const places = Float64Array.from(weighted.flatMap((sample) => [...sample[axis]]))
    if (squares === undefined) return places
    const [origin, size] =
      axis === 'x' ? [squares.origin[0], squares.size[0]] : [squares.origin[1], squares.size[1]]
    // Tiles are cut at places of the sample.
    return places.map((place) => origin + Math.floor((place - origin) / size) * size)
  }
  const tiles = new PlanTiles(joined('x'), joined('y'), Math.ceil(points / tilePoints))
  const spacings = samples.map((sample, k) => roughSpacing(tiles, sample, clouds[k]!.pointCount))
  return { tiles, halo: haloInSpacings * Math.max(...spacings) }
}

async function sampleOf(
  cloud: Cloud,
  { signal }: Reading,
  onPlace: (() => void) | undefined,
): Promise<{ x: Float64Array; y: Float64Array }> {
  const inFiles = samplePlaces(cloud.headers)
  const [x, y]: [number[], number[]] = [[], []]
  for (const [file, { source, name }] of cloud.files.entries()) {
    const header = cloud.headers[file]!
    const { places, points: inARow } = inFiles[file]!
    const wanted = (header.compressed ? sampled.laz : sampled.las).places
    // Evenly from whatever is decoded: neighbours in a file lie side by side.
    const every = Math.max(1, Math.floor((wanted * inARow) / sampleSize))
    for (let place = 0; place < places; place++) {
      const from = Math.floor((header.pointCount * place) / places)
      const range = [from, Math.min(header.pointCount, from + inARow)] as const
      try {
        for await (const batch of readPointBatches(source, header, { signal, range })) {
          const points = decoded(batch, header)
          for (let i = 0; i < batch.count; i += every) {
            x.push(points.x[i]!)
            y.push(points.y[i]!)
          }
        }
      } catch (error) {
        throw asJobError(error, cloud.input, name)
      }
      onPlace?.()
    }
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y) }
}

/** From the area that the sample takes up in each tile; an estimate that nothing but the size of halos depends on. */
function roughSpacing(
  tiles: PlanTiles,
  { x, y }: { x: Float64Array; y: Float64Array },
  pointCount: number,
): number {
  const boxes = tiles.bounds.map(() => emptyBox())
  const counts = new Uint32Array(boxes.length)
  for (let i = 0; i < x.length; i++) {
    tiles.visit(x[i]!, y[i]!, 0, (tile) => {
      widen(boxes[tile]!, x[i]!, y[i]!, 0)
      counts[tile]!++
    })
  }
  const spacings = boxes.flatMap((box, tile) => {
    if (counts[tile] === 0) return []
    const area = (box[3]! - box[0]!) * (box[4]! - box[1]!)
    return Math.sqrt(area / ((counts[tile]! / x.length) * pointCount))
  })
  spacings.sort((one, other) => one - other)
  return spacings[spacings.length >> 1] ?? 0
}

/**
 * Gets points in the order of their cloud, and writes them to a file for each tile, with their numbers and with further columns
 * where there are some. Keeps some of each file in memory, whatever the number of points.
 */
export class PointDeal {
  /** Of each tile, around the points in it. */
  readonly boxes: number[][]
  /** Points of each tile: in it, and with those around it. */
  readonly own: number[]
  readonly counts: number[]
  readonly #plan: TilePlan
  readonly #files: PointFile[] = []

  /** `columns`: how many numbers of 32 bits come with each point. */
  static async begin(plan: TilePlan, pathOf: (tile: number) => string, columns = 0): Promise<PointDeal> {
    const deal = new PointDeal(plan)
    try {
      for (const tile of plan.tiles.bounds.keys())
        deal.#files.push(await PointFile.create(pathOf(tile), columns))
    } catch (error) {
      await deal.close()
      throw error
    }
    return deal
  }

  private constructor(plan: TilePlan) {
    this.#plan = plan
    this.boxes = plan.tiles.bounds.map(emptyBox)
    this.own = plan.tiles.bounds.map(() => 0)
    this.counts = plan.tiles.bounds.map(() => 0)
  }

  /** The first `count` of these points; `first`: the number of the first one. */
  async add(
    { x, y, z }: PointArrays,
    count: number,
    first: number,
    columns?: readonly Float32Array[],
  ): Promise<void> {
    const { tiles, halo } = this.#plan
    const full: number[] = []
    let own = 0
    let i = 0
    const isOwn = (tile: number) => {
      own = tile
    }
    const take = (tile: number) => {
      const file = this.#files[tile]!
      file.add(x[i]!, y[i]!, z[i]!, first + i, columns, i)
      this.counts[tile]!++
      if (file.isFull) full.push(tile)
    }
    for (; i < count; i++) {
      const [px, py] = [x[i]!, y[i]!]
      // Neighbours in a file mostly lie in the same tile, and amid it.
      if (!(withinEdge(tiles.bounds[own]!, px, py) > halo)) {
        tiles.visit(px, py, 0, isOwn)
        tiles.visit(px, py, halo, take)
      } else take(own)
      this.own[own]!++
      widen(this.boxes[own]!, px, py, z[i]!)
      if (full.length === 0) continue
      for (const tile of full.splice(0)) await this.#files[tile]!.flush()
    }
  }

  /** May be called again. */
  async close(): Promise<void> {
    await Promise.all(this.#files.splice(0).map((file) => file.close()))
  }
}

export function decoded(batch: PointBatch, header: LasHeader): PointArrays {
  const column = () => new Float64Array(batch.count)
  const points = { x: column(), y: column(), z: column() }
  decodeXyz(batch, header, points.x, points.y, points.z, 0)
  return points
}

function emptyBox(): number[] {
  return [Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity]
}

function widen(box: number[], x: number, y: number, z: number): void {
  if (x < box[0]!) box[0] = x
  if (y < box[1]!) box[1] = y
  if (z < box[2]!) box[2] = z
  if (x > box[3]!) box[3] = x
  if (y > box[4]!) box[4] = y
  if (z > box[5]!) box[5] = z
}

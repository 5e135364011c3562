// The points of both surveys dealt out to the tiles that they lie in or near, in one pass over the files.
import { bulkStride, type PointArrays, spacingStride, surveyShiftStride } from '@alidade/analysis'
import { decodeXyz, type LasHeader, type PointBatch, readPointBatches } from '@alidade/formats'
import type { WorkFolder } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import { asJobError } from '../../point-clouds/format-faults.ts'
import { PlanTiles, withinEdge } from './plan-tiles.ts'
import { PointFile } from './point-files.ts'
import { pointsName } from './whole.ts'

/**
 * Of each survey, in so many places of its files, so many points in a row are looked at to plan the tiles. Of LAZ a chunk has to
 * be decoded for any of them.
 */
const sampled = { las: { places: 1024, points: 64 }, laz: { places: 64, points: 50_000 } }
const sampleSize = 65_536
/** Distances and neighbours that are nearer than so many point spacings, nearly all, need no look at other tiles. */
const haloInSpacings = 48

export interface TilePlan {
  tiles: PlanTiles
  halo: number
}

/** Every so manieth point of a survey, for each question that a sample answers. */
export interface SurveySamples {
  bulk: PointArrays
  shift: PointArrays
  spacing: PointArrays
}

export interface DealtSurvey {
  samples: SurveySamples
  /** Of each tile, around the points in it. */
  boxes: number[][]
  /** Of each tile, with those around it. */
  counts: number[]
}

interface Reading {
  signal: AbortSignal
  threads: number
}

/** Tiles of about `tilePoints` points of both surveys. */
export async function planTiles(
  clouds: readonly Cloud[],
  tilePoints: number,
  reading: Reading,
): Promise<TilePlan> {
  const samples = await Promise.all(clouds.map((cloud) => sampleOf(cloud, reading)))
  const points = clouds.reduce((sum, { pointCount }) => sum + pointCount, 0)
  // Each survey has as much weight as it has points, or both would be halved where only one is.
  const weighted = samples.map(({ x, y }, k) => {
    const wanted = Math.max(1, Math.round((clouds[k]!.pointCount / points) * sampleSize))
    const every = Math.max(1, Math.floor(x.length / wanted))
    return { x: x.filter((_, i) => i % every === 0), y: y.filter((_, i) => i % every === 0) }
  })
  const joined = (axis: 'x' | 'y') => Float64Array.from(weighted.flatMap((sample) => [...sample[axis]]))
  const tiles = new PlanTiles(joined('x'), joined('y'), Math.ceil(points / tilePoints))
  const spacings = samples.map((sample, k) => roughSpacing(tiles, sample, clouds[k]!.pointCount))
  return { tiles, halo: haloInSpacings * Math.max(...spacings) }
}

async function sampleOf(cloud: Cloud, { signal }: Reading): Promise<{ x: Float64Array; y: Float64Array }> {
  const [x, y]: [number[], number[]] = [[], []]
  for (const [file, { source, name }] of cloud.files.entries()) {
    const header = cloud.headers[file]!
    const { places: wanted, points: inARow } = header.compressed ? sampled.laz : sampled.las
    const places = Math.ceil((wanted * header.pointCount) / Math.max(1, cloud.pointCount))
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

/** Writes the files of all tiles for one survey. */
export async function dealOut(
  cloud: Cloud,
  epoch: 0 | 1,
  { tiles, halo }: TilePlan,
  {
    shared,
    signal,
    threads,
    onFile,
  }: Reading & { shared: WorkFolder; onFile: (file: number) => (points: number) => void },
): Promise<DealtSurvey> {
  const files: PointFile[] = []
  const samplers = {
    bulk: new Sampler(bulkStride(cloud.pointCount)),
    shift: new Sampler(surveyShiftStride(cloud.pointCount)),
    spacing: new Sampler(spacingStride(cloud.pointCount)),
  }
  const boxes = tiles.bounds.map(emptyBox)
  const counts = tiles.bounds.map(() => 0)
  const full: number[] = []
  let own = 0
  let point = { x: 0, y: 0, z: 0, number: 0 }
  const isOwn = (tile: number) => {
    own = tile
  }
  const take = (tile: number) => {
    const file = files[tile]!
    file.add(point.x, point.y, point.z, point.number)
    counts[tile]!++
    if (file.isFull) full.push(tile)
  }
  try {
    for (const tile of tiles.bounds.keys())
      files.push(await PointFile.create(shared.path(pointsName(epoch, tile))))
    let first = 0
    for (const [file, { source, name }] of cloud.files.entries()) {
      const header = cloud.headers[file]!
      const onRead = onFile(file)
      try {
        for await (const batch of readPointBatches(source, header, { signal, threads })) {
          const points = decoded(batch, header)
          const from = first + batch.firstIndex
          for (const sampler of Object.values(samplers)) sampler.add(points, from)
          const { x, y, z } = points
          for (let i = 0; i < batch.count; i++) {
            point = { x: x[i]!, y: y[i]!, z: z[i]!, number: from + i }
            // Neighbours in a file mostly lie in the same tile, and amid it.
            if (!(withinEdge(tiles.bounds[own]!, point.x, point.y) > halo)) {
              tiles.visit(point.x, point.y, 0, isOwn)
              tiles.visit(point.x, point.y, halo, take)
            } else take(own)
            widen(boxes[own]!, point.x, point.y, point.z)
            if (full.length === 0) continue
            for (const tile of full.splice(0)) await files[tile]!.flush()
          }
          onRead(batch.count)
        }
      } catch (error) {
        throw asJobError(error, cloud.input, name)
      }
      first += header.pointCount
    }
  } finally {
    await Promise.all(files.map((file) => file.close()))
  }
  const samples = {
    bulk: samplers.bulk.points(),
    shift: samplers.shift.points(),
    spacing: samplers.spacing.points(),
  }
  return { samples, boxes, counts }
}

function decoded(batch: PointBatch, header: LasHeader): PointArrays {
  const column = () => new Float64Array(batch.count)
  const points = { x: column(), y: column(), z: column() }
  decodeXyz(batch, header, points.x, points.y, points.z, 0)
  return points
}

/** Every so manieth point by its number. */
class Sampler {
  readonly #stride: number
  readonly #columns: [number[], number[], number[]] = [[], [], []]

  constructor(stride: number) {
    this.#stride = stride
  }

  /** `from`: the number of the first one. */
  add({ x, y, z }: PointArrays, from: number): void {
    const first = (this.#stride - (from % this.#stride)) % this.#stride
    for (let i = first; i < x.length; i += this.#stride) {
      this.#columns[0].push(x[i]!)
      this.#columns[1].push(y[i]!)
      this.#columns[2].push(z[i]!)
    }
  }

  points(): PointArrays {
    const [x, y, z] = this.#columns
    return { x: Float64Array.from(x), y: Float64Array.from(y), z: Float64Array.from(z) }
  }
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

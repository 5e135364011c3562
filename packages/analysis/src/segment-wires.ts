/** Wires: long level rows of samples high above the ground, straight in plan. */
import type { Pace } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import { type RowOptions, rowsOf } from './segment-lines.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Shapes } from './segment-shapes.ts'

export type Wire = {
  /** Of its samples, along the wire. */
  readonly samples: Uint32Array
}

/** Wires sag and climb hills, but none is steeper than this. */
const steepest = 0.6
/** Share of the pieces of its length, two metres each or so, that have samples. */
const leastCover = 0.6
const piecesOfLength = 5

/** `isFree`: 1 for samples that are of nothing else. */
export async function findWires(
  points: PointArrays,
  height: Float32Array,
  isFree: Uint8Array,
  shapes: Shapes,
  options: SegmentOptions,
  pace: Pace,
): Promise<Wire[]> {
  const wanted: RowOptions = {
    isCandidate: isFree.map((free, i) => (free === 1 && height[i]! >= options.wireHeight ? 1 : 0)),
    radius: options.lineRadius,
    isWanted: (up) => up <= steepest,
  }
  const rows = await rowsOf(points, shapes, wanted, pace)
  return rows.flatMap((row) => {
    const wire = asWire(points, row, options)
    return wire === undefined ? [] : [wire]
  })
}

function asWire({ x, y }: PointArrays, row: Uint32Array, options: SegmentOptions): Wire | undefined {
  const { along, deviation } = straightLine(x, y, row)
  const order = ascending(along)
  const [first, last] = [along[order[0]!]!, along[order.at(-1)!]!]
  const length = last - first
  if (length < options.wireLength || deviation > options.lineRadius) return undefined
  const piece = options.wireLength / piecesOfLength
  const covered = new Set(along.map((at) => Math.floor((at - first) / piece)))
  if (covered.size < leastCover * (length / piece)) return undefined
  return { samples: Uint32Array.from(order, (k) => row[k]!) }
}

/** The samples of a wire in their order along it. */
export function alongLine({ x, y }: PointArrays, samples: Uint32Array): Uint32Array {
  return Uint32Array.from(ascending(straightLine(x, y, samples).along), (k) => samples[k]!)
}

function ascending(values: readonly number[]): number[] {
  return values.map((_, k) => k).sort((a, b) => values[a]! - values[b]!)
}

/** The line of least squares in plan: positions along it and the deviation from it. */
function straightLine(x: Float64Array, y: Float64Array, row: Uint32Array) {
  let [mx, my] = [0, 0]
  for (const i of row) {
    mx += x[i]! / row.length
    my += y[i]! / row.length
  }
  let [xx, xy, yy] = [0, 0, 0]
  for (const i of row) {
    const [dx, dy] = [x[i]! - mx, y[i]! - my]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
  const along = Array.from(row, (i) => (x[i]! - mx) * cosine + (y[i]! - my) * sine)
  const across = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy)
  return { along, deviation: Math.sqrt(Math.max(0, across) / row.length) }
}

/** Samples that lie in a row with their neighbours, and the rows that they make. */
import { DisjointSets } from './disjoint-sets.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import type { Shapes } from './segment-shapes.ts'

export type RowOptions = {
  /** 1 for each sample that may be of a row. */
  readonly isCandidate: Uint8Array
  /** How far from its line a sample may lie. */
  readonly radius: number
  /** Whether the direction of a row is one that is sought, by the upward part of its unit vector. */
  readonly isWanted: (up: number) => boolean
}

/** So many neighbours have to lie on a line with a sample. */
const fewestOnLine = 3
/** Cosine of the most that a row turns by from a sample to the next. */
const rowTurn = Math.cos((15 * Math.PI) / 180)

/** Lists of samples, each of one row, in order of their first. */
export async function rowsOf(
  points: PointArrays,
  shapes: Shapes,
  options: RowOptions,
  pace: Pace,
): Promise<Uint32Array[]> {
  const count = points.x.length
  const direction = new Float32Array(3 * count)
  const isInRow = new Uint8Array(count)
  const search = new LineSearch(points, shapes, options)
  for (let i = 0; i < count; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (options.isCandidate[i] === 0 || !search.at(i)) continue
    isInRow[i] = 1
    direction.set(search.direction, 3 * i)
  }
  const rows = new DisjointSets(count)
  const { near, neighbours } = shapes
  for (let i = 0; i < count; i++) {
    if (isInRow[i] === 0) continue
    for (let k = i * neighbours; k < (i + 1) * neighbours; k++) {
      const other = near[k]!
      if (other < 0) break
      if (isInRow[other] === 0) continue
      const cosine =
        direction[3 * i]! * direction[3 * other]! +
        direction[3 * i + 1]! * direction[3 * other + 1]! +
        direction[3 * i + 2]! * direction[3 * other + 2]!
      if (Math.abs(cosine) < rowTurn) continue
      const [dx, dy, dz] = [direction[3 * i]!, direction[3 * i + 1]!, direction[3 * i + 2]!]
      if (squaredOffLine(points, i, other, dx, dy, dz) <= options.radius ** 2) rows.join(i, other)
    }
  }
  const members = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    if (isInRow[i] === 0) continue
    const row = rows.find(i)
    const list = members.get(row)
    if (list === undefined) members.set(row, [i])
    else list.push(i)
  }
  return Array.from(members.values(), (list) => Uint32Array.from(list))
}

/** The line through a sample and one of its neighbours on which the most of the others lie. */
class LineSearch {
  readonly direction = new Float32Array(3)
  readonly #points: PointArrays
  readonly #shapes: Shapes
  readonly #options: RowOptions

  constructor(points: PointArrays, shapes: Shapes, options: RowOptions) {
    this.#points = points
    this.#shapes = shapes
    this.#options = options
  }

  at(i: number): boolean {
    const { x, y, z } = this.#points
    const { near, neighbours } = this.#shapes
    const { radius, isWanted, isCandidate } = this.#options
    let most = fewestOnLine - 1
    for (let k = i * neighbours; k < (i + 1) * neighbours; k++) {
      const end = near[k]!
      if (end < 0) break
      const [dx, dy, dz] = [x[end]! - x[i]!, y[end]! - y[i]!, z[end]! - z[i]!]
      const length = Math.hypot(dx, dy, dz)
      // Near ends say little of a direction.
      if (length < 2 * radius || isCandidate[end] === 0 || !isWanted(Math.abs(dz) / length)) continue
      let on = 0
      for (let m = i * neighbours; m < (i + 1) * neighbours && near[m]! >= 0; m++) {
        const off = squaredOffLine(this.#points, i, near[m]!, dx / length, dy / length, dz / length)
        if (off <= (radius * radius) / 2) on++
      }
      if (on <= most) continue
      most = on
      this.direction.set([dx / length, dy / length, dz / length])
    }
    return most >= fewestOnLine
  }
}

function squaredOffLine(
  { x, y, z }: PointArrays,
  a: number,
  b: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const [ex, ey, ez] = [x[b]! - x[a]!, y[b]! - y[a]!, z[b]! - z[a]!]
  const along = ex * dx + ey * dy + ez * dz
  return Math.max(0, ex * ex + ey * ey + ez * ez - along * along)
}

/** The points of a cloud by the cells of a cubic grid, to look at those around a place. */
import { CellIndex, cellStep } from './cell-index.ts'
import type { PointArrays } from './point-arrays.ts'
import type { Vector } from './rigid-motion.ts'

export class PointGrid {
  readonly #points: PointArrays
  readonly #origin: Vector
  readonly #cellSize: number
  readonly #cells = new CellIndex()
  /** Where the points of each cell begin in `#order`; one more than there are cells. */
  readonly #start: Uint32Array
  readonly #order: Uint32Array

  constructor(points: PointArrays, origin: Vector, cellSize: number) {
    this.#points = points
    this.#origin = origin
    this.#cellSize = cellSize
    const { x, y, z } = points
    const cellOf = new Uint32Array(x.length)
    for (let i = 0; i < x.length; i++)
      cellOf[i] = this.#cells.add(this.#step(x[i]!, 0), this.#step(y[i]!, 1), this.#step(z[i]!, 2))
    this.#start = new Uint32Array(this.#cells.count + 1)
    for (const cell of cellOf) this.#start[cell + 1]!++
    for (let cell = 0; cell < this.#cells.count; cell++) this.#start[cell + 1]! += this.#start[cell]!
    const next = this.#start.slice()
    this.#order = new Uint32Array(x.length)
    for (let i = 0; i < x.length; i++) this.#order[next[cellOf[i]!]!++] = i
  }

  /** Calls `visit` with every point of the cells that a box around a place meets, and where it lies from the place. */
  around(
    [x, y, z]: Vector,
    half: Vector,
    visit: (u: number, v: number, w: number, point: number) => void,
  ): void {
    const from = [x, y, z].map((value, axis) => this.#step(value - half[axis]!, axis as 0 | 1 | 2))
    const to = [x, y, z].map((value, axis) => this.#step(value + half[axis]!, axis as 0 | 1 | 2))
    const { x: xs, y: ys, z: zs } = this.#points
    for (let i = from[0]!; i <= to[0]!; i++)
      for (let j = from[1]!; j <= to[1]!; j++)
        for (let k = from[2]!; k <= to[2]!; k++) {
          const cell = this.#cells.find(i, j, k)
          if (cell < 0) continue
          for (let at = this.#start[cell]!; at < this.#start[cell + 1]!; at++) {
            const point = this.#order[at]!
            visit(xs[point]! - x, ys[point]! - y, zs[point]! - z, point)
          }
        }
  }

  #step(value: number, axis: 0 | 1 | 2): number {
    return cellStep(value, this.#origin[axis], this.#cellSize)
  }
}

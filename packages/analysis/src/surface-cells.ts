/** The occupied cells of a cubic grid, in order of their steps. */
import { cellStep } from './cell-index.ts'
import type { Place } from './cell-order.ts'

export class SurfaceCells {
  readonly cellSize: number
  readonly count: number
  /** Three for each cell, ascending. */
  readonly steps: Int32Array
  readonly #origin: Place

  /** `steps` as in a `CellTable`. */
  constructor(steps: Int32Array, origin: Place, cellSize: number) {
    this.steps = steps
    this.#origin = origin
    this.cellSize = cellSize
    this.count = steps.length / 3
  }

  /** Number of the cell of a place, or -1. */
  cellAt(x: number, y: number, z: number): number {
    const [ox, oy, oz] = this.#origin
    const size = this.cellSize
    return this.#find(
      cellStep((x - ox) / size, 0, 1),
      cellStep((y - oy) / size, 0, 1),
      cellStep((z - oz) / size, 0, 1),
    )
  }

  /** Middle of a cell, in the unit of the coordinates. */
  middleOf(cell: number): [number, number, number] {
    const at = (axis: 0 | 1 | 2) => this.#origin[axis] + (this.steps[3 * cell + axis]! + 0.5) * this.cellSize
    return [at(0), at(1), at(2)]
  }

  #find(i: number, j: number, k: number): number {
    const steps = this.steps
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      const at = 3 * middle
      const before = steps[at]! - i || steps[at + 1]! - j || steps[at + 2]! - k
      if (before === 0) return middle
      if (before < 0) low = middle + 1
      else high = middle
    }
    return -1
  }
}

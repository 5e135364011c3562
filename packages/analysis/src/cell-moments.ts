/** How the points of two surveys lie in the cells of one cubic grid: counts, sums and sums of products. */
import type { CellGrid, CellTable, Surveys } from './cell-order.ts'

/** For each epoch: count, x, y, z, xx, xy, xz, yy, yz, zz. */
export const momentsPerEpoch = 10
export const momentsPerCell = 2 * momentsPerEpoch

/** The widest neighbourhood, in steps on each axis. */
const widestReach = 2

/**
 * The moments of a stretch of cells, whose neighbourhoods it sums up one after the other. Lengths are in cell edges and count
 * from the middle of the cell, so that 32 bits are precise enough: 80 bytes for each cell, taken once for all stretches.
 */
export class CellMoments {
  readonly #grid: CellGrid
  readonly #surveys: Surveys
  readonly #order: Uint32Array
  readonly #table: CellTable
  readonly #steps: Int32Array
  #first = 0
  #end = 0
  #moments = new Float32Array(0)
  /** For each reach the place that every column of a neighbourhood has come to. */
  readonly #places = [1, widestReach].map((reach) => new Uint32Array((2 * reach + 1) ** 2))

  constructor(grid: CellGrid, surveys: Surveys, order: Uint32Array, table: CellTable) {
    this.#grid = grid
    this.#surveys = surveys
    this.#order = order
    this.#table = table
    this.#steps = table.steps
  }

  /** Takes in the cells from `first` to before `end`, in place of those before. */
  take(first: number, end: number): void {
    this.#first = first
    this.#end = end
    const length = momentsPerCell * (end - first)
    if (length > this.#moments.length) this.#moments = new Float32Array(Math.ceil(1.25 * length))
    else this.#moments.fill(0, 0, length)
    for (const places of this.#places) places.fill(first)
    this.#add(this.#grid, this.#surveys, this.#order, this.#table)
  }

  #add({ origins, cellSize }: CellGrid, surveys: Surveys, order: Uint32Array, table: CellTable): void {
    const ofFirst = surveys[0].x.length
    const { steps, start } = table
    const moments = this.#moments
    for (let cell = this.#first, own = 0; cell < this.#end; cell++, own += momentsPerCell) {
      const i = steps[3 * cell]! + 0.5
      const j = steps[3 * cell + 1]! + 0.5
      const k = steps[3 * cell + 2]! + 0.5
      const end = start[cell + 1]!
      for (let p = start[cell]!; p < end; p++) {
        const number = order[p]!
        const epoch = number < ofFirst ? 0 : 1
        const point = epoch === 0 ? number : number - ofFirst
        const { x, y, z } = surveys[epoch]
        const origin = origins[epoch]
        const u = (x[point]! - origin[0]) / cellSize - i
        const v = (y[point]! - origin[1]) / cellSize - j
        const w = (z[point]! - origin[2]) / cellSize - k
        const at = own + epoch * momentsPerEpoch
        moments[at]! += 1
        moments[at + 1]! += u
        moments[at + 2]! += v
        moments[at + 3]! += w
        moments[at + 4]! += u * u
        moments[at + 5]! += u * v
        moments[at + 6]! += u * w
        moments[at + 7]! += v * v
        moments[at + 8]! += v * w
        moments[at + 9]! += w * w
      }
    }
  }

  /**
   * Moments of all cells within so many steps on each axis, 1 or 2, about the middle of this cell. Cells have to be asked
   * for in ascending order, so that each column of the neighbourhood is a place that only moves forward.
   */
  gather(cell: number, reach: 1 | 2, into: Float64Array): void {
    into.fill(0)
    const steps = this.#steps
    const places = this.#places[reach - 1]!
    const i = steps[3 * cell]!
    const j = steps[3 * cell + 1]!
    const k = steps[3 * cell + 2]!
    let column = 0
    for (let di = -reach; di <= reach; di++) {
      for (let dj = -reach; dj <= reach; dj++) {
        let beside = placeFrom(steps, places[column]!, this.#end, i + di, j + dj, k - reach)
        places[column++] = beside
        while (
          beside < this.#end &&
          steps[3 * beside] === i + di &&
          steps[3 * beside + 1] === j + dj &&
          steps[3 * beside + 2]! <= k + reach
        ) {
          this.#addMoved(beside, di, dj, steps[3 * beside + 2]! - k, into)
          beside++
        }
      }
    }
  }

  #addMoved(cell: number, di: number, dj: number, dk: number, into: Float64Array): void {
    const moments = this.#moments
    let at = (cell - this.#first) * momentsPerCell
    for (let to = 0; to < momentsPerCell; to += momentsPerEpoch, at += momentsPerEpoch) {
      const n = moments[at]!
      if (n === 0) continue
      const x = moments[at + 1]!
      const y = moments[at + 2]!
      const z = moments[at + 3]!
      into[to]! += n
      into[to + 1]! += x + n * di
      into[to + 2]! += y + n * dj
      into[to + 3]! += z + n * dk
      into[to + 4]! += moments[at + 4]! + di * (2 * x + n * di)
      into[to + 5]! += moments[at + 5]! + di * y + dj * (x + n * di)
      into[to + 6]! += moments[at + 6]! + di * z + dk * (x + n * di)
      into[to + 7]! += moments[at + 7]! + dj * (2 * y + n * dj)
      into[to + 8]! += moments[at + 8]! + dj * z + dk * (y + n * dj)
      into[to + 9]! += moments[at + 9]! + dk * (2 * z + n * dk)
    }
  }
}

/** The first cell from `place` on that does not come before these steps. */
function placeFrom(steps: Int32Array, place: number, end: number, i: number, j: number, k: number): number {
  let at = place
  while (at < end) {
    const ai = steps[3 * at]!
    if (ai > i) break
    if (ai === i) {
      const aj = steps[3 * at + 1]!
      if (aj > j || (aj === j && steps[3 * at + 2]! >= k)) break
    }
    at++
  }
  return at
}

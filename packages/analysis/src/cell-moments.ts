/** How the points of two surveys lie in the cells of one cubic grid: counts, sums and sums of products. */
import type { CellGrid, CellTable, Surveys } from './cell-order.ts'

/** For each epoch: count, x, y, z, xx, xy, xz, yy, yz, zz. */
export const momentsPerEpoch = 10
export const momentsPerCell = 2 * momentsPerEpoch

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
  readonly #columns = [new ColumnsAround(1), new ColumnsAround(2)] as const

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
    for (const columns of this.#columns) columns.start(this.#steps, first, end)
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
   * for in ascending order.
   */
  gather(cell: number, reach: 1 | 2, into: Float64Array): void {
    into.fill(0)
    const steps = this.#steps
    const columns = this.#columns[reach - 1]!
    columns.moveTo(steps[3 * cell]!, steps[3 * cell + 1]!)
    const { places, ends } = columns
    const k = steps[3 * cell + 2]!
    for (let column = 0, di = -reach; di <= reach; di++) {
      for (let dj = -reach; dj <= reach; dj++, column++) {
        let beside = places[column]!
        const end = ends[column]!
        while (beside < end && steps[3 * beside + 2]! < k - reach) beside++
        places[column] = beside
        for (; beside < end; beside++) {
          const dk = steps[3 * beside + 2]! - k
          if (dk > reach) break
          this.#addMoved(beside, di, dj, dk, into)
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

/** The columns of cells around one column, which moves forward: every place in the order is passed once for each row. */
class ColumnsAround {
  /** What is left of each column, row by row: up to `ends`. */
  readonly places: Uint32Array
  readonly ends: Uint32Array
  readonly #reach: number
  readonly #rows: Uint32Array
  #steps: Int32Array = new Int32Array(0)
  #end = 0
  #i = Number.NaN
  #j = Number.NaN

  constructor(reach: number) {
    const width = 2 * reach + 1
    this.#reach = reach
    this.places = new Uint32Array(width * width)
    this.ends = new Uint32Array(width * width)
    this.#rows = new Uint32Array(width)
  }

  /** Takes the cells from `first` to before `end`. */
  start(steps: Int32Array, first: number, end: number): void {
    this.#steps = steps
    this.#end = end
    this.#rows.fill(first)
    this.#i = Number.NaN
  }

  moveTo(i: number, j: number): void {
    if (i === this.#i && j === this.#j) return
    this.#i = i
    this.#j = j
    const steps = this.#steps
    const reach = this.#reach
    const end = this.#end
    let column = 0
    for (let row = 0; row <= 2 * reach; row++) {
      const besideI = i + row - reach
      let at = this.#rows[row]!
      while (
        at < end &&
        (steps[3 * at]! < besideI || (steps[3 * at] === besideI && steps[3 * at + 1]! < j - reach))
      )
        at++
      this.#rows[row] = at
      for (let besideJ = j - reach; besideJ <= j + reach; besideJ++) {
        this.places[column] = at
        while (at < end && steps[3 * at + 1] === besideJ && steps[3 * at] === besideI) at++
        this.ends[column++] = at
      }
    }
  }
}

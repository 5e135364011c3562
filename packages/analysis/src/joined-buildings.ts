/** Buildings of a place that was looked at in parts: their cells, put together across the edges of the parts. */
import type { Footprints } from './building-footprints.ts'
import { CellIndex } from './cell-index.ts'
import { DisjointSets } from './disjoint-sets.ts'
import type { PlanRaster } from './ground-raster.ts'
import { type Pace, paceSteps } from './pace.ts'

/** Cells below roofs, by the steps of their size from zero, each with the height of the roof. */
export type BuildingCells = {
  readonly columns: Int32Array
  readonly rows: Int32Array
  readonly roofTop: Float32Array
}

/** Those whose middle is wanted. */
export function cellsOfBuildings(
  { plan, building, roofTop }: Footprints,
  isWanted: (x: number, y: number) => boolean,
): BuildingCells {
  const { cellSize, firstColumn, firstRow } = plan
  const [columns, rows, tops]: [number[], number[], number[]] = [[], [], []]
  for (let at = 0; at < building.length; at++) {
    if (building[at] === 0) continue
    const [column, row] = [(at % plan.columns) + firstColumn, Math.floor(at / plan.columns) + firstRow]
    if (!isWanted((column + 0.5) * cellSize, (row + 0.5) * cellSize)) continue
    columns.push(column)
    rows.push(row)
    tops.push(roofTop[at]!)
  }
  return {
    columns: Int32Array.from(columns),
    rows: Int32Array.from(rows),
    roofTop: Float32Array.from(tops),
  }
}

/** Outlines of so many take some tens of milliseconds. */
const cellsAtATime = 2048

/** How often a cell is counted while buildings are joined: added, beside its neighbours, in its place, with its number. */
export const joinSteps = 4

/** Cells that share an edge are of one building. Numbers count from 1, in order of the first cell, row by row. */
export class JoinedBuildings {
  #count = 0
  readonly #cellSize: number
  readonly #index = new CellIndex()
  readonly #columns: number[] = []
  readonly #rows: number[] = []
  readonly #tops: number[] = []
  /** Of each cell of the index. */
  #building = new Uint32Array(0)
  /** Cells by building, and where those of each begin. */
  #cells = new Uint32Array(0)
  #starts = new Uint32Array(0)

  /** Of cells that come more than once the first counts. `pace` is told of each cell so often: `joinSteps`. */
  static async of(parts: Iterable<BuildingCells>, cellSize: number, pace: Pace): Promise<JoinedBuildings> {
    const joined = new JoinedBuildings(cellSize)
    await joined.#add(parts, pace)
    await joined.#join(pace)
    return joined
  }

  private constructor(cellSize: number) {
    this.#cellSize = cellSize
  }

  async #add(parts: Iterable<BuildingCells>, pace: Pace): Promise<void> {
    for (const { columns, rows, roofTop } of parts) {
      for (let k = 0; k < columns.length; k++) {
        if (k % paceSteps === paceSteps - 1) await pace(paceSteps)
        if (this.#index.add(columns[k]!, rows[k]!, 0) < this.#columns.length) continue
        this.#columns.push(columns[k]!)
        this.#rows.push(rows[k]!)
        this.#tops.push(roofTop[k]!)
      }
      await pace(columns.length % paceSteps)
    }
  }

  async #join(pace: Pace): Promise<void> {
    const cells = this.#columns.length
    const sets = new DisjointSets(cells)
    for (let cell = 0; cell < cells; cell++) {
      if (cell % paceSteps === paceSteps - 1) await pace(paceSteps)
      for (const [dx, dy] of [
        [-1, 0],
        [0, -1],
      ] as const) {
        const other = this.#index.findBeside(cell, dx, dy, 0)
        if (other >= 0) sets.join(cell, other)
      }
    }
    await pace(cells % paceSteps)
    const order = this.#rowByRow()
    await pace(cells)
    const numbers = new Uint32Array(cells)
    const sizes = [0]
    for (const cell of order) {
      const root = sets.find(cell)
      if (numbers[root] === 0) numbers[root] = sizes.push(0) - 1
      sizes[numbers[root]!]!++
    }
    await pace(cells)
    this.#count = sizes.length - 1
    this.#building = new Uint32Array(cells).map((_, cell) => numbers[sets.find(cell)]!)
    this.#starts = new Uint32Array(sizes.length + 1)
    for (const [number, size] of sizes.entries()) this.#starts[number + 1] = this.#starts[number]! + size
    const next = this.#starts.slice()
    this.#cells = new Uint32Array(cells)
    for (const cell of order) this.#cells[next[this.#building[cell]!]!++] = cell
  }

  /** Cells row by row, each row from its first column on: sorted as numbers, which needs no comparing function. */
  #rowByRow(): Uint32Array {
    const [columns, rows] = [this.#columns, this.#rows]
    let [left, right] = [Infinity, -Infinity]
    for (const column of columns) {
      left = Math.min(left, column)
      right = Math.max(right, column)
    }
    const width = right - left + 1
    const places = Float64Array.from(rows, (row, cell) => row * width + columns[cell]! - left).sort()
    return Uint32Array.from(places, (place) => {
      const row = Math.floor(place / width)
      return this.#index.find(place - row * width + left, row, 0)
    })
  }

  get count(): number {
    return this.#count
  }

  get cells(): number {
    return this.#columns.length
  }

  /** The building at a place, 0 for none. */
  at(x: number, y: number): number {
    return this.ofCell(Math.floor(x / this.#cellSize), Math.floor(y / this.#cellSize))
  }

  ofCell(column: number, row: number): number {
    const cell = this.#index.find(column, row, 0)
    return cell < 0 ? 0 : this.#building[cell]!
  }

  /** The steps of the first cell of a building. */
  firstCell(number: number): [column: number, row: number] {
    const cell = this.#cells[this.#starts[number]!]!
    return [this.#columns[cell]!, this.#rows[cell]!]
  }

  /**
   * Of each building alone, in order of their numbers. `roof`: places on roofs, of which those on it are its own; `pace` is told of
   * each place once, and of each cell once what was made of the one before is done with.
   */
  async *footprints(roof: Footprints['roof'], pace: Pace): AsyncGenerator<Footprints, void> {
    const places = await this.#placesOf(roof, pace)
    let looked = 0
    for (let number = 1; number <= this.count; number++) {
      const cells = this.#cells.subarray(this.#starts[number], this.#starts[number + 1])
      const plan = this.#planOf(cells)
      const building = new Uint32Array(plan.columns * plan.rows)
      const roofTop = new Float32Array(building.length).fill(Number.NEGATIVE_INFINITY)
      for (const cell of cells) {
        const [column, row] = [this.#columns[cell]! - plan.firstColumn, this.#rows[cell]! - plan.firstRow]
        building[row * plan.columns + column] = 1
        roofTop[row * plan.columns + column] = this.#tops[cell]!
      }
      const own = places.subarray(this.#placeStarts[number], this.#placeStarts[number + 1])
      const values = (column: Float64Array) => Float64Array.from(own, (i) => column[i]!)
      yield { plan, building, buildings: 1, roofTop, roof: { x: values(roof.x), y: values(roof.y) } }
      looked += cells.length
      if (looked < cellsAtATime) continue
      await pace(looked)
      looked = 0
    }
  }

  #placeStarts = new Uint32Array(0)

  /** Places on roofs by building. */
  async #placesOf({ x, y }: Footprints['roof'], pace: Pace): Promise<Uint32Array> {
    const numbers = new Uint32Array(x.length)
    const starts = new Uint32Array(this.count + 2)
    for (let i = 0; i < x.length; i++) {
      if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
      numbers[i] = this.at(x[i]!, y[i]!)
      starts[numbers[i]! + 1]!++
    }
    for (let number = 1; number < starts.length; number++) starts[number]! += starts[number - 1]!
    const next = starts.slice()
    const places = new Uint32Array(x.length)
    for (let i = 0; i < x.length; i++) places[next[numbers[i]!]!++] = i
    this.#placeStarts = starts
    return places
  }

  #planOf(cells: Uint32Array): PlanRaster {
    let [left, right, below, above] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const cell of cells) {
      left = Math.min(left, this.#columns[cell]!)
      right = Math.max(right, this.#columns[cell]!)
      below = Math.min(below, this.#rows[cell]!)
      above = Math.max(above, this.#rows[cell]!)
    }
    const cellSize = this.#cellSize
    return {
      ...{ cellSize, firstColumn: left, firstRow: below },
      ...{ columns: right - left + 1, rows: above - below + 1 },
    }
  }
}

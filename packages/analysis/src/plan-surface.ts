/** The height of one epoch's surface in some cells of a grid in plan. */
import { type CellIndex, cellStep } from './cell-index.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'

export type PlanGrid = {
  readonly cells: CellIndex
  readonly cellSize: number
  /** Where cell (0, 0) begins, and the height from which heights count. */
  readonly origin: readonly [number, number, number]
}

/** The eight neighbours of a cell in plan. */
export const planNeighbours: readonly (readonly [number, number])[] = [
  [-1, -1],
  [0, -1],
  [1, -1],
  [-1, 0],
  [1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
]

/**
 * Mean height of the points in every cell. At the rim of an object the mean weighs object and ground by the share of
 * the cell that each takes up, which is what a volume needs; a highest point would count the whole cell.
 */
export class PlanSurface {
  /** Relative to the grid's origin; NaN where nothing is known. */
  readonly height: Float64Array
  /** Estimated variance of `height`; NaN with fewer than two points. */
  readonly variance: Float64Array
  readonly count: Uint32Array
  /** 1 where the cell holds a changed point of this epoch. */
  readonly #changed: Uint8Array

  private constructor(count: Uint32Array, sum: Float64Array, squares: Float64Array, changed: Uint8Array) {
    this.#changed = changed
    this.count = count
    this.height = sum.map((total, cell) => total / count[cell]!)
    this.variance = squares.map((total, cell) => {
      const n = count[cell]!
      if (n < 2) return Number.NaN
      return Math.max(0, total - (sum[cell]! * sum[cell]!) / n) / (n - 1) / n
    })
  }

  static async of(
    grid: PlanGrid,
    points: PointArrays,
    cluster: Uint32Array,
    pace: Pace,
  ): Promise<PlanSurface> {
    const { cells, origin } = grid
    const count = new Uint32Array(cells.count)
    const sum = new Float64Array(cells.count)
    const squares = new Float64Array(cells.count)
    const changed = new Uint8Array(cells.count)
    for (let i = 0; i < points.x.length; i++) {
      if (i > 0 && i % paceSteps === 0) await pace(paceSteps)
      const cell = planCell(grid, points, i)
      if (cell < 0) continue
      const z = points.z[i]! - origin[2]
      count[cell]!++
      sum[cell]! += z
      squares[cell]! += z * z
      if (cluster[i] !== 0) changed[cell] = 1
    }
    await pace(points.x.length % paceSteps)
    return new PlanSurface(count, sum, squares, changed)
  }

  /**
   * Gives the listed cells that have no points the mean height of their neighbours, ring by ring. What was not seen is
   * mostly ground behind something that stood there, so heights spread from unchanged neighbours first; only
   * holes inside a changed surface are filled from that surface.
   */
  fillHoles(cells: CellIndex, listed: readonly number[]): void {
    let holes = listed.filter((cell) => this.count[cell] === 0)
    holes = this.#spread(cells, holes, (cell) => this.#changed[cell] === 0)
    this.#spread(cells, holes, () => true)
  }

  /** Ring by ring, each hole looked at only when a cell beside it has become known. Returns what was not reached. */
  #spread(cells: CellIndex, holes: number[], isSource: (cell: number) => boolean): number[] {
    const open = new Set(holes)
    let ring = holes
    while (ring.length > 0) {
      const found: [number, number][] = []
      for (const cell of ring) {
        const height = this.#heightBeside(cells, cell, isSource)
        if (height !== undefined) found.push([cell, height])
      }
      // Only now, so that a ring takes its heights from the ring before and not from itself.
      for (const [cell, height] of found) {
        this.height[cell] = height
        open.delete(cell)
      }
      const next = new Set<number>()
      for (const [cell] of found) {
        for (const [di, dj] of planNeighbours) {
          const beside = cells.findBeside(cell, di, dj, 0)
          if (beside >= 0 && open.has(beside)) next.add(beside)
        }
      }
      ring = [...next]
    }
    return [...open]
  }

  /** Mean height of the sources around a cell. */
  #heightBeside(cells: CellIndex, cell: number, isSource: (cell: number) => boolean): number | undefined {
    let [sum, known] = [0, 0]
    for (const [di, dj] of planNeighbours) {
      const beside = cells.findBeside(cell, di, dj, 0)
      if (beside < 0 || Number.isNaN(this.height[beside]!) || !isSource(beside)) continue
      sum += this.height[beside]!
      known++
    }
    return known > 0 ? sum / known : undefined
  }
}

/** The known cell of a point, or -1. */
export function planCell(grid: PlanGrid, points: PointArrays, i: number): number {
  return planCellAt(grid, points.x[i]!, points.y[i]!)
}

/** The known cell of a place, or -1. */
export function planCellAt({ cells, cellSize, origin }: PlanGrid, x: number, y: number): number {
  // No step check here: a cell that could not be added is not found either.
  const column = Math.floor((x - origin[0]) / cellSize)
  const row = Math.floor((y - origin[1]) / cellSize)
  if (Math.abs(column) >= 2 ** 31 || Math.abs(row) >= 2 ** 31) return -1
  return cells.find(column, row, 0)
}

/** Adds the cell of a point. */
export function addPlanCell({ cells, cellSize, origin }: PlanGrid, points: PointArrays, i: number): number {
  return cells.add(
    cellStep(points.x[i]!, origin[0], cellSize),
    cellStep(points.y[i]!, origin[1], cellSize),
    0,
  )
}

/** Where the ground is seen in plan: one bit for each cell. */
import type { PlanRaster } from './ground-raster.ts'
import { cellWithin, rasterAround } from './plan-cells.ts'

export class SeenGround {
  readonly #plan: PlanRaster
  readonly #bits: Uint8Array
  #isSeen = false

  constructor(min: readonly number[], max: readonly number[], cellSize: number) {
    this.#plan = rasterAround([min[0]!, min[1]!, max[0]!, max[1]!], cellSize, 1)
    this.#bits = new Uint8Array(Math.ceil((this.#plan.columns * this.#plan.rows) / 8))
  }

  add(x: number, y: number): void {
    const at = cellWithin(this.#plan, x, y)
    if (at === undefined) return
    this.#bits[at >> 3]! |= 1 << (at & 7)
    this.#isSeen = true
  }

  /** 1 for the cells of a raster with any ground; all of them where none was ever seen, as then nothing is known of holes. */
  cellsOf(plan: PlanRaster): Uint8Array {
    const cells = new Uint8Array(plan.columns * plan.rows)
    if (!this.#isSeen) return cells.fill(1)
    const { cellSize, firstColumn, firstRow, columns, rows } = this.#plan
    const scale = plan.cellSize / cellSize
    const within = (value: number, count: number) => Math.max(0, Math.min(count, value))
    const [left, right] = [plan.firstColumn, plan.firstColumn + plan.columns].map((column) =>
      within(Math.floor(column * scale) - firstColumn, columns),
    ) as [number, number]
    const [low, high] = [plan.firstRow, plan.firstRow + plan.rows].map((row) =>
      within(Math.floor(row * scale) - firstRow, rows),
    ) as [number, number]
    for (let row = low; row < high; row++) {
      for (let column = left; column < right; column++) {
        const bit = row * columns + column
        if ((this.#bits[bit >> 3]! & (1 << (bit & 7))) === 0) continue
        const at = cellWithin(
          plan,
          (column + firstColumn + 0.5) * cellSize,
          (row + firstRow + 0.5) * cellSize,
        )
        if (at !== undefined) cells[at] = 1
      }
    }
    return cells
  }
}

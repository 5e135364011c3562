/** Where the ground is seen in plan: one bit for each cell. */
import type { PlanRaster } from './ground-raster.ts'
import { cellWithin, rasterAround } from './plan-cells.ts'

/** What it is known by elsewhere. */
export type SeenGroundFacts = { readonly plan: PlanRaster; readonly isSeen: boolean }

export class SeenGround {
  /** Of 32 cells each. */
  readonly words: Uint32Array
  readonly #plan: PlanRaster
  #isSeen: boolean

  static within(min: readonly number[], max: readonly number[], cellSize: number): SeenGround {
    const plan = rasterAround([min[0]!, min[1]!, max[0]!, max[1]!], cellSize, 1)
    return new SeenGround(
      { plan, isSeen: false },
      new Uint32Array(Math.ceil((plan.columns * plan.rows) / 32)),
    )
  }

  /** Where it was seen before. */
  constructor({ plan, isSeen }: SeenGroundFacts, words: Uint32Array) {
    this.#plan = plan
    this.#isSeen = isSeen
    this.words = words
  }

  get facts(): SeenGroundFacts {
    return { plan: this.#plan, isSeen: this.#isSeen }
  }

  add(x: number, y: number): void {
    const at = cellWithin(this.#plan, x, y)
    if (at === undefined) return
    this.words[at >>> 5]! |= 1 << (at & 31)
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
        if ((this.words[bit >>> 5]! & (1 << (bit & 31))) === 0) continue
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

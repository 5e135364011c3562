/** A raster with more cells around it. */
import type { PlanRaster } from './ground-raster.ts'
import type { Pace } from './pace.ts'
import { byBands } from './raster-bands.ts'
import { sharedBytes, sharedFloats } from './shared-arrays.ts'

/**
 * The same heights in the middle of a raster that is `rim` cells larger on every side; Infinity there. Tells of all cells; `prepare` is
 * called for the rows of a band before they are looked at.
 */
export async function withRim(
  heights: Float32Array,
  plan: PlanRaster,
  rim: number,
  pace: Pace,
  prepare: (fromRow: number, endRow: number) => void,
): Promise<{ heights: Float32Array; plan: PlanRaster }> {
  const wide = {
    cellSize: plan.cellSize,
    firstColumn: plan.firstColumn - rim,
    firstRow: plan.firstRow - rim,
    columns: plan.columns + 2 * rim,
    rows: plan.rows + 2 * rim,
  }
  const placed = sharedFloats(wide.columns * wide.rows)
  const clear = (fromRow: number, endRow: number) =>
    placed.fill(Number.POSITIVE_INFINITY, fromRow * wide.columns, endRow * wide.columns)
  clear(0, rim)
  const place = (fromRow: number, endRow: number) => {
    prepare(fromRow, endRow)
    clear(fromRow + rim, endRow + rim)
    for (let row = fromRow; row < endRow; row++) {
      const line = heights.subarray(row * plan.columns, (row + 1) * plan.columns)
      placed.set(line, (row + rim) * wide.columns + rim)
    }
  }
  await byBands(plan, pace, place, 'all')
  clear(plan.rows + rim, wide.rows)
  return { heights: placed, plan: wide }
}

/** Takes what lies within the rim out of marks of the larger raster; tells of all cells. */
export async function withoutRim(
  marks: Uint8Array,
  plan: PlanRaster,
  rim: number,
  pace: Pace,
): Promise<Uint8Array> {
  const columns = plan.columns + 2 * rim
  const inner = sharedBytes(plan.columns * plan.rows)
  const take = (fromRow: number, endRow: number) => {
    for (let row = fromRow; row < endRow; row++) {
      const start = (row + rim) * columns + rim
      inner.set(marks.subarray(start, start + plan.columns), row * plan.columns)
    }
  }
  await byBands(plan, pace, take, 'all')
  return inner
}

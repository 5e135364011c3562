/** A raster with more cells around it. */
import type { PlanRaster } from './ground-raster.ts'
import { sharedBytes, sharedFloats } from './shared-arrays.ts'

/** The same heights in the middle of a raster that is `rim` cells larger on every side; Infinity there. */
export function withRim(
  heights: Float32Array,
  plan: PlanRaster,
  rim: number,
): { heights: Float32Array; plan: PlanRaster } {
  const wide = {
    cellSize: plan.cellSize,
    firstColumn: plan.firstColumn - rim,
    firstRow: plan.firstRow - rim,
    columns: plan.columns + 2 * rim,
    rows: plan.rows + 2 * rim,
  }
  const placed = sharedFloats(wide.columns * wide.rows).fill(Number.POSITIVE_INFINITY)
  for (let row = 0; row < plan.rows; row++) {
    const line = heights.subarray(row * plan.columns, (row + 1) * plan.columns)
    placed.set(line, (row + rim) * wide.columns + rim)
  }
  return { heights: placed, plan: wide }
}

/** Takes what lies within the rim out of marks of the larger raster. */
export function withoutRim(marks: Uint8Array, plan: PlanRaster, rim: number): Uint8Array {
  const columns = plan.columns + 2 * rim
  const inner = sharedBytes(plan.columns * plan.rows)
  for (let row = 0; row < plan.rows; row++) {
    const start = (row + rim) * columns + rim
    inner.set(marks.subarray(start, start + plan.columns), row * plan.columns)
  }
  return inner
}

/** Heights for the cells of a raster that have none. */
import type { PlanRaster } from './ground-raster.ts'

/** Gives every cell that is Infinity the height of the nearest known one, by steps from cell to cell, in linear time. */
export function fillHoles(
  heights: Float32Array,
  { columns, rows }: Pick<PlanRaster, 'columns' | 'rows'>,
): void {
  const queue = new Uint32Array(columns * rows)
  let [head, tail] = [0, 0]
  for (let cell = 0; cell < heights.length; cell++)
    if (heights[cell]! < Number.POSITIVE_INFINITY) queue[tail++] = cell
  if (tail === 0) heights.fill(0)
  for (; head < tail; head++) {
    const cell = queue[head]!
    const column = cell % columns
    const spread = (beside: number) => {
      if (heights[beside] !== Number.POSITIVE_INFINITY) return
      heights[beside] = heights[cell]!
      queue[tail++] = beside
    }
    if (column > 0) spread(cell - 1)
    if (column < columns - 1) spread(cell + 1)
    if (cell >= columns) spread(cell - columns)
    if (cell + columns < heights.length) spread(cell + columns)
  }
}

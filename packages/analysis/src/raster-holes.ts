/** Heights for the cells of a raster that have none, which is told by Infinity. */
import type { PlanRaster } from './ground-raster.ts'

/**
 * Gives a hole the height of the known cell that the fewest steps along rows and columns lead to, the lowest of several. What a
 * scanner did not see is mostly ground beside something that stands on it: a mean would put a ramp there. Farther than
 * `reach` steps a hole stays. Two passes (Rosenfeld and Pfaltz, 1966), so that the result depends on nothing farther away.
 */
export function fillFromNearest(
  heights: Float32Array,
  { columns, rows }: Pick<PlanRaster, 'columns' | 'rows'>,
  reach: number,
): void {
  const steps = new Uint16Array(heights.length)
  const farthest = 65_535
  const from = (cell: number, beside: number) => {
    const away = steps[beside]! + 1
    if (away < steps[cell]!) {
      steps[cell] = away
      heights[cell] = heights[beside]!
    } else if (away === steps[cell] && heights[beside]! < heights[cell]!) heights[cell] = heights[beside]!
  }
  for (let row = 0, cell = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, cell++) {
      if (heights[cell]! < Number.POSITIVE_INFINITY) continue
      steps[cell] = farthest
      if (column > 0 && steps[cell - 1]! < farthest) from(cell, cell - 1)
      if (row > 0 && steps[cell - columns]! < farthest) from(cell, cell - columns)
    }
  }
  for (let row = rows - 1, cell = heights.length - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--, cell--) {
      if (steps[cell] === 0) continue
      if (column < columns - 1 && steps[cell + 1]! < farthest) from(cell, cell + 1)
      if (row < rows - 1 && steps[cell + columns]! < farthest) from(cell, cell + columns)
    }
  }
  for (let cell = 0; cell < heights.length; cell++) {
    if (steps[cell]! > reach) heights[cell] = Number.POSITIVE_INFINITY
  }
}

/** How far what `fillSmoothly` puts into a hole depends on others, in cells. */
export const smoothReach = (levels: number, rounds: number) => 3 * 2 ** levels + 2 * rounds

/**
 * Gives holes a smooth surface between what surrounds them: means over ever larger cells, then from the largest cells down
 * what is missing by interpolation (Gortler et al., 1996, "The lumigraph", section 3.4: pull and push), and `rounds` of
 * relaxation. Linear in the cells. Large cells lie at multiples of their size, so that tiles agree. A hole with nothing
 * known for about 2^levels cells around stays.
 */
export function fillSmoothly(heights: Float32Array, plan: PlanRaster, levels: number, rounds: number): void {
  const known = new Uint8Array(heights.length)
  for (let cell = 0; cell < heights.length; cell++)
    if (heights[cell]! < Number.POSITIVE_INFINITY) known[cell] = 1
  const pyramid: Level[] = [{ ...plan, heights, known: known.slice() }]
  for (let level = 0; level < levels; level++) pyramid.push(coarser(pyramid[level]!))
  for (let level = levels - 1; level >= 0; level--) fillFromCoarser(pyramid[level]!, pyramid[level + 1]!)
  for (let round = 0; round < rounds; round++) {
    relax(heights, known, plan, 0)
    relax(heights, known, plan, 1)
  }
}

/** Heights where `known` is 1. */
type Level = Omit<PlanRaster, 'cellSize'> & { readonly heights: Float32Array; readonly known: Uint8Array }

function coarser(fine: Level): Level {
  const half = (index: number) => Math.floor(index / 2)
  const [firstColumn, firstRow] = [half(fine.firstColumn), half(fine.firstRow)]
  const columns = half(fine.firstColumn + fine.columns - 1) - firstColumn + 1
  const rows = half(fine.firstRow + fine.rows - 1) - firstRow + 1
  const heights = new Float32Array(columns * rows)
  const known = new Uint8Array(columns * rows)
  for (let row = 0, cell = 0; row < fine.rows; row++) {
    const line = (half(fine.firstRow + row) - firstRow) * columns
    // Columns are halved from their parity on, which saves a division for each cell.
    let [above, odd] = [line, Math.abs(fine.firstColumn % 2)]
    for (let column = 0; column < fine.columns; column++, cell++) {
      if (fine.known[cell] === 1) {
        heights[above]! += fine.heights[cell]!
        known[above]!++
      }
      above += odd
      odd = 1 - odd
    }
  }
  for (let cell = 0; cell < heights.length; cell++) {
    if (known[cell]! === 0) continue
    heights[cell]! /= known[cell]!
    known[cell] = 1
  }
  return { firstColumn, firstRow, columns, rows, heights, known }
}

/** What is missing, from the four larger cells around its middle, as far as they are known. */
function fillFromCoarser(fine: Level, coarse: Level): void {
  for (let row = 0, cell = 0; row < fine.rows; row++) {
    const oddRow = Math.abs((fine.firstRow + row) % 2)
    const line = Math.floor((fine.firstRow + row) / 2) - coarse.firstRow
    const otherLine = line + (oddRow === 1 ? 1 : -1)
    for (let column = 0; column < fine.columns; column++, cell++) {
      if (fine.known[cell] === 1) continue
      const oddColumn = Math.abs((fine.firstColumn + column) % 2)
      const at = Math.floor((fine.firstColumn + column) / 2) - coarse.firstColumn
      const other = at + (oddColumn === 1 ? 1 : -1)
      let [sum, weight] = [0, 0]
      const take = (c: number, r: number, share: number) => {
        if (c < 0 || r < 0 || c >= coarse.columns || r >= coarse.rows) return
        const k = r * coarse.columns + c
        if (coarse.known[k] === 0) return
        sum += share * coarse.heights[k]!
        weight += share
      }
      take(at, line, 9)
      take(other, line, 3)
      take(at, otherLine, 3)
      take(other, otherLine, 1)
      if (weight === 0) continue
      fine.heights[cell] = sum / weight
      fine.known[cell] = 1
    }
  }
}

/** Gives each hole of one colour of a chequerboard the mean of those beside it. */
function relax(heights: Float32Array, known: Uint8Array, plan: PlanRaster, colour: 0 | 1): void {
  const { columns, rows } = plan
  for (let row = 0; row < rows; row++) {
    const first = Math.abs((plan.firstColumn + plan.firstRow + row + colour) % 2)
    for (let column = first; column < columns; column += 2) {
      const cell = row * columns + column
      if (known[cell] === 1) continue
      let [sum, count] = [0, 0]
      const take = (beside: number) => {
        const height = heights[beside]!
        if (height === Number.POSITIVE_INFINITY) return
        sum += height
        count++
      }
      if (column > 0) take(cell - 1)
      if (column < columns - 1) take(cell + 1)
      if (row > 0) take(cell - columns)
      if (row < rows - 1) take(cell + columns)
      if (count > 0) heights[cell] = sum / count
    }
  }
}

/** Heights for the cells of a raster that have none, which is told by Infinity. */
import type { PlanRaster } from './ground-raster.ts'
import type { Pace } from './pace.ts'
import { byBands } from './raster-bands.ts'

/**
 * Gives a hole the height of the known cell that the fewest steps along rows and columns lead to, the lowest of several. What a
 * scanner did not see is mostly ground beside something that stands on it: a mean would put a ramp there. Farther than
 * `reach` steps a hole stays. Two passes (Rosenfeld and Pfaltz, 1966), so that the result depends on nothing farther away.
 */
export async function fillFromNearest(
  heights: Float32Array,
  plan: Pick<PlanRaster, 'columns' | 'rows'>,
  reach: number,
  pace: Pace,
): Promise<void> {
  const { columns, rows } = plan
  // Of holes; 0 where a height is known.
  const steps = new Uint16Array(heights.length)
  await byBands(plan, pace, (fromRow, endRow) => {
    for (let row = fromRow, cell = fromRow * columns; row < endRow; row++) {
      for (let column = 0; column < columns; column++, cell++) {
        if (heights[cell]! < Number.POSITIVE_INFINITY) continue
        steps[cell] = farAway
        if (column > 0) takeFrom(heights, steps, cell, cell - 1)
        if (row > 0) takeFrom(heights, steps, cell, cell - columns)
      }
    }
  })
  const backwards = true
  await byBands(
    plan,
    pace,
    (fromRow, endRow) => {
      for (let row = endRow - 1, cell = endRow * columns - 1; row >= fromRow; row--) {
        for (let column = columns - 1; column >= 0; column--, cell--) {
          if (steps[cell] === 0) continue
          if (column < columns - 1) takeFrom(heights, steps, cell, cell + 1)
          if (row < rows - 1) takeFrom(heights, steps, cell, cell + columns)
          if (steps[cell]! > reach) steps[cell] = farAway
        }
      }
    },
    backwards,
  )
  for (let cell = 0; cell < heights.length; cell++) {
    if (steps[cell]! === farAway) heights[cell] = Number.POSITIVE_INFINITY
  }
}

const farAway = 60_000

function takeFrom(heights: Float32Array, steps: Uint16Array, cell: number, beside: number): void {
  const away = steps[beside]! + 1
  if (away > farAway) return
  if (away < steps[cell]! || (away === steps[cell]! && heights[beside]! < heights[cell]!)) {
    steps[cell] = away
    heights[cell] = heights[beside]!
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
export async function fillSmoothly(
  heights: Float32Array,
  plan: PlanRaster,
  levels: number,
  rounds: number,
  pace: Pace,
): Promise<void> {
  const known = new Uint8Array(heights.length)
  for (let cell = 0; cell < heights.length; cell++)
    if (heights[cell]! < Number.POSITIVE_INFINITY) known[cell] = 1
  const pyramid: Level[] = [{ ...plan, heights, known: known.slice() }]
  for (let level = 0; level < levels; level++) pyramid.push(await coarser(pyramid[level]!, pace))
  for (let level = levels - 1; level >= 0; level--) {
    const [fine, coarse] = [pyramid[level]!, pyramid[level + 1]!]
    await byBands(fine, pace, (fromRow, endRow) => fillFromCoarser(fine, coarse, fromRow, endRow))
  }
  for (let halfRound = 0; halfRound < 2 * rounds; halfRound++) {
    await byBands(plan, pace, (fromRow, endRow) =>
      relax(heights, known, plan, halfRound % 2, fromRow, endRow),
    )
  }
}

/** Heights where `known` is 1. */
type Level = Omit<PlanRaster, 'cellSize'> & { readonly heights: Float32Array; readonly known: Uint8Array }

async function coarser(fine: Level, pace: Pace): Promise<Level> {
  const half = (index: number) => Math.floor(index / 2)
  const [firstColumn, firstRow] = [half(fine.firstColumn), half(fine.firstRow)]
  const columns = half(fine.firstColumn + fine.columns - 1) - firstColumn + 1
  const rows = half(fine.firstRow + fine.rows - 1) - firstRow + 1
  const heights = new Float32Array(columns * rows)
  const known = new Uint8Array(columns * rows)
  await byBands(fine, pace, (fromRow, endRow) => {
    for (let row = fromRow, cell = fromRow * fine.columns; row < endRow; row++) {
      // Columns are halved from their parity on, which saves a division for each cell.
      let above = (half(fine.firstRow + row) - firstRow) * columns
      let odd = isOdd(fine.firstColumn) ? 1 : 0
      for (let column = 0; column < fine.columns; column++, cell++) {
        if (fine.known[cell] === 1) {
          heights[above]! += fine.heights[cell]!
          known[above]!++
        }
        above += odd
        odd = 1 - odd
      }
    }
  })
  for (let cell = 0; cell < heights.length; cell++) {
    if (known[cell]! === 0) continue
    heights[cell]! /= known[cell]!
    known[cell] = 1
  }
  return { firstColumn, firstRow, columns, rows, heights, known }
}

/** What is missing, from the four larger cells around its middle, as far as they are known. */
function fillFromCoarser(fine: Level, coarse: Level, fromRow: number, endRow: number): void {
  for (let row = fromRow, cell = fromRow * fine.columns; row < endRow; row++) {
    const nearRow = Math.floor((fine.firstRow + row) / 2) - coarse.firstRow
    const farRow = nearRow + (isOdd(fine.firstRow + row) ? 1 : -1)
    for (let column = 0; column < fine.columns; column++, cell++) {
      if (fine.known[cell] === 1) continue
      const nearColumn = Math.floor((fine.firstColumn + column) / 2) - coarse.firstColumn
      const farColumn = nearColumn + (isOdd(fine.firstColumn + column) ? 1 : -1)
      let [sum, weights] = [0, 0]
      for (let corner = 0; corner < 4; corner++) {
        const r = corner < 2 ? nearRow : farRow
        const c = corner % 2 === 0 ? nearColumn : farColumn
        if (c < 0 || r < 0 || c >= coarse.columns || r >= coarse.rows) continue
        const other = r * coarse.columns + c
        if (coarse.known[other] === 0) continue
        sum += cornerWeights[corner]! * coarse.heights[other]!
        weights += cornerWeights[corner]!
      }
      if (weights === 0) continue
      fine.heights[cell] = sum / weights
      fine.known[cell] = 1
    }
  }
}

/** Bilinear weights, in sixteenths, of the larger cells around the middle of a cell: nearest first, farthest last. */
const cornerWeights = [9, 3, 3, 1]

/** Gives each hole of one colour of a chequerboard the mean of those beside it, at the raster's edge its own for what is missing. */
function relax(
  heights: Float32Array,
  known: Uint8Array,
  plan: PlanRaster,
  colour: number,
  fromRow: number,
  endRow: number,
): void {
  const { columns, rows } = plan
  for (let row = fromRow; row < endRow; row++) {
    const down = row > 0 ? -columns : 0
    const up = row < rows - 1 ? columns : 0
    for (
      let column = isOdd(plan.firstColumn + plan.firstRow + row + colour) ? 1 : 0;
      column < columns;
      column += 2
    ) {
      const cell = row * columns + column
      if (known[cell] === 1) continue
      const left = column > 0 ? heights[cell - 1]! : heights[cell]!
      const right = column < columns - 1 ? heights[cell + 1]! : heights[cell]!
      const mean = (left + right + heights[cell + down]! + heights[cell + up]!) / 4
      // Beside a hole that stays one.
      if (mean < Number.POSITIVE_INFINITY) heights[cell] = mean
    }
  }
}

function isOdd(index: number): boolean {
  return index % 2 !== 0
}

/** Heights for the cells of a raster that have none, from the nearest that has one. Infinity tells that there is none. */
import type { PlanRaster } from './ground-raster.ts'
import { type Band, bandsOfRows } from './raster-bands.ts'

/**
 * Gives a hole the height of the known cell that the fewest steps along rows and columns lead to, the lowest of several. What a
 * scanner did not see is mostly ground beside something that stands on it: a mean would put a ramp there. Farther than
 * `reach` steps a hole stays.
 */
export type NearestPass = {
  readonly kind: 'nearest'
  readonly plan: Pick<PlanRaster, 'columns' | 'rows'>
  readonly reach: number
  readonly heights: Float32Array
  /** Cells where it is not 1 are holes as well. */
  readonly only?: Uint8Array | undefined
  readonly filled: Float32Array
}

/** Of so many rows that what lies around them, and is worked on as well, is not most of it. */
export function nearestBands({ plan: { rows }, reach }: NearestPass): Band[] {
  return bandsOfRows(rows, Math.ceil(rows / Math.max(1, Math.floor(rows / (4 * reach)))))
}

/** Two passes (Rosenfeld and Pfaltz, 1966) over the band and all that it depends on. */
export function fillNearestBand(pass: NearestPass, firstRow: number, endRow: number): void {
  const { plan, reach, heights, only, filled } = pass
  const { columns } = plan
  const [from, to] = [Math.max(0, firstRow - reach), Math.min(plan.rows, endRow + reach)]
  const own = heights.slice(from * columns, to * columns)
  if (only !== undefined)
    for (let cell = 0, at = from * columns; cell < own.length; cell++, at++)
      if (only[at] !== 1) own[cell] = Number.POSITIVE_INFINITY
  fillOwn(own, columns, reach)
  const inner = (firstRow - from) * columns
  filled.set(own.subarray(inner, inner + (endRow - firstRow) * columns), firstRow * columns)
}

function fillOwn(heights: Float32Array, columns: number, reach: number): void {
  const rows = heights.length / columns
  // Of holes; 0 where a height is known.
  const steps = new Uint16Array(heights.length)
  for (let row = 0, cell = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, cell++) {
      if (heights[cell]! < Number.POSITIVE_INFINITY) continue
      steps[cell] = farAway
      if (column > 0) takeFrom(heights, steps, cell, cell - 1)
      if (row > 0) takeFrom(heights, steps, cell, cell - columns)
    }
  }
  for (let row = rows - 1, cell = heights.length - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--, cell--) {
      if (steps[cell] === 0) continue
      if (column < columns - 1) takeFrom(heights, steps, cell, cell + 1)
      if (row < rows - 1) takeFrom(heights, steps, cell, cell + columns)
      if (steps[cell]! > reach) steps[cell] = farAway
      if (steps[cell] === farAway) heights[cell] = Number.POSITIVE_INFINITY
    }
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

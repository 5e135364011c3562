/** Level areas too large for any window that rise from the ground on nearly all sides: large buildings. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'

/** So far to either side of an area's edge the fall is looked for. */
export const edgeCells = 3

/** How far it depends on others whether a cell belongs to a raised area, in cells. */
export function raisedReach({ raisedExtent, cellSize }: GroundOptions): number {
  return Math.ceil(raisedExtent / cellSize) + edgeCells
}

/**
 * Tells of each area of connected cells whose edge is a steep fall, along nearly all of it, to what lies around. Two cells are
 * connected unless they differ by more than their size (45 degrees). The ground may fall off steeply too, but hardly ever on
 * all sides of a piece no larger than a hall; and where the edge is that of the raster or of what is known, that is no sign.
 * A segment's edge as the sign of an object: Sithole and Vosselman (2005), "Filtering of airborne laser scanner data based on
 * segmented point clouds". `heights` has no holes but Infinity where nothing is known. `cells` is used again after each call.
 */
export function visitRaisedAreas(
  heights: Float32Array,
  lowestAround: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  options: GroundOptions,
  visit: (cells: Uint32Array) => void,
): void {
  const smallest = options.raisedArea / cellSize ** 2
  const extent = options.raisedExtent / cellSize
  const seen = new Uint8Array(heights.length)
  const area = new Uint32Array(heights.length)
  for (let start = 0; start < heights.length; start++) {
    if (seen[start] === 1 || heights[start] === Number.POSITIVE_INFINITY) continue
    let [count, falls, rises, edges] = [1, 0, 0, 0]
    let [left, right, below, above] = [columns, 0, rows, 0]
    area[0] = start
    seen[start] = 1
    for (let next = 0; next < count; next++) {
      const cell = area[next]!
      const height = heights[cell]!
      const row = Math.floor(cell / columns)
      const column = cell - row * columns
      if (column < left) left = column
      if (column > right) right = column
      if (row < below) below = row
      if (row > above) above = row
      const look = (inside: boolean, beside: number) => {
        const drop = inside ? height - heights[beside]! : Number.NEGATIVE_INFINITY
        if (Math.abs(drop) <= cellSize) {
          if (seen[beside] === 0) {
            seen[beside] = 1
            area[count++] = beside
          }
          return
        }
        edges++
        if (drop > 0 && height - lowestAround[cell]! >= options.raisedHeight) falls++
        else if (drop < 0 && drop > Number.NEGATIVE_INFINITY) rises++
      }
      look(column > 0, cell - 1)
      look(column < columns - 1, cell + 1)
      look(row > 0, cell - columns)
      look(row < rows - 1, cell + columns)
    }
    if (count < smallest || right - left >= extent || above - below >= extent) continue
    if (falls >= leastFalls * edges && rises <= mostRises * edges) visit(area.subarray(0, count))
  }
}

/** Shares of an area's edge. */
const [leastFalls, mostRises] = [0.6, 0.15]

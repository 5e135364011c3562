/** Areas too large for any window that rise from the ground on nearly all sides: large buildings. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'
import type { Pace } from './pace.ts'
import { cellsPerTurn } from './raster-bands.ts'

/** So far beyond an area's edge the fall is looked for, in cells. */
export const edgeCells = 3
/** Shares of an area's edge. */
const [leastFalls, mostRises] = [0.6, 0.15]

/** How far it depends on others whether a cell belongs to a raised area, in cells. */
export function raisedReach({ raisedExtent, cellSize }: GroundOptions): number {
  return Math.ceil(raisedExtent / cellSize) + edgeCells
}

/**
 * Tells of each area of connected cells whose edge is a fall by a wall, along nearly all of it, to what lies around. Cells side by
 * side are connected unless the step between them is steep. The ground may fall off by walls too, but hardly ever on all
 * sides of a piece no larger than a hall; and where the edge is that of the raster, or of what is known, it is no sign.
 * A segment's edge as the sign of an object: Sithole and Vosselman (2005), "Filtering of airborne laser scanner data based on
 * segmented point clouds". `heights` has no holes but Infinity where nothing is known; `lowestAround` is the lowest of it
 * within `edgeCells`. `visit` gets an array that is used again.
 */
export async function visitRaisedAreas(
  heights: Float32Array,
  lowestAround: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  { steepSlope, fallHeight, raisedArea, raisedExtent }: GroundOptions,
  visit: (cells: Uint32Array) => void,
  pace: Pace,
): Promise<void> {
  const [smallest, extent] = [raisedArea / cellSize ** 2, raisedExtent / cellSize]
  const steepStep = steepSlope * cellSize
  const seen = new Uint8Array(heights.length)
  const area = new Uint32Array(heights.length)
  const beside = new Int32Array(4)
  let sinceTurn = 0
  for (let start = 0; start < heights.length; start++) {
    if (seen[start] === 1 || heights[start] === Number.POSITIVE_INFINITY) continue
    let [count, falls, rises, edges] = [1, 0, 0, 0]
    let [left, right, below, above] = [columns, 0, rows, 0]
    area[0] = start
    seen[start] = 1
    for (let next = 0; next < count; next++) {
      if (++sinceTurn === cellsPerTurn) {
        sinceTurn = 0
        await pace(0)
      }
      const cell = area[next]!
      const height = heights[cell]!
      const row = Math.floor(cell / columns)
      const column = cell - row * columns
      if (column < left) left = column
      if (column > right) right = column
      if (row < below) below = row
      if (row > above) above = row
      beside[0] = column > 0 ? cell - 1 : -1
      beside[1] = column < columns - 1 ? cell + 1 : -1
      beside[2] = row > 0 ? cell - columns : -1
      beside[3] = row < rows - 1 ? cell + columns : -1
      for (let side = 0; side < 4; side++) {
        const other = beside[side]!
        const drop = other < 0 ? Number.NEGATIVE_INFINITY : height - heights[other]!
        if (drop <= steepStep && drop >= -steepStep) {
          if (seen[other] === 0) {
            seen[other] = 1
            area[count++] = other
          }
          continue
        }
        edges++
        if (drop > 0) {
          if (height - lowestAround[cell]! >= fallHeight) falls++
        } else if (drop > Number.NEGATIVE_INFINITY) rises++
      }
    }
    if (count < smallest || right - left >= extent || above - below >= extent) continue
    if (falls >= leastFalls * edges && rises <= mostRises * edges) visit(area.subarray(0, count))
  }
}

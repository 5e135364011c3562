/** Which points are ground. */
import type { GroundSurface } from './ground-surface.ts'

/** Class codes of the ASPRS (LAS 1.4 R15, table 17). */
export const groundClass = 2
export const restClass = 1

/**
 * Writes the class of each point of a batch into `into`: ground within the surface's tolerance above or below it. Each
 * point is judged by itself. RangeError for a point more than a cell outside the raster.
 */
export function classifyGround(
  surface: GroundSurface,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  into: Uint8Array,
  count = x.length,
): void {
  const { height, tolerance, heightOrigin } = surface
  const { cellSize, firstColumn, firstRow, columns, rows } = surface.plan
  for (let i = 0; i < count; i++) {
    // In cells, from the middle of the first.
    const u = x[i]! / cellSize - firstColumn - 0.5
    const v = y[i]! / cellSize - firstRow - 0.5
    if (!(u >= -1.5 && u <= columns + 0.5 && v >= -1.5 && v <= rows + 0.5)) {
      throw new RangeError(`point ${i} of the batch (${x[i]}, ${y[i]}) is not in the surface's bounds`)
    }
    const left = Math.max(0, Math.min(Math.floor(u), columns - 2))
    const below = Math.max(0, Math.min(Math.floor(v), rows - 2))
    const [a, b] = [Math.max(0, Math.min(u - left, 1)), Math.max(0, Math.min(v - below, 1))]
    const [right, above] = [Math.min(left + 1, columns - 1), Math.min(below + 1, rows - 1)]
    const lower = height[below * columns + left]! * (1 - a) + height[below * columns + right]! * a
    const upper = height[above * columns + left]! * (1 - a) + height[above * columns + right]! * a
    const surfaceHeight = lower * (1 - b) + upper * b
    const cell =
      Math.max(0, Math.min(Math.floor(v + 0.5), rows - 1)) * columns +
      Math.max(0, Math.min(Math.floor(u + 0.5), columns - 1))
    const isGround = Math.abs(z[i]! - heightOrigin - surfaceHeight) <= tolerance[cell]!
    into[i] = isGround ? groundClass : restClass
  }
}

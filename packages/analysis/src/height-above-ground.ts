/** How high points are above the ground. */
import type { GroundSurface } from './ground-surface.ts'
import type { PointArrays } from './point-arrays.ts'

/** Bilinear between the middles of cells; NaN where no ground is near. Points outside get the ground of the nearest cell. */
export function heightsAboveGround(surface: GroundSurface, { x, y, z }: PointArrays): Float32Array {
  const { height, heightOrigin } = surface
  const { cellSize, firstColumn, firstRow, columns, rows } = surface.plan
  const heights = new Float32Array(x.length)
  for (let i = 0; i < x.length; i++) {
    const u = Math.max(0, Math.min(x[i]! / cellSize - firstColumn - 0.5, columns - 1))
    const v = Math.max(0, Math.min(y[i]! / cellSize - firstRow - 0.5, rows - 1))
    const [left, below] = [Math.floor(u), Math.floor(v)]
    const [right, above] = [Math.min(left + 1, columns - 1), Math.min(below + 1, rows - 1)]
    const [a, b] = [u - left, v - below]
    const lower = height[below * columns + left]! * (1 - a) + height[below * columns + right]! * a
    const upper = height[above * columns + left]! * (1 - a) + height[above * columns + right]! * a
    const ground = lower * (1 - b) + upper * b
    heights[i] = Number.isFinite(ground) ? z[i]! - heightOrigin - ground : Number.NaN
  }
  return heights
}

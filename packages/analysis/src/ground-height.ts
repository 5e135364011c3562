/** The ground below a place, and how high points are above it. */
import type { GroundSurface } from './ground-surface.ts'
import type { PointArrays } from './point-arrays.ts'

/** Bilinear between the middles of cells, level beyond the outermost; Infinity or NaN where no ground is near. */
export function groundHeight({ plan, height, heightOrigin }: GroundSurface, x: number, y: number): number {
  const { cellSize, firstColumn, firstRow, columns, rows } = plan
  const u = Math.max(0, Math.min(x / cellSize - firstColumn - 0.5, columns - 1))
  const v = Math.max(0, Math.min(y / cellSize - firstRow - 0.5, rows - 1))
  const [left, below] = [Math.floor(u), Math.floor(v)]
  const [right, above] = [Math.min(left + 1, columns - 1), Math.min(below + 1, rows - 1)]
  const [a, b] = [u - left, v - below]
  const lower = height[below * columns + left]! * (1 - a) + height[below * columns + right]! * a
  const upper = height[above * columns + left]! * (1 - a) + height[above * columns + right]! * a
  return heightOrigin + lower * (1 - b) + upper * b
}

/** Of each point; NaN where no ground is near, as beyond the raster. */
export function heightsAboveGround(surface: GroundSurface, { x, y, z }: PointArrays): Float32Array {
  const heights = new Float32Array(x.length)
  for (let i = 0; i < x.length; i++) {
    const ground = isBeyond(surface, x[i]!, y[i]!) ? Number.NaN : groundHeight(surface, x[i]!, y[i]!)
    heights[i] = Number.isFinite(ground) ? z[i]! - ground : Number.NaN
  }
  return heights
}

/** By more than a cell: bounds in headers are rounded. */
function isBeyond({ plan }: GroundSurface, x: number, y: number): boolean {
  const { cellSize, firstColumn, firstRow, columns, rows } = plan
  const [across, along] = [x / cellSize - firstColumn, y / cellSize - firstRow]
  return !(across >= -1 && across <= columns + 1 && along >= -1 && along <= rows + 1)
}

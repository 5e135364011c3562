/** Which points are ground. */
import type { GroundSurface } from './ground-surface.ts'

/** Class codes of the ASPRS (LAS 1.4 R15, table 17). */
export const groundClass = 2
export const restClass = 1

/**
 * Writes the class of each of the first `count` points of a batch into `into`: ground within the surface's tolerance above or
 * below it. Each point is judged by itself, by the surface at its place: between the middles of cells heights are
 * interpolated (a step for each cell would cost half a cell's rise on a slope). Beyond the raster there is no ground. RangeError
 * for what is no number.
 */
export function classifyGround(
  { plan, height, tolerance, heightOrigin }: GroundSurface,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  into: Uint8Array,
  count = x.length,
): void {
  const { firstColumn, firstRow, columns, rows } = plan
  const perUnit = 1 / plan.cellSize
  const [lastColumn, lastRow] = [columns - 1, rows - 1]
  for (let i = 0; i < count; i++) {
    // In cells, from the middle of the first one; beyond the outermost middles the surface is level.
    const across = x[i]! * perUnit - firstColumn - 0.5
    const along = y[i]! * perUnit - firstRow - 0.5
    const pointHeight = z[i]! - heightOrigin
    // Written so that NaN does not pass.
    if (
      !(across >= -1.5 && across <= columns + 0.5 && along >= -1.5 && along <= rows + 0.5) ||
      !(Math.abs(pointHeight) < Number.POSITIVE_INFINITY)
    ) {
      if (!(Number.isFinite(across) && Number.isFinite(along) && Number.isFinite(pointHeight)))
        throw new RangeError(`point ${i} of the batch (${x[i]}, ${y[i]}, ${z[i]}) is no place`)
      into[i] = restClass
      continue
    }
    const u = Math.min(Math.max(across, 0), lastColumn)
    const v = Math.min(Math.max(along, 0), lastRow)
    const [column, row] = [u | 0, v | 0]
    const [a, b] = [u - column, v - row]
    const lower = row * columns + column
    const right = column < lastColumn ? 1 : 0
    const upper = row < lastRow ? lower + columns : lower
    const near = height[lower]! + a * (height[lower + right]! - height[lower]!)
    const far = height[upper]! + a * (height[upper + right]! - height[upper]!)
    const nearest = ((v + 0.5) | 0) * columns + ((u + 0.5) | 0)
    const away = Math.abs(pointHeight - near - b * (far - near))
    into[i] = away <= tolerance[nearest]! ? groundClass : restClass
  }
}

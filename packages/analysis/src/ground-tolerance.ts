/** How far above or below the surface a point is still ground. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'

/** Pingel et al. (2013), section 2.4: it grows with the slope of the surface. 0 where the surface is not known. */
export type TolerancePass = {
  readonly kind: 'tolerance'
  readonly plan: PlanRaster
  readonly options: GroundOptions
  readonly height: Float32Array
  readonly tolerance: Float32Array
}

export function writeTolerance(pass: TolerancePass, fromRow: number, endRow: number): void {
  const { plan, options, height, tolerance } = pass
  const { columns, rows, cellSize } = plan
  const { heightTolerance, tolerancePerSlope } = options
  for (let row = fromRow, cell = fromRow * columns; row < endRow; row++) {
    const below = row > 0 ? columns : 0
    const above = row < rows - 1 ? columns : 0
    for (let column = 0; column < columns; column++, cell++) {
      const left = column > 0 ? 1 : 0
      const right = column < columns - 1 ? 1 : 0
      const riseX = (height[cell + right]! - height[cell - left]!) / (Math.max(left + right, 1) * cellSize)
      const riseY =
        (height[cell + above]! - height[cell - below]!) / (above > 0 && below > 0 ? 2 * cellSize : cellSize)
      const slope = Math.sqrt(riseX * riseX + riseY * riseY)
      tolerance[cell] = slope < Number.POSITIVE_INFINITY ? heightTolerance + tolerancePerSlope * slope : 0
    }
  }
}

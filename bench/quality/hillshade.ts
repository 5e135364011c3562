// Heights of points as a picture from above, lit from the north-west.
import type { PointArrays } from '@alidade/analysis'

/** What to draw, and how large a pixel is, in the unit of the coordinates. */
export interface PlanView {
  left: number
  top: number
  pixel: number
  /** In pixels. */
  width: number
  height: number
}

/** Of `minX, minY, maxX, maxY`. */
export function planView(
  [left, bottom, right, top]: readonly [number, number, number, number],
  pixel: number,
): PlanView {
  const [width, height] = [Math.ceil((right - left) / pixel), Math.ceil((top - bottom) / pixel)]
  return { left, top, pixel, width, height }
}

/** The pixel of a place; -1 for one that is not in the picture. */
export function pixelAt({ left, top, pixel, width, height }: PlanView, x: number, y: number): number {
  const [column, row] = [Math.floor((x - left) / pixel), Math.floor((top - y) / pixel)]
  return column < 0 || row < 0 || column >= width || row >= height ? -1 : row * width + column
}

/** Heights in pixels, the highest point of each that `isDrawn`; NaN where there is none. */
export function heightsOf(
  { x, y, z }: PointArrays,
  view: PlanView,
  isDrawn: (point: number) => boolean = () => true,
): Float64Array {
  const heights = new Float64Array(view.width * view.height).fill(Number.NaN)
  for (let i = 0; i < x.length; i++) {
    const at = isDrawn(i) ? pixelAt(view, x[i]!, y[i]!) : -1
    if (at >= 0 && !(heights[at]! > z[i]!)) heights[at] = z[i]!
  }
  return heights
}

/** Brightness of a pixel, 0 where nothing is known. Lit half way up. */
export function shade(heights: Float64Array, { width, pixel }: PlanView, at: number): number {
  const own = heights[at]!
  if (Number.isNaN(own)) return 0
  const slope = (other: number | undefined) => (other === undefined || Number.isNaN(other) ? 0 : own - other)
  const lit = 0.7 + (0.5 * (slope(heights[at + 1]) + slope(heights[at + width]))) / Math.SQRT2 / pixel / 2
  return Math.round(255 * Math.min(1, Math.max(0.25, lit)))
}

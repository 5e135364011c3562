/** The upright box of least plan area around some points. */
import { convexHull } from './convex-hull.ts'
import type { PointArrays } from './point-arrays.ts'

export type OrientedBox = {
  readonly center: readonly [number, number, number]
  /** Along the box's own x (the longer side in plan), y and z. A side may be 0. */
  readonly size: readonly [number, number, number]
  /** Direction of the longer side, counter-clockwise from the x axis of the SRS, above -pi/2 and up to pi/2. */
  readonly yawRadians: number
  /** Row-major, turns box coordinates about the centre into those of the SRS. */
  readonly rotation: readonly [number, number, number, number, number, number, number, number, number]
}

/**
 * Rectangle of least area in plan (one of its sides lies on an edge of the convex hull: Freeman & Shapira 1975) with
 * the range of z. One point, or points above each other, give a box without plan extent and yaw 0. Throws
 * RangeError for no points.
 */
export function orientedBox(points: PointArrays, indices: ArrayLike<number>): OrientedBox {
  if (indices.length === 0) throw new RangeError('expected at least one point to put a box around, got none')
  const origin = indices[0]!
  const [x0, y0] = [points.x[origin]!, points.y[origin]!]
  const planX = new Float64Array(indices.length)
  const planY = new Float64Array(indices.length)
  let [low, high] = [Infinity, -Infinity]
  for (let k = 0; k < indices.length; k++) {
    planX[k] = points.x[indices[k]!]! - x0
    planY[k] = points.y[indices[k]!]! - y0
    low = Math.min(low, points.z[indices[k]!]!)
    high = Math.max(high, points.z[indices[k]!]!)
  }
  const { cosine, sine, along, across } = leastRectangle(convexHull(planX, planY))
  const [u, v] = [(along[0] + along[1]) / 2, (across[0] + across[1]) / 2]
  return {
    center: [x0 + u * cosine - v * sine, y0 + u * sine + v * cosine, (low + high) / 2],
    size: [along[1] - along[0], across[1] - across[0], high - low],
    yawRadians: Math.atan2(sine, cosine),
    rotation: [cosine, -sine, 0, sine, cosine, 0, 0, 0, 1],
  }
}

type Range = [number, number]
type Rectangle = { cosine: number; sine: number; along: Range; across: Range; area: number }

function leastRectangle(hull: readonly (readonly [number, number])[]): Rectangle {
  let least: Rectangle | undefined
  for (let k = 0; k < hull.length; k++) {
    const [ax, ay] = hull[k]!
    const [bx, by] = hull[(k + 1) % hull.length]!
    const length = Math.hypot(bx - ax, by - ay)
    const rectangle = rectangleAlong(
      hull,
      length > 0 ? (bx - ax) / length : 1,
      length > 0 ? (by - ay) / length : 0,
    )
    // A hair of tolerance, so that rounding does not choose among equals: the first one stays.
    if (least === undefined || rectangle.area < least.area * (1 - 1e-9)) least = rectangle
  }
  return least!
}

function rectangleAlong(
  hull: readonly (readonly [number, number])[],
  cosine: number,
  sine: number,
): Rectangle {
  const along: Range = [Infinity, -Infinity]
  const across: Range = [Infinity, -Infinity]
  for (const [x, y] of hull) {
    widen(along, x * cosine + y * sine)
    widen(across, y * cosine - x * sine)
  }
  const area = (along[1] - along[0]) * (across[1] - across[0])
  const lengthwise = along[1] - along[0] >= across[1] - across[0]
  const turned = lengthwise
    ? { cosine, sine, along, across }
    : { cosine: -sine, sine: cosine, along: across, across: [-along[1], -along[0]] as Range }
  // Half a turn is the same box; keep the direction in (-pi/2, pi/2].
  if (turned.cosine > 0 || (turned.cosine === 0 && turned.sine > 0)) return { ...turned, area }
  return {
    cosine: -turned.cosine,
    sine: -turned.sine,
    along: [-turned.along[1], -turned.along[0]],
    across: [-turned.across[1], -turned.across[0]],
    area,
  }
}

function widen(range: Range, value: number): void {
  range[0] = Math.min(range[0], value)
  range[1] = Math.max(range[1], value)
}

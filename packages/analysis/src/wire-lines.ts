/** The lines that wires follow: vertices at even steps along them. */
import type { PointArrays } from './point-arrays.ts'
import type { Wire } from './segment-wires.ts'

export type WireLine = {
  readonly vertices: readonly (readonly [number, number, number])[]
  /** One for each vertex; 0 where it was not asked for. */
  readonly diameters: Float64Array
  readonly segments: readonly (readonly [number, number])[]
  readonly length: number
}

/** `step`: about the distance between vertices. `withWidth`: four deviations of the points from the line beside each vertex. */
export function wireLine(points: PointArrays, { samples }: Wire, step: number, withWidth: boolean): WireLine {
  const { x, y } = points
  const [first, last] = [samples[0]!, samples.at(-1)!]
  const [dx, dy] = [x[last]! - x[first]!, y[last]! - y[first]!]
  const span = Math.hypot(dx, dy)
  const pieces = Math.max(1, Math.round(span / step))
  const groups: number[][] = Array.from({ length: pieces }, () => [])
  for (const i of samples) {
    const along = ((x[i]! - x[first]!) * dx + (y[i]! - y[first]!) * dy) / (span * span)
    groups[Math.max(0, Math.min(pieces - 1, Math.floor(along * pieces)))]!.push(i)
  }
  const filled = groups.filter((group) => group.length > 0)
  const middles = filled.map((group) => meanOf(points, group))
  const vertices = [placeOf(points, first), ...middles.slice(1, -1), placeOf(points, last)]
  const diameters = new Float64Array(vertices.length)
  if (withWidth) {
    for (const [k] of vertices.entries()) {
      const group = filled[Math.min(k, filled.length - 1)]!
      diameters[k] = 4 * deviationAcross(points, group)
    }
  }
  let length = 0
  for (let k = 0; k + 1 < vertices.length; k++) {
    const [a, b] = [vertices[k]!, vertices[k + 1]!]
    length += Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2])
  }
  const segments = vertices.slice(1).map((_, k): [number, number] => [k, k + 1])
  return { vertices, diameters, segments, length }
}

function placeOf({ x, y, z }: PointArrays, i: number): [number, number, number] {
  return [x[i]!, y[i]!, z[i]!]
}

function meanOf({ x, y, z }: PointArrays, group: readonly number[]): [number, number, number] {
  const mean: [number, number, number] = [0, 0, 0]
  for (const i of group) {
    mean[0] += x[i]! / group.length
    mean[1] += y[i]! / group.length
    mean[2] += z[i]! / group.length
  }
  return mean
}

/** In plan, from the line of least squares. */
function deviationAcross(points: PointArrays, group: readonly number[]): number {
  const [mx, my] = meanOf(points, group)
  let [xx, xy, yy] = [0, 0, 0]
  for (const i of group) {
    const [dx, dy] = [points.x[i]! - mx, points.y[i]! - my]
    xx += dx * dx
    xy += dx * dy
    yy += dy * dy
  }
  const across = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy)
  return Math.sqrt(Math.max(0, across) / group.length)
}

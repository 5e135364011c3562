/** Deterministic clouds for tests, and the plain answer they are checked against. */
import type { PointArrays } from './point-arrays.ts'

/** Numbers from 0 to below 1 that repeat with the seed (mulberry32, a public-domain generator by T. Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export function cloudOf(
  count: number,
  pointAt: (i: number) => readonly [number, number, number],
): PointArrays {
  const points = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) }
  for (let i = 0; i < count; i++) {
    const [x, y, z] = pointAt(i)
    points.x[i] = x
    points.y[i] = y
    points.z[i] = z
  }
  return points
}

/** Distance of one point to a cloud, by looking at every point of it. */
export function plainNearestDistance(points: PointArrays, x: number, y: number, z: number): number {
  let nearest = Infinity
  for (let i = 0; i < points.x.length; i++) {
    const dx = points.x[i]! - x
    const dy = points.y[i]! - y
    const dz = points.z[i]! - z
    const squared = dx * dx + dy * dy + dz * dz
    if (squared < nearest) nearest = squared
  }
  return Math.sqrt(nearest)
}

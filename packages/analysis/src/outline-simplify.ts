/** Rings with fewer corners. */
import type { Ring } from './outline-rings.ts'

/**
 * Corners such that no left out one is farther than the tolerance from the ring (Douglas & Peucker 1973), begun at the two
 * corners that are farthest apart from each other, as nearly as two looks find them.
 */
export function simplifiedRing(ring: Ring, tolerance: number): Ring {
  if (ring.length <= 4) return ring
  const a = farthestFrom(ring, ring[0]!)
  const b = farthestFrom(ring, ring[a]!)
  const [first, second] = [Math.min(a, b), Math.max(a, b)]
  const keeps = new Uint8Array(ring.length)
  keeps[first] = 1
  keeps[second] = 1
  keepBetween(ring, first, second, tolerance, keeps)
  keepBetween(ring, second, first + ring.length, tolerance, keeps)
  return ring.filter((_, i) => keeps[i] === 1)
}

function farthestFrom(ring: Ring, [x, y]: readonly [number, number]): number {
  let [most, at] = [-1, 0]
  for (const [i, [u, v]] of ring.entries()) {
    const distance = Math.hypot(u - x, v - y)
    if (distance > most) [most, at] = [distance, i]
  }
  return at
}

/** `to` may run over the end of the ring. */
function keepBetween(ring: Ring, from: number, to: number, tolerance: number, keeps: Uint8Array): void {
  const open: [number, number][] = [[from, to]]
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [start, end] = range
    const [ax, ay] = ring[start % ring.length]!
    const [bx, by] = ring[end % ring.length]!
    let [most, at] = [tolerance, -1]
    for (let i = start + 1; i < end; i++) {
      const distance = distanceToSegment(ring[i % ring.length]!, ax, ay, bx, by)
      if (distance > most) [most, at] = [distance, i]
    }
    if (at < 0) continue
    keeps[at % ring.length] = 1
    open.push([start, at], [at, end])
  }
}

function distanceToSegment(
  [x, y]: readonly [number, number],
  ax: number,
  ay: number,
  bx: number,
  by: number,
): number {
  const [dx, dy] = [bx - ax, by - ay]
  const squared = dx * dx + dy * dy
  const t = squared > 0 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / squared)) : 0
  return Math.hypot(x - ax - t * dx, y - ay - t * dy)
}

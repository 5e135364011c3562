/** Rings along the edges of cells, whose edges are moved to where the points end. */
import { areaOfRing, type Ring } from './outline-rings.ts'

/**
 * A cell counts as a whole wherever a point lies in it: the outermost cells reach over the points by half of themselves on
 * average, which holds for edges too short to tell.
 */
const usualExcess = 0.5
/** Points so near to an edge, in cells, tell of it; and so many stretches of a cell each have to have some. */
const edgeReach = 1.5
const fewestStretches = 3

/** Ring and points in units of a cell; the piece lies to the left of the ring. */
export function fittedRing(ring: Ring, points: BinnedPoints): Ring {
  const by = ring.map((from, i) => excessOf(from, ring[(i + 1) % ring.length]!, points))
  const moved = ring.map((corner, i): [number, number] => {
    const before = (i + ring.length - 1) % ring.length
    const [a, b] = [normal(ring[before]!, corner), normal(corner, ring[(i + 1) % ring.length]!)]
    const [alongA, alongB] = [by[before]!, by[i]!]
    const sine = a[0] * b[1] - a[1] * b[0]
    // Edges that hardly turn have no certain crossing.
    if (Math.abs(sine) < 0.3) {
      const mean = (alongA + alongB) / 2
      return [corner[0] + (mean * (a[0] + b[0])) / 2, corner[1] + (mean * (a[1] + b[1])) / 2]
    }
    return [
      corner[0] + (alongA * b[1] - alongB * a[1]) / sine,
      corner[1] + (alongB * a[0] - alongA * b[0]) / sine,
    ]
  })
  const kept = withoutTurned(ring, moved)
  return kept.length >= 3 && areaOfRing(kept) * areaOfRing(ring) > 0 ? kept : ring
}

/** How far the edge has to go to its left: the lower quartile over its stretches of where their outermost points are. */
function excessOf(
  from: readonly [number, number],
  to: readonly [number, number],
  points: BinnedPoints,
): number {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1])
  const [nx, ny] = normal(from, to)
  const outermost = new Map<number, number>()
  points.visitAlong(from, to, (x, y) => {
    const [dx, dy] = [x - from[0], y - from[1]]
    const inwards = dx * nx + dy * ny
    if (Math.abs(inwards) > edgeReach) return
    const along = dx * ny - dy * nx
    if (along < 0 || along > length) return
    const stretch = Math.floor(along)
    outermost.set(stretch, Math.min(outermost.get(stretch) ?? edgeReach, inwards))
  })
  if (outermost.size < fewestStretches) return usualExcess
  // In most stretches no point lies at the very edge.
  return [...outermost.values()].sort((a, b) => a - b)[outermost.size >> 2]!
}

/** An edge that became shorter than nothing becomes a corner. */
function withoutTurned(ring: Ring, moved: Ring): Ring {
  const kept: Ring = []
  for (const [i, corner] of moved.entries()) {
    const next = (i + 1) % ring.length
    const [bx, by] = [ring[next]![0] - ring[i]![0], ring[next]![1] - ring[i]![1]]
    const [ax, ay] = [moved[next]![0] - corner[0], moved[next]![1] - corner[1]]
    if (bx * ax + by * ay > 0) kept.push(moved[next]!)
    else if (kept.length > 0) kept[kept.length - 1] = [corner[0] + ax / 2, corner[1] + ay / 2]
  }
  return kept
}

/** To the left. */
function normal(a: readonly [number, number], b: readonly [number, number]): [number, number] {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const length = Math.hypot(dx, dy)
  return length > 0 ? [-dy / length, dx / length] : [0, 0]
}

/** Edge of a bin, in cells. More than the reach of an edge, so that points near it are in the bins around the ones that it crosses. */
const binSize = 4

/** Points by squares of the plan: an edge is compared with those near it only, as an area may have a million points and a thousand edges. */
export class BinnedPoints {
  readonly #bins = new Map<number, [number, number][]>()

  constructor(points: Ring) {
    for (const point of points) {
      const key = binAt(Math.floor(point[0] / binSize), Math.floor(point[1] / binSize))
      const bin = this.#bins.get(key)
      if (bin === undefined) this.#bins.set(key, [point])
      else bin.push(point)
    }
  }

  /** All within the reach of an edge, once each, and some beyond. */
  visitAlong(
    [ax, ay]: readonly [number, number],
    [bx, by]: readonly [number, number],
    look: (x: number, y: number) => void,
  ): void {
    const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / binSize))
    const keys = new Set<number>()
    for (let step = 0; step <= steps; step++) {
      const column = Math.floor((ax + ((bx - ax) * step) / steps) / binSize)
      const row = Math.floor((ay + ((by - ay) * step) / steps) / binSize)
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) keys.add(binAt(column + dx, row + dy))
    }
    for (const key of keys) for (const [x, y] of this.#bins.get(key) ?? []) look(x, y)
  }
}

function binAt(column: number, row: number): number {
  return column * 2 ** 26 + row
}

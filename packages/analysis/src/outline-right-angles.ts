/** Rings whose edges run along and across the main direction of a building where they nearly do. */
import { areaOfRing, type Ring } from './outline-rings.ts'

/** So nearly. */
const snapRadians = (15 * Math.PI) / 180
/** A ring that would change more is left as it is. */
const mostChange = 0.1

type Edge = { angle: number; isSnapped: boolean; x: number; y: number; length: number }

/** The direction of most of the length of edges, a quarter of a turn being the same: 0 to below pi / 2. */
export function mainDirection(rings: readonly Ring[]): number {
  let [cosine, sine] = [0, 0]
  for (const ring of rings) {
    for (const { angle, length } of edgesOf(ring)) {
      // Long edges tell a direction best.
      cosine += length ** 2 * Math.cos(4 * angle)
      sine += length ** 2 * Math.sin(4 * angle)
    }
  }
  const direction = Math.atan2(sine, cosine) / 4
  return direction < 0 ? direction + Math.PI / 2 : direction
}

/** `tolerance`: how far an edge may be moved to lie on one line with the one before. */
export function rightAngledRing(ring: Ring, direction: number, tolerance: number): Ring {
  const edges = merged(
    withoutShort(
      edgesOf(ring).map((edge) => snapped(edge, direction)),
      2 * tolerance,
    ),
    tolerance,
  )
  if (edges.length < 3) return ring
  const corners: Ring = []
  for (const [i, edge] of edges.entries()) {
    const next = edges[(i + 1) % edges.length]!
    const crossing = crossingOf(edge, next, 4 * tolerance)
    if (crossing !== undefined) {
      corners.push(crossing)
      continue
    }
    // Parallel and apart, or nearly: a step half way between their middles.
    const [mx, my] = [(edge.x + next.x) / 2, (edge.y + next.y) / 2]
    corners.push(footOn(edge, mx, my), footOn(next, mx, my))
  }
  const [before, after] = [areaOfRing(ring), areaOfRing(corners)]
  const isAlike = Math.abs(after - before) <= mostChange * Math.abs(before)
  return isAlike && !isCrossed(corners) ? corners : ring
}

function edgesOf(ring: Ring): Edge[] {
  return ring.map(([ax, ay], i) => {
    const [bx, by] = ring[(i + 1) % ring.length]!
    const [dx, dy] = [bx - ax, by - ay]
    return {
      angle: Math.atan2(dy, dx),
      isSnapped: false,
      x: (ax + bx) / 2,
      y: (ay + by) / 2,
      length: Math.hypot(dx, dy),
    }
  })
}

function snapped(edge: Edge, direction: number): Edge {
  const quarters = Math.round((edge.angle - direction) / (Math.PI / 2))
  const angle = direction + (quarters * Math.PI) / 2
  return Math.abs(edge.angle - angle) <= snapRadians ? { ...edge, angle, isSnapped: true } : edge
}

/** Cut corners and single steps: the shortest first, as long as four edges are left. */
function withoutShort(edges: readonly Edge[], least: number): Edge[] {
  const list = [...edges]
  const isCut = (i: number) => {
    const [before, edge, after] = [list.at(i - 1)!, list[i]!, list[(i + 1) % list.length]!]
    const isCorner =
      before.isSnapped && after.isSnapped && Math.abs(Math.cos(before.angle - after.angle)) < 0.1
    return edge.length < (isCorner && !edge.isSnapped ? 2 * least : least)
  }
  while (list.length > 4) {
    const cuts = [...list.keys()].filter(isCut)
    if (cuts.length === 0) break
    list.splice(
      cuts.reduce((best, i) => (list[i]!.length < list[best]!.length ? i : best)),
      1,
    )
  }
  return list
}

/** Edges behind each other on one line become one. */
function merged(edges: readonly Edge[], tolerance: number): Edge[] {
  const list = [...edges]
  for (let i = 0; i < list.length && list.length > 3; ) {
    const [edge, next] = [list[i]!, list[(i + 1) % list.length]!]
    const offset = Math.abs(
      (next.x - edge.x) * -Math.sin(edge.angle) + (next.y - edge.y) * Math.cos(edge.angle),
    )
    const isOneLine = edge.isSnapped && next.isSnapped && Math.cos(edge.angle - next.angle) > 0.999
    if (!isOneLine || offset > tolerance) {
      i++
      continue
    }
    const length = edge.length + next.length
    const share = length > 0 ? edge.length / length : 0.5
    list[i] = {
      ...edge,
      x: edge.x * share + next.x * (1 - share),
      y: edge.y * share + next.y * (1 - share),
      length,
    }
    list.splice((i + 1) % list.length, 1)
    if (i >= list.length) i = list.length - 1
  }
  return list
}

/** None where it would be farther than `most` beyond the end of the one edge or the beginning of the other. */
function crossingOf(a: Edge, b: Edge, most: number): [number, number] | undefined {
  const sine = Math.sin(b.angle - a.angle)
  if (Math.abs(sine) < 0.2) return undefined
  const along = ((b.x - a.x) * Math.sin(b.angle) - (b.y - a.y) * Math.cos(b.angle)) / sine
  const [x, y] = [a.x + along * Math.cos(a.angle), a.y + along * Math.sin(a.angle)]
  const alongNext = (x - b.x) * Math.cos(b.angle) + (y - b.y) * Math.sin(b.angle)
  if (Math.abs(along - a.length / 2) > most || Math.abs(alongNext + b.length / 2) > most) return undefined
  return [x, y]
}

function footOn({ angle, x, y }: Edge, px: number, py: number): [number, number] {
  const along = (px - x) * Math.cos(angle) + (py - y) * Math.sin(angle)
  return [x + along * Math.cos(angle), y + along * Math.sin(angle)]
}

function isCrossed(ring: Ring): boolean {
  for (let i = 0; i < ring.length; i++) {
    for (let k = i + 2; k < ring.length; k++) {
      if (i === 0 && k === ring.length - 1) continue
      if (areCrossing(ring[i]!, ring[i + 1]!, ring[k]!, ring[(k + 1) % ring.length]!)) return true
    }
  }
  return false
}

type Corner = readonly [number, number]

function areCrossing(a: Corner, b: Corner, c: Corner, d: Corner): boolean {
  const side = (p: Corner, q: Corner, r: Corner) =>
    Math.sign((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))
  return side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)
}

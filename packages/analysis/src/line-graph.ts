/** The graph that long things follow whose samples are given: pipes, rails, kerbs, wires that are not straight. */
import { CellIndex, cellStep } from './cell-index.ts'
import { DisjointSets } from './disjoint-sets.ts'
import type { PointArrays } from './point-arrays.ts'
import type { WireLine } from './wire-lines.ts'

export type LineGraphOptions = {
  /** About the distance between vertices. */
  readonly step: number
  /** Four deviations of the samples from the line beside each vertex, in plan. */
  readonly withWidth: boolean
}

/**
 * Vertices at the means of stretches of samples about a step long, joined by the shortest tree (Kruskal 1956); what sticks out of a
 * branching by one vertex is breadth and no branch. `undefined` for what is shorter than a step.
 */
export function lineGraph(
  points: PointArrays,
  samples: Uint32Array,
  { step, withWidth }: LineGraphOptions,
): WireLine | undefined {
  const { places, means, stretchOf } = stretchesOf(points, samples, step)
  const tree = withoutStubs(shortestTree(places, means), means.length)
  reachEnds(means, tree, points, samples, stretchOf)
  const used = [...new Set(tree.flat())].sort((a, b) => a - b)
  const numbers = new Map(used.map((stretch, k) => [stretch, k]))
  const segments = tree.map(([a, b]): [number, number] => [numbers.get(a)!, numbers.get(b)!])
  const vertices = used.map((stretch) => means[stretch]!.at)
  const length = segments.reduce((sum, [a, b]) => sum + distance(vertices[a]!, vertices[b]!), 0)
  if (length < step) return undefined
  const diameters = Float64Array.from(used, (stretch) =>
    withWidth ? 4 * deviationAcross(means[stretch]!) : 0,
  )
  return { vertices, diameters, segments, length }
}

type Vertex = readonly [number, number, number]

/** Of the samples that are nearest to one place of them: their mean, and in plan their squared offsets from it. */
type Stretch = { count: number; at: [number, number, number]; xx: number; xy: number; yy: number }

/** Places among the samples, no two of them nearer than a step to each other, and none of the samples farther than that from all. */
class Places {
  readonly #cells = new CellIndex()
  readonly #inCell: number[][] = []
  readonly #points: PointArrays
  readonly #step: number
  readonly #samples: number[] = []

  constructor(points: PointArrays, step: number) {
    this.#points = points
    this.#step = step
  }

  /** The number of the nearest place within a step of a sample, which otherwise becomes one. */
  nearest(sample: number): number {
    let [nearest, least] = [-1, this.#step]
    this.visit(sample, 1, (place, distance) => {
      if (distance < least) [nearest, least] = [place, distance]
    })
    if (nearest >= 0) return nearest
    const cell = this.#cells.add(...this.#cellOf(sample))
    const place = this.#samples.push(sample) - 1
    const list = this.#inCell[cell]
    if (list === undefined) this.#inCell[cell] = [place]
    else list.push(place)
    return place
  }

  sampleOf(place: number): number {
    return this.#samples[place]!
  }

  /** All places within so many steps of a sample, and some beyond. */
  visit(sample: number, steps: number, look: (place: number, distance: number) => void): void {
    const { x, y, z } = this.#points
    const [column, row, layer] = this.#cellOf(sample)
    for (let dk = -steps; dk <= steps; dk++)
      for (let dj = -steps; dj <= steps; dj++)
        for (let di = -steps; di <= steps; di++) {
          const cell = this.#cells.find(column + di, row + dj, layer + dk)
          if (cell < 0) continue
          for (const place of this.#inCell[cell]!) {
            const other = this.#samples[place]!
            look(place, Math.hypot(x[other]! - x[sample]!, y[other]! - y[sample]!, z[other]! - z[sample]!))
          }
        }
  }

  #cellOf(sample: number): [number, number, number] {
    const { x, y, z } = this.#points
    const first = this.#samples[0] ?? sample
    const step = this.#step
    return [
      cellStep(x[sample]!, x[first]!, step),
      cellStep(y[sample]!, y[first]!, step),
      cellStep(z[sample]!, z[first]!, step),
    ]
  }
}

function stretchesOf(points: PointArrays, samples: Uint32Array, step: number) {
  const { x, y, z } = points
  const places = new Places(points, step)
  for (const i of samples) places.nearest(i)
  const means: Stretch[] = []
  const stretchOf = new Uint32Array(samples.length)
  for (const [k, i] of samples.entries()) {
    const stretch = places.nearest(i)
    stretchOf[k] = stretch
    means[stretch] ??= { count: 0, at: [0, 0, 0], xx: 0, xy: 0, yy: 0 }
    const mean = means[stretch]
    // Welford 1962, so that large coordinates leave digits.
    mean.count++
    const [dx, dy, dz] = [x[i]! - mean.at[0], y[i]! - mean.at[1], z[i]! - mean.at[2]]
    mean.at[0] += dx / mean.count
    mean.at[1] += dy / mean.count
    mean.at[2] += dz / mean.count
    const [ex, ey] = [x[i]! - mean.at[0], y[i]! - mean.at[1]]
    mean.xx += dx * ex
    mean.xy += dx * ey
    mean.yy += dy * ey
  }
  return { places, means, stretchOf }
}

/** In steps: no two places beside each other on a line are farther apart. */
const farthestBeside = 3

function shortestTree(places: Places, means: readonly Stretch[]): [number, number][] {
  const edges: { ends: [number, number]; length: number }[] = []
  for (let place = 0; place < means.length; place++)
    places.visit(places.sampleOf(place), farthestBeside, (beside) => {
      if (beside > place)
        edges.push({ ends: [place, beside], length: distance(means[place]!.at, means[beside]!.at) })
    })
  edges.sort((a, b) => a.length - b.length || a.ends[0] - b.ends[0] || a.ends[1] - b.ends[1])
  const sets = new DisjointSets(means.length)
  return edges.flatMap(({ ends }) => {
    if (sets.find(ends[0]) === sets.find(ends[1])) return []
    sets.join(...ends)
    return [ends]
  })
}

function withoutStubs(tree: [number, number][], stretches: number): [number, number][] {
  const degree = new Uint32Array(stretches)
  for (const stretch of tree.flat()) degree[stretch]!++
  const isStub = ([a, b]: [number, number]) =>
    (degree[a] === 1 && degree[b]! > 2) || (degree[b] === 1 && degree[a]! > 2)
  return tree.filter((edge) => !isStub(edge))
}

/** Ends are where the samples end, and not in the middle of the last of them. */
function reachEnds(
  means: Stretch[],
  tree: readonly (readonly [number, number])[],
  { x, y, z }: PointArrays,
  samples: Uint32Array,
  stretchOf: Uint32Array,
): void {
  const besides = new Map<number, number[]>()
  for (const [a, b] of tree) {
    besides.set(a, [...(besides.get(a) ?? []), b])
    besides.set(b, [...(besides.get(b) ?? []), a])
  }
  const ends = new Map<number, { way: Vertex; reach: number }>()
  for (const [stretch, [beside, another]] of besides) {
    if (another !== undefined) continue
    const [from, to] = [means[beside!]!.at, means[stretch]!.at]
    const length = distance(from, to)
    const way = [0, 1, 2].map((axis) => (length > 0 ? (to[axis]! - from[axis]!) / length : 0))
    ends.set(stretch, { way: way as unknown as Vertex, reach: 0 })
  }
  for (const [k, i] of samples.entries()) {
    const end = ends.get(stretchOf[k]!)
    if (end === undefined) continue
    const [mx, my, mz] = means[stretchOf[k]!]!.at
    const along = (x[i]! - mx) * end.way[0] + (y[i]! - my) * end.way[1] + (z[i]! - mz) * end.way[2]
    end.reach = Math.max(end.reach, along)
  }
  for (const [stretch, { way, reach }] of ends)
    for (const axis of [0, 1, 2] as const) means[stretch]!.at[axis] += way[axis] * reach
}

function distance(a: Vertex, b: Vertex): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2])
}

function deviationAcross({ count, xx, xy, yy }: Stretch): number {
  const across = (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy)
  return Math.sqrt(Math.max(0, across) / count)
}

/** The graph as chains of vertices that end where it ends or branches. */
export function chainsOf(segments: readonly (readonly [number, number])[]): number[][] {
  const beside = new Map<number, number[]>()
  for (const [a, b] of segments) {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = beside.get(from)
      if (list === undefined) beside.set(from, [to])
      else list.push(to)
    }
  }
  const chains: number[][] = []
  const taken = new Set<string>()
  const key = (a: number, b: number) => (a < b ? `${a} ${b}` : `${b} ${a}`)
  for (const [start, ends] of [...beside].sort(([a], [b]) => a - b)) {
    if (ends.length === 2) continue
    for (const end of ends) {
      if (taken.has(key(start, end))) continue
      const chain = [start]
      for (let [from, to] = [start, end]; ; ) {
        taken.add(key(from, to))
        chain.push(to)
        const next = beside.get(to)!
        const onwards = next.length === 2 ? next.find((one) => !taken.has(key(to, one))) : undefined
        if (onwards === undefined) break
        ;[from, to] = [to, onwards]
      }
      chains.push(chain)
    }
  }
  return chains
}

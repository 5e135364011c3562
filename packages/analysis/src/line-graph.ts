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
 * Vertices at the means of the samples in cubes, joined by the shortest tree over cubes that touch (Kruskal 1956); what sticks out of a
 * branching by one vertex is breadth and no branch. `undefined` for what is shorter than a step.
 */
export function lineGraph(
  points: PointArrays,
  samples: Uint32Array,
  { step, withWidth }: LineGraphOptions,
): WireLine | undefined {
  const { cells, means } = cubesOf(points, samples, step)
  const tree = withoutStubs(shortestTree(cells, means), means.length)
  const used = [...new Set(tree.flat())].sort((a, b) => a - b)
  const numbers = new Map(used.map((cube, k) => [cube, k]))
  const segments = tree.map(([a, b]): [number, number] => [numbers.get(a)!, numbers.get(b)!])
  const vertices = used.map((cube) => means[cube]!.at)
  const length = segments.reduce((sum, [a, b]) => sum + distance(vertices[a]!, vertices[b]!), 0)
  if (length < step) return undefined
  const diameters = Float64Array.from(used, (cube) => (withWidth ? 4 * deviationAcross(means[cube]!) : 0))
  return { vertices, diameters, segments, length }
}

type Vertex = readonly [number, number, number]

/** Of the samples in one cube: their mean, and in plan their squared offsets from it. */
type Cube = { count: number; at: [number, number, number]; xx: number; xy: number; yy: number }

function cubesOf({ x, y, z }: PointArrays, samples: Uint32Array, step: number) {
  const cells = new CellIndex()
  const means: Cube[] = []
  const first = samples[0]!
  for (const i of samples) {
    const cube = cells.add(
      cellStep(x[i]!, x[first]!, step),
      cellStep(y[i]!, y[first]!, step),
      cellStep(z[i]!, z[first]!, step),
    )
    means[cube] ??= { count: 0, at: [0, 0, 0], xx: 0, xy: 0, yy: 0 }
    const mean = means[cube]
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
  return { cells, means }
}

function shortestTree(cells: CellIndex, means: readonly Cube[]): [number, number][] {
  const edges: { ends: [number, number]; length: number }[] = []
  for (let cube = 0; cube < means.length; cube++)
    for (let dk = -1; dk <= 1; dk++)
      for (let dj = -1; dj <= 1; dj++)
        for (let di = -1; di <= 1; di++) {
          const beside = cells.findBeside(cube, di, dj, dk)
          if (beside > cube)
            edges.push({ ends: [cube, beside], length: distance(means[cube]!.at, means[beside]!.at) })
        }
  edges.sort((a, b) => a.length - b.length || a.ends[0] - b.ends[0] || a.ends[1] - b.ends[1])
  const sets = new DisjointSets(means.length)
  return edges.flatMap(({ ends }) => {
    if (sets.find(ends[0]) === sets.find(ends[1])) return []
    sets.join(...ends)
    return [ends]
  })
}

function withoutStubs(tree: [number, number][], cubes: number): [number, number][] {
  const degree = new Uint32Array(cubes)
  for (const cube of tree.flat()) degree[cube]!++
  const isStub = ([a, b]: [number, number]) =>
    (degree[a] === 1 && degree[b]! > 2) || (degree[b] === 1 && degree[a]! > 2)
  return tree.filter((edge) => !isStub(edge))
}

function distance(a: Vertex, b: Vertex): number {
  return Math.hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2])
}

function deviationAcross({ count, xx, xy, yy }: Cube): number {
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

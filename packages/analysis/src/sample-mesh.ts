/**
 * Points on a surface of triangles, as evenly as its area, wherever its triangles happen to be cut.
 *
 * Lines of a cubic lattice are shot through the surface along the three axes; every hit is a point. Of the axis that a
 * triangle faces most all hits count, of the other two as many as are missing to one point for each square of the
 * lattice, whichever way the triangle faces. What is hit does not depend on how the surface is cut into triangles: an
 * edge that two of them share is hit once, and the smallest triangles get their share.
 */
import { meshMeasures } from './mesh-measures.ts'

export type MeshSampling = {
  /** What was asked for, or derived from the mesh. */
  readonly resolution: number
  /** About as many points, two for each square of the resolution; never less than a hundredth of the lines' rows. */
  readonly pointCount: number
  /** The same points whenever it is called; now and then a batch of none, so that long work can be ended. */
  batches(): Generator<MeshSamples, void, undefined>
}

/** Arrays are longer than `count`, and are good until the next batch is asked for. */
export type MeshSamples = {
  readonly count: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** Which triangle each point lies on. */
  readonly triangle: Uint32Array
}

const batchPoints = 32_768
/** Rows of a triangle, or triangles, after which a batch is given out, full or not. */
const batchWork = 1_000_000

/**
 * Points such that none of the surface is farther than `resolution` from one of them; at the free rim of a slope it may be
 * a third more. `positions`: x, y and z of each
 * vertex; `triangles`: three vertices each, which have to be there. Without a resolution it is `meshResolution`.
 */
export function sampleMesh(
  positions: Float64Array,
  triangles: Uint32Array,
  resolution: number = meshResolution(positions, triangles),
): MeshSampling {
  if (!(resolution > 0 && resolution < Infinity))
    throw new RangeError(`expected a resolution above 0, got ${resolution}`)
  const { area, extents, min } = meshMeasures(positions, triangles)
  const step = resolution / Math.SQRT2
  return {
    resolution,
    pointCount: Math.ceil(Math.max(area / step ** 2, (2 * extents) / step / 100)),
    batches: () => latticeHits(positions, triangles, step, min),
  }
}

const [fewestSamples, mostSamples] = [1_000_000, 20_000_000]

/**
 * The mean spacing of the vertices, the root of the area for each, but never so coarse that there are fewer than a million
 * samples, nor so fine that there are more than twenty million.
 */
export function meshResolution(positions: Float64Array, triangles: Uint32Array): number {
  const { area } = meshMeasures(positions, triangles)
  if (area === 0) return 1
  const spacing = Math.sqrt(area / Math.max(1, positions.length / 3))
  const [coarsest, finest] = [Math.sqrt((2 * area) / fewestSamples), Math.sqrt((2 * area) / mostSamples)]
  return Math.min(coarsest, Math.max(finest, spacing))
}

/** Steps of a sequence in the plane whose parts below any share are spread as evenly as the whole. */
const [stepU, stepV] = [0.7548776662466927, 0.5698402909980532]

function* latticeHits(
  positions: Float64Array,
  triangles: Uint32Array,
  step: number,
  origin: readonly [number, number, number],
): Generator<MeshSamples, void, undefined> {
  const [x, y, z] = [0, 1, 2].map(() => new Float64Array(batchPoints)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const columns = [x, y, z]
  const triangle = new Uint32Array(batchPoints)
  let [count, work] = [0, 0]
  const crossing = new Float64Array(4)
  for (let t = 0; t < triangles.length / 3; t++) {
    const corners = [3 * triangles[3 * t]!, 3 * triangles[3 * t + 1]!, 3 * triangles[3 * t + 2]!] as const
    const shares = sharesOf(positions, corners)
    for (let axis = 0; axis < 3; axis++) {
      const share = shares[axis]!
      if (share === 0) continue
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
      const heights = corners.map((corner) => positions[corner + v]!) as [number, number, number]
      const firstRow = Math.ceil((Math.min(...heights) - origin[v]!) / step - 0.5)
      const lastRow = Math.ceil((Math.max(...heights) - origin[v]!) / step - 0.5)
      for (let row = firstRow; row <= lastRow; row++) {
        if (++work >= batchWork) {
          yield { count, x, y, z, triangle }
          count = work = 0
        }
        const height = origin[v]! + (row + 0.5) * step
        if (!crossRow(positions, corners, axis, u, v, height, crossing)) continue
        const [from, depthFrom, to, depthTo] = crossing as unknown as [number, number, number, number]
        const slope = (depthTo - depthFrom) / (to - from)
        for (let column = Math.ceil((from - origin[u]!) / step - 0.5); ; column++) {
          const across = origin[u]! + (column + 0.5) * step
          // Rounding may have begun one too early or too late; what counts is the comparison, the same on both sides of an edge.
          if (across < from) continue
          if (across >= to) break
          if (share < 1 && fraction(column * stepU + row * stepV) >= share) continue
          columns[axis]![count] = depthFrom + (across - from) * slope
          columns[u]![count] = across
          columns[v]![count] = height
          triangle[count++] = t
          if (count < batchPoints) continue
          yield { count, x, y, z, triangle }
          count = work = 0
        }
      }
    }
    work++
  }
  yield { count, x, y, z, triangle }
}

function fraction(value: number): number {
  return value - Math.floor(value)
}

type Corners = readonly [number, number, number]

/**
 * Which share of the hits along each axis counts. Hits along an axis are as dense as the normal's part along it; those of
 * the largest part count all, the others fill up to one.
 */
function sharesOf(positions: Float64Array, [a, b, c]: Corners): [number, number, number] {
  const edge = (from: number, to: number, axis: number) => positions[to + axis]! - positions[from + axis]!
  const normal = [0, 1, 2].map((axis) => {
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
    return Math.abs(edge(a, b, u) * edge(a, c, v) - edge(a, b, v) * edge(a, c, u))
  }) as [number, number, number]
  const length = Math.hypot(...normal)
  if (length === 0) return [0, 0, 0]
  const largest = Math.max(...normal)
  const rest = normal[0] + normal[1] + normal[2] - largest
  const share = rest === 0 ? 0 : Math.min(1, (length - largest) / rest)
  const facing = normal.indexOf(largest)
  return normal.map((part, axis) => (axis === facing ? 1 : part === 0 ? 0 : share)) as [
    number,
    number,
    number,
  ]
}

/**
 * Where a row meets the triangle: across and depth of its left end, then of its right one, in `into`. Both triangles of
 * an edge compute its crossing from the same numbers in the same order, and so get the same.
 */
function crossRow(
  positions: Float64Array,
  corners: Corners,
  axis: number,
  u: number,
  v: number,
  height: number,
  into: Float64Array,
): boolean {
  let found = 0
  for (let i = 0; i < 3; i++) {
    const [one, other] = [corners[i]!, corners[(i + 1) % 3]!]
    const isAbove = positions[one + v]! > height
    if (isAbove === positions[other + v]! > height) continue
    const [low, high] = isAbove ? [other, one] : [one, other]
    const along = (height - positions[low + v]!) / (positions[high + v]! - positions[low + v]!)
    into[found++] = positions[low + u]! + along * (positions[high + u]! - positions[low + u]!)
    into[found++] = positions[low + axis]! + along * (positions[high + axis]! - positions[low + axis]!)
    if (found === 4) break
  }
  if (found < 4) return false
  if (into[0]! > into[2]!) into.set([into[2]!, into[3]!, into[0]!, into[1]!])
  return into[0]! < into[2]!
}

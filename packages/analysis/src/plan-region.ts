// A region in plan, bounded by polygons, and which places lie in it.

export interface PlanRegion {
  readonly bounds: { readonly min: readonly [number, number]; readonly max: readonly [number, number] }
  /** On an edge: either. */
  contains(x: number, y: number): boolean
}

/** Edges are looked up by bands of y, so that a place is compared with those of its own band only. */
const bands = 256

/**
 * The union of polygons, each an outer ring and holes: x and y of the corners in turn, closed or not, wound either way.
 * A ray to the right crosses the rings of a polygon an odd number of times from within (even-odd rule).
 */
export function planRegion(polygons: readonly (readonly Float64Array[])[]): PlanRegion {
  const bounds = boundsOf(polygons)
  const { min, max } = bounds
  const bandHeight = (max[1] - min[1]) / bands || 1
  const bandOf = (y: number) => Math.min(bands - 1, Math.max(0, Math.floor((y - min[1]) / bandHeight)))
  const indexed = polygons.map((rings) => {
    const edges: number[][] = Array.from({ length: bands }, () => [])
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        const next = (i + 2) % ring.length
        const [x1, y1, x2, y2] = [ring[i]!, ring[i + 1]!, ring[next]!, ring[next + 1]!]
        if (y1 === y2) continue
        for (let band = bandOf(Math.min(y1, y2)); band <= bandOf(Math.max(y1, y2)); band++)
          edges[band]!.push(x1, y1, x2, y2)
      }
    }
    return edges.map((band) => new Float64Array(band))
  })
  return {
    bounds,
    contains: (x, y) => {
      if (!(x >= min[0] && x <= max[0] && y >= min[1] && y <= max[1])) return false
      const band = bandOf(y)
      return indexed.some((edges) => crossings(edges[band]!, x, y) % 2 === 1)
    },
  }
}

function crossings(edges: Float64Array, x: number, y: number): number {
  let count = 0
  for (let i = 0; i < edges.length; i += 4) {
    const [x1, y1, x2, y2] = [edges[i]!, edges[i + 1]!, edges[i + 2]!, edges[i + 3]!]
    // Half open, so that a corner counts once.
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) count++
  }
  return count
}

function boundsOf(polygons: readonly (readonly Float64Array[])[]): PlanRegion['bounds'] {
  const min: [number, number] = [Infinity, Infinity]
  const max: [number, number] = [-Infinity, -Infinity]
  for (const ring of polygons.flat()) {
    for (let i = 0; i < ring.length; i++) {
      const axis = (i % 2) as 0 | 1
      min[axis] = Math.min(min[axis], ring[i]!)
      max[axis] = Math.max(max[axis], ring[i]!)
    }
  }
  if (!(min[0] <= max[0])) throw new RangeError('expected at least one polygon with corners')
  return { min, max }
}

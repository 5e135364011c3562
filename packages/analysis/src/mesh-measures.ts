// Size of a surface of triangles.

export type MeshMeasures = {
  /** In the square of the unit of the positions. */
  readonly area: number
  /** Lengths of all triangles along the three axes, added up. */
  readonly extents: number
  /** The least coordinates of all vertices of triangles; zeros without any. */
  readonly min: readonly [number, number, number]
}

/** RangeError for a vertex that is not there or is nowhere. */
export function meshMeasures(positions: Float64Array, triangles: Uint32Array): MeshMeasures {
  let [area, extents] = [0, 0]
  const min: [number, number, number] = [Infinity, Infinity, Infinity]
  for (let t = 0; t + 2 < triangles.length; t += 3) {
    const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
    const [cross, along, across] = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]
    for (let axis = 0; axis < 3; axis++) {
      const [p, q, r] = [positions[a + axis]!, positions[b + axis]!, positions[c + axis]!]
      const least = Math.min(p, q, r)
      extents += Math.max(p, q, r) - least
      if (least < min[axis]!) min[axis] = least
      along![axis] = q - p
      across![axis] = r - p
    }
    for (let axis = 0; axis < 3; axis++) {
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
      cross![axis] = along![u]! * across![v]! - along![v]! * across![u]!
    }
    area += Math.hypot(cross![0]!, cross![1]!, cross![2]!) / 2
  }
  if (!Number.isFinite(area) || !Number.isFinite(extents))
    throw new RangeError('expected triangles between finite vertices that are there')
  return { area, extents, min: triangles.length === 0 ? [0, 0, 0] : min }
}

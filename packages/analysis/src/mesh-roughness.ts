/** How far the vertices of a surface scatter about it. */
import { medianOf } from './median.ts'

/** A vertex whose triangles turn further than this (60 degrees) from each other stands on an edge, not on a rough surface. */
const smoothestCosine = 0.5
const fewestVertices = 30

/**
 * Standard deviation of a vertex across the surface, from the median of how far each lies from the middle of its
 * neighbours along its normal. What is sampled within a triangle does not show it, and neighbouring triangles share it, so
 * that no number of samples averages it out. 0 for a surface of few vertices or of edges alone, as of a drawn building.
 * `positions`: x, y and z of each vertex; `triangles`: three vertices each.
 */
export function meshRoughness(positions: Float64Array, triangles: Uint32Array): number {
  const count = positions.length / 3
  const normals = new Float64Array(positions.length)
  const middles = new Float64Array(positions.length)
  const neighbours = new Uint32Array(count)
  const normal = new Float64Array(3)
  for (let t = 0; t < triangles.length; t += 3) {
    normalOf(positions, triangles, t, normal)
    for (let corner = 0; corner < 3; corner++) {
      const vertex = triangles[t + corner]!
      neighbours[vertex]! += 2
      for (let axis = 0; axis < 3; axis++) {
        normals[3 * vertex + axis]! += normal[axis]!
        // Counted from the vertex, so that large coordinates keep their digits. Around an inner one each neighbour comes twice.
        for (let step = 1; step < 3; step++) {
          const other = triangles[t + ((corner + step) % 3)]!
          middles[3 * vertex + axis]! += positions[3 * other + axis]! - positions[3 * vertex + axis]!
        }
      }
    }
  }
  const isOnEdge = onEdges(positions, triangles, normals)
  const distances = new Float64Array(count)
  let found = 0
  for (let vertex = 0; vertex < count; vertex++) {
    const [x, y, z] = [normals[3 * vertex]!, normals[3 * vertex + 1]!, normals[3 * vertex + 2]!]
    const length = Math.hypot(x, y, z)
    if (neighbours[vertex]! < 8 || isOnEdge[vertex] === 1 || !(length > 0)) continue
    const [u, v, w] = [middles[3 * vertex]!, middles[3 * vertex + 1]!, middles[3 * vertex + 2]!]
    const away = Math.abs(u * x + v * y + w * z) / length / neighbours[vertex]!
    // The middle of n neighbours scatters as well.
    distances[found++] = away / Math.sqrt(1 + 2 / neighbours[vertex]!)
  }
  return found < fewestVertices ? 0 : 1.4826 * medianOf(distances.subarray(0, found))
}

/** Of twice the area's length. */
function normalOf(positions: Float64Array, triangles: Uint32Array, t: number, into: Float64Array): void {
  const [a, b, c] = [3 * triangles[t]!, 3 * triangles[t + 1]!, 3 * triangles[t + 2]!]
  const edge = (to: number, axis: number) => positions[to + axis]! - positions[a + axis]!
  for (let axis = 0; axis < 3; axis++) {
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3]
    into[axis] = edge(b, u) * edge(c, v) - edge(b, v) * edge(c, u)
  }
}

function onEdges(positions: Float64Array, triangles: Uint32Array, normals: Float64Array): Uint8Array {
  const isOnEdge = new Uint8Array(positions.length / 3)
  const normal = new Float64Array(3)
  for (let t = 0; t < triangles.length; t += 3) {
    normalOf(positions, triangles, t, normal)
    const length = Math.hypot(normal[0]!, normal[1]!, normal[2]!)
    for (let corner = 0; corner < 3; corner++) {
      const at = 3 * triangles[t + corner]!
      const [x, y, z] = [normals[at]!, normals[at + 1]!, normals[at + 2]!]
      const along = x * normal[0]! + y * normal[1]! + z * normal[2]!
      if (along < smoothestCosine * length * Math.hypot(x, y, z)) isOnEdge[at / 3] = 1
    }
  }
  return isOnEdge
}

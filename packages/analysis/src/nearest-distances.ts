/**
 * Exact distance of every point of a cloud to the nearest point of another one.
 *
 * Both clouds are indexed; the queries are taken leaf by leaf, and one walk through the reference tree
 * serves the few neighbouring queries of a leaf (the idea of dual-tree search, Gray & Moore 2001,
 * "N-Body problems in statistical learning"). A part of the reference is left out only if its box is
 * farther than the best distance found so far, so the answer is exact and needs no search radius.
 */
import { frameOf } from './cloud-frame.ts'
import { LeafSearch } from './leaf-search.ts'
import type { PointArrays } from './point-arrays.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'
import { QueryBatch } from './query-batch.ts'
import { kernelPoints } from './tree-kernels.ts'

/**
 * Distances of all points of `query` to `reference`, in the unit of the coordinates; Infinity if
 * `reference` is empty. Throws RangeError for a coordinate that is not finite. On one thread; see `compareClouds`.
 */
export function nearestDistances(query: PointArrays, reference: PointArrays): Float32Array {
  const frame = frameOf([query, reference])
  const queryTree = buildPointTree(query, frame)
  const referenceTree = buildPointTree(reference, frame, { beside: queryTree })
  const distance = new Float32Array(query.x.length)
  nearestDistancesOfNodes(queryTree, referenceTree, distance, 0, queryTree.nodeCount)
  return distance
}

/**
 * The same for the points in leaves `fromNode` to before `toNode` of the query tree, written to `distance` at
 * the places the points have in their cloud. Returns the number of points done. Both trees need one frame.
 */
export function nearestDistancesOfNodes(
  query: PointTree,
  reference: PointTree,
  distance: Float32Array,
  fromNode: number,
  toNode: number,
): number {
  if (query.memory === reference.memory && reference.nodeCount > 0)
    return LeafSearch.of(query, reference).search(distance, fromNode, toNode)
  const { link, index } = query
  const batch = QueryBatch.of(reference)
  let done = 0
  for (let node = fromNode; node < toNode; node++) {
    const count = Math.abs(link[8 * node + 7]!)
    if (count === 0) continue
    const end = link[8 * node + 3]! + count
    for (let first = link[8 * node + 3]!; first < end; first += kernelPoints) {
      const size = Math.min(kernelPoints, end - first)
      batch.search(query, node, first, size)
      for (let k = 0; k < size; k++) distance[index[first + k]!] = batch.distance(k)
      done += size
    }
  }
  return done
}

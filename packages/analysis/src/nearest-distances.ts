/**
 * Exact distance of every point of a cloud to the nearest point of another one.
 *
 * Both clouds are indexed; the queries are taken leaf by leaf, and one walk through the reference tree
 * serves the few neighbouring queries of a leaf (the idea of dual-tree search, Gray & Moore 2001,
 * "N-Body problems in statistical learning"). A part of the reference is left out only if its box is
 * farther than the best distance found so far, so the answer is exact and needs no search radius.
 */
import { frameOf } from './cloud-frame.ts'
import type { PointArrays } from './point-arrays.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

/** So many queries share one walk; a leaf has more only where points coincide. */
const batchPoints = 64
const stackSize = 2048

/**
 * Distances of all points of `query` to `reference`, in the unit of the coordinates; Infinity if
 * `reference` is empty. Throws RangeError for a coordinate that is not finite. On one thread; see `compareClouds`.
 */
export function nearestDistances(query: PointArrays, reference: PointArrays): Float32Array {
  const frame = frameOf([query, reference])
  const queryTree = buildPointTree(query, frame)
  const referenceTree = buildPointTree(reference, frame)
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
  const { link, box, index } = query
  const batch = {
    x: new Float64Array(batchPoints),
    y: new Float64Array(batchPoints),
    z: new Float64Array(batchPoints),
    best: new Float64Array(batchPoints),
  }
  const stack = { node: new Int32Array(stackSize), squared: new Float64Array(stackSize) }
  let done = 0
  for (let node = fromNode; node < toNode; node++) {
    const count = Math.abs(link[2 * node + 1]!)
    if (count === 0) continue
    const end = link[2 * node]! + count
    for (let first = link[2 * node]!; first < end; first += batchPoints) {
      const size = Math.min(batchPoints, end - first)
      for (let k = 0; k < size; k++) {
        batch.x[k] = box[6 * node]! + query.x[first + k]!
        batch.y[k] = box[6 * node + 1]! + query.y[first + k]!
        batch.z[k] = box[6 * node + 2]! + query.z[first + k]!
        batch.best[k] = Infinity
      }
      if (reference.nodeCount > 0) searchBatch(box, 6 * node, batch, size, reference, stack)
      for (let k = 0; k < size; k++) distance[index[first + k]!] = Math.sqrt(batch.best[k]!)
      done += size
    }
  }
  return done
}

type Batch = { x: Float64Array; y: Float64Array; z: Float64Array; best: Float64Array }
type Stack = { node: Int32Array; squared: Float64Array }

/** One walk, nearer child first. `best` holds squared distances and is lowered in place. */
function searchBatch(
  queryBox: Float32Array,
  at: number,
  batch: Batch,
  size: number,
  reference: PointTree,
  stack: Stack,
): void {
  const { box, link, x, y, z } = reference
  const { best } = batch
  const mx = queryBox[at]! + queryBox[at + 3]!
  const my = queryBox[at + 1]! + queryBox[at + 4]!
  const mz = queryBox[at + 2]! + queryBox[at + 5]!
  const ex = queryBox[at + 3]! - queryBox[at]!
  const ey = queryBox[at + 4]! - queryBox[at + 1]!
  const ez = queryBox[at + 5]! - queryBox[at + 2]!
  let worst = Infinity
  let top = 1
  stack.node[0] = 0
  stack.squared[0] = 0
  walk: while (top > 0) {
    top--
    if (stack.squared[top]! >= worst) continue
    let node = stack.node[top]!
    while (link[2 * node + 1] === 0) {
      const left = link[2 * node]!
      const a = 6 * left
      // Twice the gap between two intervals is |difference of sums| - sum of lengths, where positive; and
      // u + |u| is twice the positive part of u: no branch that a processor could guess wrong.
      const ux = Math.abs(box[a]! + box[a + 3]! - mx) - (box[a + 3]! - box[a]! + ex)
      const uy = Math.abs(box[a + 1]! + box[a + 4]! - my) - (box[a + 4]! - box[a + 1]! + ey)
      const uz = Math.abs(box[a + 2]! + box[a + 5]! - mz) - (box[a + 5]! - box[a + 2]! + ez)
      const vx = Math.abs(box[a + 6]! + box[a + 9]! - mx) - (box[a + 9]! - box[a + 6]! + ex)
      const vy = Math.abs(box[a + 7]! + box[a + 10]! - my) - (box[a + 10]! - box[a + 7]! + ey)
      const vz = Math.abs(box[a + 8]! + box[a + 11]! - mz) - (box[a + 11]! - box[a + 8]! + ez)
      const ax = ux + Math.abs(ux)
      const ay = uy + Math.abs(uy)
      const az = uz + Math.abs(uz)
      const bx = vx + Math.abs(vx)
      const by = vy + Math.abs(vy)
      const bz = vz + Math.abs(vz)
      const toLeft = (ax * ax + ay * ay + az * az) / 16
      const toRight = (bx * bx + by * by + bz * bz) / 16
      // Where both touch the queries, the one that overlaps them more promises the nearer points.
      const leftFirst = toLeft < toRight || (toLeft === toRight && ux + uy + uz < vx + vy + vz)
      const far = leftFirst ? toRight : toLeft
      if (far < worst) {
        stack.node[top] = leftFirst ? left + 1 : left
        stack.squared[top] = far
        top++
      }
      if ((leftFirst ? toLeft : toRight) >= worst) continue walk
      node = leftFirst ? left : left + 1
    }
    const b = 6 * node
    const first = link[2 * node]!
    const count = link[2 * node + 1]!
    // Coinciding points are as near as one of them.
    const end = first + (count < 0 ? 1 : count)
    const bx = box[b]!
    const by = box[b + 1]!
    const bz = box[b + 2]!
    const sx = box[b + 3]! - bx
    const sy = box[b + 4]! - by
    const sz = box[b + 5]! - bz
    worst = 0
    for (let k = 0; k < size; k++) {
      const qx = batch.x[k]! - bx
      const qy = batch.y[k]! - by
      const qz = batch.z[k]! - bz
      const ux = Math.abs(qx + qx - sx) - sx
      const uy = Math.abs(qy + qy - sy) - sy
      const uz = Math.abs(qz + qz - sz) - sz
      const gx = ux + Math.abs(ux)
      const gy = uy + Math.abs(uy)
      const gz = uz + Math.abs(uz)
      let nearest = best[k]!
      if ((gx * gx + gy * gy + gz * gz) / 16 < nearest) {
        for (let i = first; i < end; i++) {
          const dx = qx - x[i]!
          const dy = qy - y[i]!
          const dz = qz - z[i]!
          const squared = dx * dx + dy * dy + dz * dz
          if (squared < nearest) nearest = squared
        }
        best[k] = nearest
      }
      if (nearest > worst) worst = nearest
    }
  }
}

/** How far apart the points of a scan lie, as a measure from which other sizes can follow. */
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

const sampleSize = 2000
const neighbours = 8

/**
 * Side of the square of surface that falls to one point, from an even subsample of 2000 points: sqrt(pi / 8) times the
 * median distance to the 8th nearest other point, which is 1 / sqrt(points per unit of area) on a scattered surface
 * and close to the step of a lattice. The 8th and not the 1st neighbour, because along the lines of a scanner points
 * lie far closer than across; copies of the point itself do not count. NaN if the cloud has fewer than nine points.
 */
export function pointSpacing(points: PointArrays): number {
  return pointSpacingOfTree(buildPointTree(points, bulkCentre([points])))
}

export function pointSpacingOfTree(tree: PointTree): number {
  const stride = Math.max(1, Math.floor(tree.nodeCount / sampleSize / 2))
  const found: number[] = []
  for (let node = 0; node < tree.nodeCount; node += stride) {
    const leaf = firstLeaf(tree, node)
    const first = tree.link[2 * leaf]!
    const squared = squaredDistanceOfNeighbour(
      tree,
      tree.box[6 * leaf]! + tree.x[first]!,
      tree.box[6 * leaf + 1]! + tree.y[first]!,
      tree.box[6 * leaf + 2]! + tree.z[first]!,
    )
    if (squared < Infinity) found.push(Math.sqrt((Math.PI / neighbours) * squared))
  }
  found.sort((a, b) => a - b)
  return found[found.length >> 1] ?? Number.NaN
}

/**
 * An edge for linking voxels and plan cells: 2 spacings of the sparser cloud, in which a scattered surface has
 * 4 points and a whole cell is seldom empty. Undefined spacings are left out; NaN if all are.
 */
export function suggestedLinkDistance(...spacings: readonly number[]): number {
  const known = spacings.filter((spacing) => spacing > 0)
  return known.length === 0 ? Number.NaN : 2 * Math.max(...known)
}

function firstLeaf({ link }: PointTree, node: number): number {
  let leaf = node
  while (link[2 * leaf + 1] === 0) leaf = link[2 * leaf]!
  return leaf
}

function squaredDistanceOfNeighbour(tree: PointTree, x: number, y: number, z: number): number {
  const { box, link } = tree
  // Ascending; the last one is the bound beyond which nothing matters.
  const nearest = new Array<number>(neighbours).fill(Infinity)
  const bound = () => nearest[neighbours - 1]!
  const squaredGap = (node: number) => {
    const b = 6 * node
    const dx = Math.max(box[b]! - x, x - box[b + 3]!, 0)
    const dy = Math.max(box[b + 1]! - y, y - box[b + 4]!, 0)
    const dz = Math.max(box[b + 2]! - z, z - box[b + 5]!, 0)
    return dx * dx + dy * dy + dz * dz
  }
  const visit = (node: number) => {
    const [first, count] = [link[2 * node]!, link[2 * node + 1]!]
    if (count === 0) {
      const order = squaredGap(first) <= squaredGap(first + 1) ? [first, first + 1] : [first + 1, first]
      for (const child of order) if (squaredGap(child) < bound()) visit(child)
      return
    }
    for (let i = first; i < first + (count < 0 ? 1 : count); i++) {
      const dx = box[6 * node]! + tree.x[i]! - x
      const dy = box[6 * node + 1]! + tree.y[i]! - y
      const dz = box[6 * node + 2]! + tree.z[i]! - z
      const squared = dx * dx + dy * dy + dz * dz
      if (squared === 0 || squared >= bound()) continue
      let place = neighbours - 1
      for (; place > 0 && nearest[place - 1]! > squared; place--) nearest[place] = nearest[place - 1]!
      nearest[place] = squared
    }
  }
  visit(0)
  return bound()
}

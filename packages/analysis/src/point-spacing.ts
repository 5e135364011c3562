/** How far apart the points of a scan lie, as a measure from which other sizes can follow. */
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { NeighbourSearch } from './nearest-neighbours.ts'
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
  const search = new NeighbourSearch(tree, neighbours)
  for (let node = 0; node < tree.nodeCount; node += stride) {
    const leaf = firstLeaf(tree, node)
    const first = tree.link[2 * leaf]!
    const squared = search.squaredDistance(
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

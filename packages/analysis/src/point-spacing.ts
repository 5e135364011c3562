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
  const { link, box } = tree
  const stride = Math.max(1, Math.floor(tree.pointCount / sampleSize))
  const found: number[] = []
  const search = new NeighbourSearch(tree, neighbours)
  for (let node = 0; node < tree.nodeCount; node++) {
    const end = link[2 * node]! + Math.abs(link[2 * node + 1]!)
    // Every point has the same chance, however many a leaf holds. An inner node has none.
    for (let p = Math.ceil(link[2 * node]! / stride) * stride; p < end; p += stride) {
      const squared = search.squaredDistance(
        box[6 * node]! + tree.x[p]!,
        box[6 * node + 1]! + tree.y[p]!,
        box[6 * node + 2]! + tree.z[p]!,
      )
      if (squared < Infinity) found.push(Math.sqrt((Math.PI / neighbours) * squared))
    }
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

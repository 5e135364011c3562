/** How far apart the points of a scan lie, as a measure from which other sizes can follow. */
import { frameOf } from './cloud-frame.ts'
import type { PointArrays } from './point-arrays.ts'
import { NeighbourSearch } from './nearest-neighbours.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

const sampleSize = 2000
/** Which neighbour tells the spacing. */
export const spacingNeighbour = 8

/**
 * Side of the square of surface that falls to one point, from some 2000 points, evenly by their order: sqrt(pi / 8) times the
 * median distance to the 8th nearest other point, which is 1 / sqrt(points per unit of area) on a scattered surface
 * and close to the step of a lattice. The 8th and not the 1st neighbour, because along the lines of a scanner points
 * lie far closer than across; copies of the point itself do not count. NaN if the cloud has fewer than nine points.
 */
export function pointSpacing(points: PointArrays): number {
  return pointSpacingOfTree(buildPointTree(points, frameOf([points])))
}

export function pointSpacingOfTree(tree: PointTree): number {
  const stride = spacingStride(tree.pointCount)
  const found: number[] = []
  const search = new NeighbourSearch(tree, spacingNeighbour)
  const { link, box, index } = tree
  for (let node = 0; node < tree.nodeCount; node++) {
    const first = link[8 * node + 3]!
    // Inner nodes have no points.
    const end = first + Math.abs(link[8 * node + 7]!)
    for (let i = first; i < end; i++) {
      if (index[i]! % stride > 0) continue
      const place = [0, 1, 2].map((axis) => box[8 * node + axis]!) as [number, number, number]
      found.push(search.squaredDistance(place[0] + tree.x[i]!, place[1] + tree.y[i]!, place[2] + tree.z[i]!))
    }
  }
  return spacingOf(found)
}

/** In a cloud of so many points, every so manieth tells the spacing. */
export function spacingStride(pointCount: number): number {
  return Math.max(1, Math.floor(pointCount / sampleSize))
}

/** By the squared distances of those points to their neighbour; those that have none do not count. */
export function spacingOf(squaredDistances: readonly number[]): number {
  const known = squaredDistances.filter((squared) => squared < Infinity)
  known.sort((one, other) => one - other)
  return Math.sqrt((Math.PI / spacingNeighbour) * (known[known.length >> 1] ?? Number.NaN))
}

/**
 * An edge for linking voxels and plan cells: 2 spacings of the sparser cloud, in which a scattered surface has
 * 4 points and a whole cell is seldom empty. Undefined spacings are left out; NaN if all are.
 */
export function suggestedLinkDistance(...spacings: readonly number[]): number {
  const known = spacings.filter((spacing) => spacing > 0)
  return known.length === 0 ? Number.NaN : 2 * Math.max(...known)
}

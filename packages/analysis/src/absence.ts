/**
 * How surely the other survey has nothing where it would have points if nothing had changed.
 *
 * If both surveys scatter their points over the same things, wherever these are and whatever their shape, then among a point's
 * surroundings each next point is of the other survey with probability rho / (1 + rho), rho the ratio of densities. That
 * the k nearest neighbours are all of the point's own survey has probability (1 + rho)^-k: no assumption on surfaces,
 * and none on how dense the scan is just here.
 */
import { NeighbourSearch } from './nearest-neighbours.ts'
import type { PointTree } from './point-tree.ts'

/** The k for which that probability is 2^-12, or less; on an evenly scanned surface the radius is then two point spacings. */
const fewestBits = 12
/** Twice that is beyond doubt: among all points of the surveys one such may come by chance in so many pairs of surveys. */
const pairsForOneByChance = 100
const fewestNeighbours = 4
/** With an other survey that is 30 times sparser the true k would be 250; beyond, absence is asked of less. */
const mostNeighbours = 256
/** Nearer than so many spacings of the other survey, absence is not looked into. */
const nearestInSpacings = 1.2

export type AbsenceRule = {
  /** The k of the point's own survey. */
  readonly neighbours: number
  /** Points of a smaller distance to the other survey are left at 0. */
  readonly from: number
}

/** `densityRatio`: points of the other survey to each of the point's own, as `densityRatios` finds it. */
export function absenceRule(densityRatio: number, otherSpacing: number, pointsOfBoth: number): AbsenceRule {
  const bits = Math.max(fewestBits, Math.log2(pairsForOneByChance * pointsOfBoth) / 2)
  const neighbours = Math.ceil((bits * Math.LN2) / Math.log1p(densityRatio))
  return {
    // Clouds too small for a spacing are too small for a rule as well.
    neighbours: Number.isFinite(neighbours)
      ? Math.min(mostNeighbours, Math.max(fewestNeighbours, neighbours))
      : fewestNeighbours,
    from: otherSpacing > 0 ? nearestInSpacings * otherSpacing : 0,
  }
}

/**
 * For the points in leaves `fromNode` to before `toNode`: the square of distance over the radius that holds k neighbours in
 * the point's own cloud. 1 is where absence begins, and more than 2 has twice as many neighbours nearer than the other cloud: an even
 * surface has them within twice the square, a patch of ground between crowns ends before that.
 */
export function measureAbsence(
  tree: PointTree,
  distance: Float32Array,
  { values, neighbours, from }: AbsenceRule & { readonly values: Float32Array },
  fromNode: number,
  toNode: number,
): void {
  const search = new NeighbourSearch(tree, neighbours)
  const wider = new NeighbourSearch(tree, 2 * neighbours)
  const { link, box, index } = tree
  for (let node = fromNode; node < toNode; node++) {
    const first = link[8 * node + 3]!
    const end = first + Math.abs(link[8 * node + 7]!)
    for (let i = first; i < end; i++) {
      const point = index[i]!
      const away = distance[point]!
      if (!(away > from)) continue
      const x = box[8 * node]! + tree.x[i]!
      const y = box[8 * node + 1]! + tree.y[i]!
      const z = box[8 * node + 2]! + tree.z[i]!
      values[point] = absenceOf(
        away,
        search.squaredDistance(x, y, z),
        // Looked for only where it matters.
        () => wider.squaredDistance(x, y, z),
      )
    }
  }
}

/** By the distance to the other survey and the squared radii that hold k and 2 k neighbours. */
export function absenceOf(away: number, squaredRadius: number, squaredWider: () => number): number {
  const value = (away * away) / squaredRadius
  return value < 2 ? value : Math.min(value, (2 * away * away) / squaredWider())
}

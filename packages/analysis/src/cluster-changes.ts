/** Changed points, grouped: hysteresis on the distance, connection through occupied voxels. */
import { CellIndex, cellStep } from './cell-index.ts'
import { DisjointSets } from './disjoint-sets.ts'
import { atOnce, type Pace, paceSteps } from './pace.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'

export type ClusterOptions = {
  /** A point farther than this from the other epoch may belong to a change. */
  readonly low: number
  /** A change has at least one point farther than this. Not below `low`. */
  readonly high: number
  /** Clusters with fewer points are dropped. */
  readonly minPoints: number
  /** Points no farther apart than this are connected; see `suggestedLinkDistance`. */
  readonly linkDistance: number
}

export type ChangeClusters = {
  /** One per point: 0 unchanged, otherwise the number of its cluster, from 1. */
  readonly cluster: Uint32Array
  readonly count: number
}

/**
 * Groups the points with `distance > low` and keeps the groups that hold one with `distance > high` (Canny's
 * hysteresis, 1986, in space). All lengths are in the unit of the coordinates.
 *
 * Connection is that of voxels with an edge of `linkDistance`, each with its 26 neighbours. Points within
 * `linkDistance` of each other are always connected; points up to 3.5 times as far apart may be, depending on how
 * the voxels fall. An exact radius would be free of that, but its cost grows with the square of the density, and a
 * changed surface in a close scan is dense. Time and memory here are linear in the number of points.
 *
 * Cluster 1 is the largest; among equals the one with the first point. `pace` hears of all points three times: while they
 * are put in voxels, by their share while these are connected, and while clusters are numbered. Throws RangeError for
 * options that make no sense or arrays of different length.
 */
export async function clusterChanges(
  points: PointArrays,
  distance: Float32Array,
  options: ClusterOptions,
  pace: Pace = atOnce,
): Promise<ChangeClusters> {
  const n = countPoints(points)
  const { low, high, minPoints, linkDistance } = options
  if (distance.length !== n) throw new RangeError(`expected ${n} distances, got ${distance.length}`)
  if (!(low >= 0 && high >= low)) throw new RangeError(`expected 0 <= low <= high, got ${low} and ${high}`)
  if (!(linkDistance > 0)) throw new RangeError(`linkDistance must be positive, got ${linkDistance}`)

  const cluster = new Uint32Array(n)
  const voxels = new CellIndex()
  const voxelOf = cluster
  const first = distance.findIndex((d) => d > low)
  if (first < 0) {
    await pace(3 * n)
    return { cluster, count: 0 }
  }
  const counting = countTo(pace)
  for (let i = first; i < n; i++) {
    if (i % paceSteps === 0) await counting(i)
    if (!(distance[i]! > low)) continue
    // Until the clusters are known, their array holds the voxel of each point, plus one.
    voxelOf[i] =
      1 +
      voxels.add(
        cellStep(points.x[i]!, points.x[first]!, linkDistance),
        cellStep(points.y[i]!, points.y[first]!, linkDistance),
        cellStep(points.z[i]!, points.z[first]!, linkDistance),
      )
  }
  await counting(n)
  const connecting = (voxel: number) => counting(n + Math.floor((n * voxel) / voxels.count))
  const sets = await connectNeighbours(voxels, connecting)
  const numbering = (i: number) => counting(2 * n + i)
  const numberOf = await numberClusters(sets, voxels.count, voxelOf, distance, { high, minPoints }, numbering)
  for (let i = first; i < n; i++) {
    if (i % paceSteps === 0) await pace(0)
    if (voxelOf[i] !== 0) cluster[i] = numberOf.byVoxel[voxelOf[i]! - 1]!
  }
  return { cluster, count: numberOf.count }
}

/** How often `pace` hears of all points. */
export const groupingPasses = 3

/** Tells `pace` how far it has come, in points. */
function countTo(pace: Pace): Pace {
  let counted = 0
  return async (done) => {
    await pace(done - counted)
    counted = done
  }
}

async function connectNeighbours(voxels: CellIndex, reached: Pace): Promise<DisjointSets> {
  const sets = new DisjointSets(voxels.count)
  for (let voxel = 0; voxel < voxels.count; voxel++) {
    if (voxel % paceSteps === 0) await reached(voxel)
    // Half of the 26 neighbours: the other half see this voxel as theirs.
    for (let step = 14; step < 27; step++) {
      const beside = voxels.findBeside(
        voxel,
        Math.floor(step / 9) - 1,
        (Math.floor(step / 3) % 3) - 1,
        (step % 3) - 1,
      )
      if (beside >= 0) sets.join(voxel, beside)
    }
  }
  return sets
}

async function numberClusters(
  sets: DisjointSets,
  voxelCount: number,
  voxelOf: Uint32Array,
  distance: Float32Array,
  { high, minPoints }: Pick<ClusterOptions, 'high' | 'minPoints'>,
  reached: Pace,
): Promise<{ byVoxel: Uint32Array; count: number }> {
  const size = new Uint32Array(voxelCount)
  const sure = new Uint8Array(voxelCount)
  const roots: number[] = []
  for (let i = 0; i < voxelOf.length; i++) {
    if (i % paceSteps === 0) await reached(i)
    if (voxelOf[i] === 0) continue
    const root = sets.find(voxelOf[i]! - 1)
    if (size[root]!++ === 0) roots.push(root)
    if (distance[i]! > high) sure[root] = 1
  }
  await reached(voxelOf.length)
  // `roots` is in order of first point, and sorting is stable: equals keep that order.
  const kept = roots.filter((root) => sure[root] === 1 && size[root]! >= minPoints)
  kept.sort((a, b) => size[b]! - size[a]!)
  const byRoot = new Uint32Array(voxelCount)
  kept.forEach((root, k) => {
    byRoot[root] = k + 1
  })
  const byVoxel = Uint32Array.from({ length: voxelCount }, (_, voxel) => byRoot[sets.find(voxel)]!)
  return { byVoxel, count: kept.length }
}

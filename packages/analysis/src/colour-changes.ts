/** Changes that show in colour alone. */
import { CellIndex } from './cell-index.ts'
import { pairByFootprint } from './change-footprints.ts'
import { type ChangeClusters, type ClusterOptions, clusterChanges } from './cluster-changes.ts'
import type { Change } from './describe-changes.ts'
import { orientedBox } from './oriented-box.ts'
import { atOnce, type Pace, paceSteps } from './pace.ts'
import { addPlanCell, planCell, type PlanGrid, planNeighbours } from './plan-surface.ts'
import type { PointArrays } from './point-arrays.ts'

/**
 * Groups points by the difference of their colours as `clusterChanges` does by distance. Where in plan one of `others`
 * lies, or right beside it, a difference belongs to that change and is none of its own: it is set to 0, in place. What was painted
 * shows in both epochs; a group that does not is left out. Returns `others` and the new changes, ordered and numbered as one.
 * Of all points those with a difference and those of `others` will do, with the `origin` of all: their first one.
 */
export async function withColourChanges(
  others: readonly Change[],
  a: PointArrays,
  differenceA: Float32Array,
  b: PointArrays,
  differenceB: Float32Array,
  { origin = firstOf(a), ...options }: ClusterOptions & { readonly origin?: PlanGrid['origin'] },
  pace: Pace = atOnce,
): Promise<Change[]> {
  const epochs = [
    { points: a, difference: differenceA, indicesOf: (change: Change) => change.indicesA },
    { points: b, difference: differenceB, indicesOf: (change: Change) => change.indicesB },
  ] as const
  const newGrid = (): PlanGrid => ({ cells: new CellIndex(), cellSize: options.linkDistance, origin })

  const taken = newGrid()
  for (const { points, indicesOf } of epochs)
    for (const change of others) for (const i of indicesOf(change)) addPlanCell(taken, points, i)
  for (let cell = 0, { count } = taken.cells; cell < count; cell++)
    for (const [di, dj] of planNeighbours) taken.cells.addBeside(cell, di, dj, 0)
  const clusters: ChangeClusters[] = []
  for (const { points, difference } of epochs) {
    for (let i = 0; i < difference.length; i++) {
      if (i % paceSteps === 0) await pace(0)
      if (difference[i]! > options.low && planCell(taken, points, i) >= 0) difference[i] = 0
    }
    clusters.push(await clusterChanges(points, difference, options, () => pace(0)))
  }

  const [clustersA, clustersB] = clusters as [ChangeClusters, ChangeClusters]
  const grid = newGrid()
  const footprints = await pairByFootprint(grid, a, clustersA, b, clustersB)
  const owner = new Int32Array(grid.cells.count)
  footprints.forEach((cells, k) => {
    for (const cell of cells) owner[cell] = k
  })
  const [indicesA, indicesB] = epochs.map(({ points }, epoch) => {
    const found: number[][] = footprints.map(() => [])
    for (const [i, number] of clusters[epoch]!.cluster.entries())
      if (number !== 0) found[owner[planCell(grid, points, i)]!]!.push(i)
    return found.map((indices) => Uint32Array.from(indices))
  }) as [Uint32Array[], Uint32Array[]]
  const recoloured = footprints.flatMap((cells, k): Omit<Change, 'id'>[] => {
    if (indicesA[k]!.length === 0 || indicesB[k]!.length === 0) return []
    return [
      {
        kind: 'recoloured',
        indicesA: indicesA[k]!,
        indicesB: indicesB[k]!,
        box: orientedBox(b, indicesB[k]!),
        pointCount: indicesA[k]!.length + indicesB[k]!.length,
        footprintArea: cells.length * grid.cellSize ** 2,
        volume: 0,
        volumeUncertainty95: Number.NaN,
        coverage: 1,
      },
    ]
  })
  return [...others, ...recoloured]
    .sort((one, other) => other.pointCount - one.pointCount)
    .map((change, k) => ({ ...change, id: k + 1 }))
}

function firstOf({ x, y, z }: PointArrays): PlanGrid['origin'] {
  return [x[0] ?? 0, y[0] ?? 0, z[0] ?? 0]
}

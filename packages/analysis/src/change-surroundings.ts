/** Which places `describeChanges` looks at: around the changes, so that it can be given the points there instead of all. */
import { CellIndex } from './cell-index.ts'
import { pairByFootprint } from './change-footprints.ts'
import type { ChangeClusters } from './cluster-changes.ts'
import { firstChanged } from './describe-changes.ts'
import { type PlanGrid, planCellAt } from './plan-surface.ts'
import type { PointArrays } from './point-arrays.ts'

/**
 * A footprint grows over cells with five neighbours in it, which none outside of its bounding box has. Around it four rings
 * become known at most, the middle of the cell of a surface may lie in the next one, and one is for good measure.
 */
const rings = 6

export type ChangeSurroundings = {
  contains(x: number, y: number): boolean
  /** Whether any place within `reach` of a rectangle may be among them. */
  meets(
    rectangle: { readonly from: readonly [number, number]; readonly to: readonly [number, number] },
    reach: number,
  ): boolean
}

/**
 * Takes clusters with at least the points in them, in the order that they have among all points, and `cellSize` as
 * `describeChanges` does. The points at such places, and the cells of surfaces with their middles there, are all that it needs.
 */
export async function changeSurroundings(
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
  cellSize: number,
): Promise<ChangeSurroundings> {
  if (clustersA.count + clustersB.count === 0) return { contains: () => false, meets: () => false }
  const origin = firstChanged(a, clustersA, b, clustersB)
  const footprints: PlanGrid = { cells: new CellIndex(), cellSize, origin }
  const near: PlanGrid = { cells: new CellIndex(), cellSize, origin }
  const paired = await pairByFootprint(footprints, a, clustersA, b, clustersB)
  const steps = footprints.cells.planSteps()
  const boxes: [number, number, number, number][] = []
  for (const cells of paired) {
    let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const cell of cells) {
      const [i, j] = [steps[2 * cell]!, steps[2 * cell + 1]!]
      left = Math.min(left, i)
      right = Math.max(right, i)
      bottom = Math.min(bottom, j)
      top = Math.max(top, j)
    }
    boxes.push([left - rings, bottom - rings, right + rings + 1, top + rings + 1])
    for (let i = left - rings; i <= right + rings; i++)
      for (let j = bottom - rings; j <= top + rings; j++) near.cells.add(i, j, 0)
  }
  return {
    contains: (x, y) => planCellAt(near, x, y) >= 0,
    meets: ({ from, to }, reach) =>
      boxes.some(
        ([left, bottom, right, top]) =>
          origin[0] + left * cellSize < to[0] + reach &&
          origin[0] + right * cellSize >= from[0] - reach &&
          origin[1] + bottom * cellSize < to[1] + reach &&
          origin[1] + top * cellSize >= from[1] - reach,
      ),
  }
}

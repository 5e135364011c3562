/** Offsets between two surfaces as rises of height in the cells of a grid in plan. */
import { type Pace, paceSteps } from './pace.ts'
import { type PlanGrid, planCellAt } from './plan-surface.ts'
import type { SurfaceOffsets } from './surface-offsets.ts'

/** Steeper surfaces tell too little of heights. */
const leastNormalZ = 0.5
/** In cell edges: where points fill the cells, as in crowns, their means stay where they are whatever moves. */
const leastSure = 0.15
/** Offsets of neighbouring cells share points: the sum over them varies like that of a ninth as many. */
const sharedBy = 9

export type PlanOffsets = {
  /** NaN where no offset is known. */
  readonly rise: Float64Array
  /** Of `rise`, made up so that variances of cells add up. */
  readonly variance: Float64Array
  /** Edge of the cells that the offsets were measured in. */
  readonly cellSize: number
}

/**
 * Where surfaces lie above each other (crowns, ground) each weighs by how well it is known, so that the ground below a tree
 * speaks and the tree hardly does. `pace` counts the cells of the offsets.
 */
export async function planOffsets(grid: PlanGrid, offsets: SurfaceOffsets, pace: Pace): Promise<PlanOffsets> {
  const { count } = grid.cells
  const weights = new Float64Array(count)
  const sums = new Float64Array(count)
  const { offset, deviation, normalZ, cells } = offsets
  for (let cell = 0; cell < offset.length; cell++) {
    if (cell > 0 && cell % paceSteps === 0) await pace(paceSteps)
    const nz = normalZ[cell]!
    if (nz < leastNormalZ || !(deviation[cell]! < leastSure * cells.cellSize)) continue
    const middle = cells.middleOf(cell)
    const planCell = planCellAt(grid, middle[0], middle[1])
    if (planCell < 0) continue
    const weight = (nz / deviation[cell]!) ** 2
    weights[planCell]! += weight
    sums[planCell]! += (weight * offset[cell]!) / nz
  }
  await pace(offset.length > 0 ? ((offset.length - 1) % paceSteps) + 1 : 0)
  return {
    rise: sums.map((sum, cell) => sum / weights[cell]!),
    variance: weights.map((weight) => sharedBy / weight),
    cellSize: cells.cellSize,
  }
}

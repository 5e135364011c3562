/** Ground that the openings took off, found again from the ground beside it. */
import type { PlanRaster } from './ground-raster.ts'

/** Half the window from which a plane is taken, in cells; and how often the ground may grow by so much. */
const [planeRadius, growths] = [2, 3]
/** So many cells of ground a plane needs. */
const leastCells = 3

/** How far the growth of a cell depends on others, in cells. */
export const growthReach = planeRadius * growths

/**
 * Adds to the ground the known cells that lie within `tolerance` of the plane through the ground around them. The corners of a
 * terrace, the crest of a ridge are cut off by a window like a building is; but a plane leads to them. After a few cells it
 * ends, or it would cross every bridge.
 */
export function growGround(
  heights: Float32Array,
  ground: Uint8Array,
  plan: PlanRaster,
  tolerance: number,
): void {
  let candidates: number[] = []
  for (let cell = 0; cell < ground.length; cell++) {
    if (ground[cell] === 0 && heights[cell]! < Number.POSITIVE_INFINITY) candidates.push(cell)
  }
  for (let growth = 0; growth < growths; growth++) {
    const found = candidates.filter(
      (cell) => Math.abs(heights[cell]! - planeAt(heights, ground, plan, cell)) < tolerance,
    )
    for (const cell of found) ground[cell] = 1
    candidates = candidates.filter((cell) => ground[cell] === 0)
  }
}

/** Height at a cell of the least-squares plane through the ground around it; NaN with too little of it. */
function planeAt(
  heights: Float32Array,
  ground: Uint8Array,
  { columns, rows }: PlanRaster,
  cell: number,
): number {
  const row = Math.floor(cell / columns)
  const column = cell - row * columns
  const [left, right] = [Math.max(0, column - planeRadius), Math.min(columns - 1, column + planeRadius)]
  const [below, above] = [Math.max(0, row - planeRadius), Math.min(rows - 1, row + planeRadius)]
  let [n, sx, sy, sz, sxx, sxy, syy, sxz, syz] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let r = below; r <= above; r++) {
    for (let c = left; c <= right; c++) {
      const other = r * columns + c
      if (ground[other] === 0) continue
      const [x, y, z] = [c - column, r - row, heights[other]!]
      n++
      sx += x
      sy += y
      sz += z
      sxx += x * x
      sxy += x * y
      syy += y * y
      sxz += x * z
      syz += y * z
    }
  }
  if (n < leastCells) return Number.NaN
  const [mx, my, mz] = [sx / n, sy / n, sz / n]
  // A hundredth of a cell holds the plane level where all of them lie in one line.
  const [xx, xy, yy] = [sxx / n - mx * mx + 0.01, sxy / n - mx * my, syy / n - my * my + 0.01]
  const [xz, yz] = [sxz / n - mx * mz, syz / n - my * mz]
  const determinant = xx * yy - xy * xy
  return mz - (mx * (xz * yy - yz * xy) + my * (yz * xx - xz * xy)) / determinant
}

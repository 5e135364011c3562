/** The volume between two surfaces over some cells in plan, and how well it is known. */
import type { PlanOffsets } from './plan-offsets.ts'
import { type PlanGrid, type PlanSurface, planNeighbours } from './plan-surface.ts'

export type VolumeSources = {
  readonly grid: PlanGrid
  readonly before: PlanSurface
  readonly after: PlanSurface
  /** Absent: heights alone. */
  readonly offsets?: PlanOffsets | undefined
  /** Of cells where something came or went as a whole, heights speak; where a surface moved, offsets do. */
  readonly isMoved: (cell: number) => boolean
  /** Standard deviation of the height of one survey against the other. */
  readonly registration: number
}

export type NetVolume = {
  volume: number
  uncertainty95: number
  /** Of every cell that took part. */
  rise: Map<number, number>
  /** Median of |rise| where a surface moved; 0 where most of the footprint came or went as a whole. */
  usualRise: number
}

/** An offset less sure than this share of the usual rise of its change is taken from its neighbours instead. */
const leastSure = 0.5

/** Of the place of an edge, in cells; taken from scenes made of real scans (`bench/quality/change-detection.ts`). */
const edgeDeviation = 0.07

/**
 * Rise by rise over the footprint, and over its rim as far as it is known. The 95 % bound adds up what the points' scatter
 * explains in each cell and, over the whole change at once, registration and edges.
 */
export function netVolume(
  footprint: readonly number[],
  rim: readonly number[],
  sources: VolumeSources,
): NetVolume {
  const { grid, before, after, offsets, isMoved, registration } = sources
  const rise = new Map<number, number>()
  const variances: number[] = []
  const unsure: number[] = []
  const moved = footprint.filter((cell) => offsets !== undefined && isMoved(cell))
  const usual = median(
    moved.map((cell) => Math.abs(offsets!.rise[cell]!)).filter((value) => !Number.isNaN(value)),
  )
  const isSure = (cell: number) => Math.sqrt(offsets!.variance[cell]!) < leastSure * usual
  const isByOffset = new Set(moved)
  for (const cell of footprint) {
    if (!isByOffset.has(cell)) {
      rise.set(cell, after.height[cell]! - before.height[cell]!)
      variances.push(before.variance[cell]! + after.variance[cell]!)
    } else if (isSure(cell)) {
      rise.set(cell, offsets!.rise[cell]!)
      variances.push(offsets!.variance[cell]!)
    } else unsure.push(cell)
  }
  variances.push(...fillFromNeighbours(grid, unsure, rise))
  // The rim of what moved as a surface is told by offsets too, that of what came or went as a whole by heights.
  const byOffset = moved.length > footprint.length / 2
  for (const cell of rim) {
    if (byOffset ? !isSure(cell) : Number.isNaN(after.height[cell]! - before.height[cell]!)) continue
    rise.set(cell, byOffset ? offsets!.rise[cell]! : after.height[cell]! - before.height[cell]!)
    variances.push(byOffset ? offsets!.variance[cell]! : before.variance[cell]! + after.variance[cell]!)
  }
  const area = grid.cellSize ** 2
  let volume = 0
  for (const value of rise.values()) volume += value * area
  // Cells with a single point, or a filled height, are taken to vary like the others.
  const known = variances.filter((variance) => !Number.isNaN(variance))
  const whole =
    known.length > 0
      ? (known.reduce((sum, variance) => sum + variance, 0) * rise.size) / known.length
      : Number.NaN
  // Edges err all to one side, or none: by how points near a wall fall, and where a rim fades out.
  const inFootprint = new Set(footprint)
  const isEdge = (cell: number) =>
    planNeighbours.some(([di, dj]) => !inFootprint.has(grid.cells.findBeside(cell, di, dj, 0)))
  const edge = footprint.filter(isEdge).reduce((sum, cell) => sum + Math.abs(rise.get(cell) ?? 0), 0)
  const common = Math.hypot(registration * rise.size, edgeDeviation * edge)
  return {
    volume,
    uncertainty95: 1.96 * Math.sqrt(whole + common * common) * area,
    rise,
    usualRise: byOffset ? usual : 0,
  }
}

/** Ring by ring the mean of the neighbours; returns the variance of each that was filled. */
function fillFromNeighbours(
  { cells }: PlanGrid,
  unsure: readonly number[],
  rise: Map<number, number>,
): number[] {
  const values = [...rise.values()]
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const spread = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  let open = [...unsure]
  const variances: number[] = []
  while (open.length > 0) {
    const found: [number, number][] = []
    for (const cell of open) {
      let [sum, count] = [0, 0]
      for (const [di, dj] of planNeighbours) {
        const value = rise.get(cells.findBeside(cell, di, dj, 0))
        if (value === undefined) continue
        sum += value
        count++
      }
      if (count > 0) found.push([cell, sum / count])
    }
    if (found.length === 0) break
    for (const [cell, value] of found) {
      rise.set(cell, value)
      variances.push(spread)
    }
    open = open.filter((cell) => !rise.has(cell))
  }
  return variances
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0
}

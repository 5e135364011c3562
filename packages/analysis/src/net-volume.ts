/** The volume between two surfaces over some cells in plan, and how well it is known. */
import { HiddenRise } from './hidden-rise.ts'
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
  /** Seen by both surveys, and in no change: cells beside the change that it may reach into where nothing shows it. */
  readonly isHideable: (cell: number) => boolean
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

/** A rise less sure than this share of the usual rise of its change is taken from what is around it instead. */
const leastSure = 0.5
/** In edges of the cells that offsets are measured in: a surface that moved further leaves their neighbourhood, and its heights speak. */
const farthestOffset = 0.5

/** Of an offset beyond that, this share may be missing: both surfaces are seen in part, up to where their neighbourhood ends. */
const mostCutOff = 0.25

/** Of the place of an edge, in cells, besides what a difference of densities makes of it: half a
 * spacing to either side, evenly, for each of four sides by itself. */
const edgeDeviation = 1 / (8 * Math.sqrt(3))

/**
 * Rise by rise over the footprint, and over its rim as far as it is known; what crowns and the like hide in it and beside it is
 * interpolated. The 95 % bound adds up what the points' scatter explains in each cell, what is hidden, and, over the
 * whole change at once, registration and edges.
 */
export function netVolume(
  footprint: readonly number[],
  rim: readonly number[],
  sources: VolumeSources,
): NetVolume {
  const { grid, before, after, offsets, isMoved, isHideable, registration } = sources
  const rise = new Map<number, number>()
  const variances: number[] = []
  const hidden: number[] = []
  const take = (cell: number, value: number, variance: number) => {
    rise.set(cell, value)
    variances.push(variance)
  }
  const heightOf = (cell: number) => after.height[cell]! - before.height[cell]!
  const varianceOf = (cell: number) => before.variance[cell]! + after.variance[cell]!
  const moved = footprint.filter((cell) => offsets !== undefined && isMoved(cell))
  const usual = median(
    moved.map((cell) => Math.abs(offsets!.rise[cell]!)).filter((value) => !Number.isNaN(value)),
  )
  // The rim of what moved as a surface is told by offsets too, that of what came or went as a whole by heights.
  const byOffset = moved.length > footprint.length / 2
  const isSure = (cell: number) => Math.sqrt(offsets!.variance[cell]!) < leastSure * usual
  const isHeightSure = (cell: number) => Math.sqrt(varianceOf(cell)) < leastSure * usual
  const isFar = (cell: number) => Math.abs(heightOf(cell)) > farthestOffset * offsets!.cellSize
  const isByOffset = new Set(moved)
  for (const cell of footprint) {
    const isOffset = isByOffset.has(cell)
    if (isOffset ? isHeightSure(cell) && isFar(cell) : !byOffset || isHeightSure(cell))
      take(cell, heightOf(cell), varianceOf(cell))
    else if (isOffset && isSure(cell)) take(cell, offsets!.rise[cell]!, offsets!.variance[cell]!)
    else hidden.push(cell)
  }
  for (const cell of rim) {
    if (!byOffset && !Number.isNaN(heightOf(cell))) take(cell, heightOf(cell), varianceOf(cell))
    else if (byOffset && isSure(cell)) take(cell, offsets!.rise[cell]!, offsets!.variance[cell]!)
  }
  const gap = new HiddenRise(grid, rise, hidden, {
    isHidden: (cell) => byOffset && isHideable(cell) && !isSure(cell),
    riseBeside: (cell) => (byOffset && isSure(cell) ? offsets!.rise[cell]! : 0),
  })
  gap.interpolate()
  const area = grid.cellSize ** 2
  let volume = 0
  for (const value of rise.values()) volume += value * area
  // Cells with a single point, or a filled height, are taken to vary like the others.
  const known = variances.filter((variance) => !Number.isNaN(variance))
  const whole =
    known.length > 0
      ? (known.reduce((sum, variance) => sum + variance, 0) * variances.length) / known.length
      : Number.NaN
  // Edges err all to one side, or none: by how points near a wall fall, and where a rim fades out.
  const inFootprint = new Set(footprint)
  const isEdge = (cell: number) =>
    planNeighbours.some(([di, dj]) => !inFootprint.has(grid.cells.findBeside(cell, di, dj, 0)))
  const edges = footprint.filter(isEdge)
  const inside = footprint.filter((cell) => !isEdge(cell))
  const typical = median(inside.map((cell) => Math.abs(rise.get(cell) ?? 0)))
  const edge = byOffset
    ? edges.reduce((sum, cell) => sum + Math.abs(rise.get(cell) ?? 0), 0)
    : edges.length * typical
  const ratios = [before, after].map(({ count }) => perCell(count, inside) / perCell(count, rim))
  const weighing = byOffset ? 0 : Math.hypot(...ratios.map(weighedWrong))
  const cutOff = moved
    .filter((cell) => rise.get(cell) === offsets!.rise[cell])
    .map((cell) => Math.abs(offsets!.rise[cell]!) - farthestOffset * offsets!.cellSize)
    .reduce((sum, beyond) => sum + mostCutOff * Math.max(0, beyond), 0)
  const common = Math.hypot(registration * rise.size, edgeDeviation * edge, weighing * edge, cutOff)
  return {
    volume,
    uncertainty95: 1.96 * Math.sqrt(whole + common * common + gap.variance()) * area,
    rise,
    usualRise: byOffset ? usual : 0,
  }
}

function perCell(count: Uint32Array, cells: readonly number[]): number {
  return cells.reduce((sum, cell) => sum + count[cell]!, 0) / Math.max(1, cells.length)
}

/**
 * How much of a cell, on the average over all places of an edge in it, a mean height gives to the wrong side where points are
 * `ratio` times as dense on one side.
 */
function weighedWrong(ratio: number): number {
  const more = ratio - 1
  if (!Number.isFinite(more) || ratio <= 0) return 0
  if (Math.abs(more) < 1e-3) return more / 6
  return (ratio / more) * (1 - Math.log(ratio) / more) - 0.5
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? 0
}

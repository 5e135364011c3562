// The raster in plan that the ground of a cloud is sought on, as far as headers tell.
import { type GroundOptions, groundOptions, groundPasses, type PlanRaster } from '@alidade/analysis'
import type { Crs, LasHeader } from '@alidade/formats'
import { isForeseen } from '../point-clouds/any-header.ts'
import type { Bounds } from '../point-clouds/describe-cloud.ts'

/** Some 10 GB: more is a cloud with points far off its site. */
export const mostCells = 2 ** 28

/** A survey has fewer cells for each point; so many in all cost next to nothing. */
const [mostCellsPerPoint, fewCells] = [100, 4e6]
/** Of sparse surveys from the air. */
const commonCellsPerPoint = 4

/** Among fewer points a single one is as many as a site may have. */
export const fewestOfSite = 100

/** Whether it has far more cells than a cloud of so many points is likely to fill: then some of these are far off the site. */
export function isAbsurd({ columns, rows }: PlanRaster, pointCount: number): boolean {
  return columns * rows > Math.max(fewCells, mostCellsPerPoint * pointCount)
}

/** Where bounds are absurd the raster is planned over the site, which no header tells. */
export function foreseenCells(plan: PlanRaster, pointCount: number): number {
  const cells = plan.columns * plan.rows
  if (!isAbsurd(plan, pointCount)) return cells
  return Math.min(cells, mostCells, Math.max(fewCells, commonCellsPerPoint * pointCount))
}

/** The lengths of the method are metres; a cloud without a system is taken for one in metres. */
export function optionsIn(crs: Crs | undefined): GroundOptions {
  return groundOptions(1 / (crs?.linearUnit.metres ?? 1))
}

export function rasterPlan({ min, max }: Bounds, { cellSize }: GroundOptions): PlanRaster {
  const cell = (value: number) => Math.floor(value / cellSize)
  const [firstColumn, firstRow] = [cell(min[0]!), cell(min[1]!)]
  return {
    cellSize,
    firstColumn,
    firstRow,
    columns: cell(max[0]!) - firstColumn + 1,
    rows: cell(max[1]!) - firstRow + 1,
  }
}

/** Below a million cells threads take about as long to get ready as they save. */
export function surfaceThreads(cells: number, threads: number): number {
  return cells < 1_000_000 ? 1 : threads
}

/** Cells that are passed over on the way to the surface, by what is done to them. */
export function surfacePasses({ columns, rows }: PlanRaster, options: GroundOptions) {
  const passes = Object.entries(groundPasses(options))
  return Object.fromEntries(passes.map(([name, times]) => [name, times * columns * rows])) as Record<
    GroundPass,
    number
  >
}

export type GroundPass = keyof ReturnType<typeof groundPasses>

/** Guessed where no header tells any. */
export function boundsOfHeaders(headers: readonly LasHeader[]): Bounds | undefined {
  const withPoints = headers.filter(({ pointCount }) => pointCount > 0)
  const known = withPoints.filter((header) => !isForeseen(header))
  const filled = known.length > 0 ? known : withPoints
  if (filled.length === 0) return undefined
  return {
    min: [0, 1, 2].map((axis) => Math.min(...filled.map(({ bounds }) => bounds.min[axis]!))),
    max: [0, 1, 2].map((axis) => Math.max(...filled.map(({ bounds }) => bounds.max[axis]!))),
  }
}

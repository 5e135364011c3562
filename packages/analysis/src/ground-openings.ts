/** What stands on the ground, and what lies below it by mistake, by openings of the raster. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'
import { type Layer, RasterBlock } from './raster-block.ts'

/** Cells of the longest edge of a block, its halo aside: some tens of milliseconds of work. */
const longestEdge = 512
/** Half the window in which a low outlier is alone, in cells. */
const outlierRadius = 2
/** How far the mark of a cell depends on others, in cells. */
export const outlierReach = 2 * outlierRadius
export const openingReach = (options: GroundOptions) => 2 * windowCells(options)

/** Half of the largest window. */
export function windowCells({ windowRadius, cellSize }: GroundOptions): number {
  return Math.max(1, Math.round(windowRadius / cellSize))
}

type Rasters = { readonly heights: Float32Array; readonly plan: PlanRaster }
type Marking = Rasters & {
  readonly options: GroundOptions
  readonly marks: Uint8Array
}
type ObjectsPass = Marking & { readonly kind: 'objects' }
type OutliersPass = Marking & { readonly kind: 'outliers' }
type LowestPass = Rasters & { readonly kind: 'lowest'; readonly cells: number; readonly lowest: Float32Array }
export type OpeningPass = ObjectsPass | OutliersPass | LowestPass

/**
 * Marks by 1 the cells that the progressive opening takes off: Pingel et al. (2013), section 2.2, with octagons in place of disks.
 * A disk would be larger by a few cells and cost far more: each octagon comes from the one before by one step. Infinity takes
 * no part.
 */
function markObjects({ options, marks, plan }: ObjectsPass, block: RasterBlock, inner: Inner): void {
  let [eroded, before, after, spare, other]: Layer[] = [heightLayer, 2, 3, 4, 5]
  block.copy(eroded!, before!)
  for (let radius = 1; radius <= windowCells(options); radius++) {
    erodeOnce(block, eroded!, spare!, radius)
    ;[eroded, spare] = [spare, eroded]
    block.turnOver(eroded!, after!)
    for (let step = 1; step <= radius; step++) {
      erodeOnce(block, after!, other!, step)
      ;[after, other] = [other, after]
    }
    block.turnOver(after!, after!)
    block.markDrops(before!, after!, markLayer, options.slope * radius * plan.cellSize)
    ;[before, after] = [after, before]
  }
  copyMarks(block, inner, marks)
}

/**
 * Marks by 1 the cells below all that is around them by more than the options' depth: section 2.3, but only by what was
 * measured, as an outlier among holes would fill these as well. A single gross error is alone in its window; a
 * pit that could be ground is wider.
 */
function markLowOutliers({ options, marks }: OutliersPass, block: RasterBlock, inner: Inner): void {
  let [from, to]: Layer[] = [2, 3]
  const closeBy = () => {
    block.turnOver(from!, from!)
    for (let step = 0; step < outlierRadius; step++) {
      block.erodeBySquare(from!, to!)
      ;[from, to] = [to, from]
    }
  }
  block.copy(heightLayer, from!)
  closeBy()
  closeBy()
  block.markDrops(from!, heightLayer, markLayer, options.outlierDepth)
  copyMarks(block, inner, marks)
}

/** The lowest of all within so many cells of each, along rows and columns. */
function lowestWithin({ cells, lowest }: LowestPass, block: RasterBlock, inner: Inner): void {
  let [from, to]: Layer[] = [heightLayer, 2]
  for (let step = 0; step < cells; step++) {
    block.erodeBySquare(from!, to!)
    ;[from, to] = [to, from]
  }
  inner.eachRow((row, at) => lowest.set(inner.part(block.row(from!, row)), at))
}

const [heightLayer, markLayer, layers] = [0, 1, 6]

/** One step of the octagon of that radius: of 1, 2, 3 ... steps as many are crosses as make its sides equally long. */
function erodeOnce(block: RasterBlock, from: Layer, to: Layer, radius: number): void {
  const crosses = (steps: number) => Math.round(steps * (2 - Math.SQRT2))
  if (crosses(radius) > crosses(radius - 1)) block.erodeByCross(from, to)
  else block.erodeBySquare(from, to)
}

function copyMarks(block: RasterBlock, inner: Inner, marks: Uint8Array): void {
  inner.eachRow((row, at) => {
    const marked = inner.part(block.marks(markLayer, row))
    for (let i = 0; i < marked.length; i++) if (marked[i] !== 0) marks[at + i] = 1
  })
}

/** The part of a block whose values are right. */
type Inner = {
  /** Each row of the block that has such a part, and where that part begins in the whole raster. */
  eachRow(visit: (row: number, at: number) => void): void
  part<Row extends Float32Array | Int32Array>(row: Row): Row
}

/** A piece of a raster, its halo aside. */
type Block = {
  readonly firstRow: number
  readonly endRow: number
  readonly firstColumn: number
  readonly endColumn: number
}

/** All pieces, which overlap by what their inner parts depend on. */
export function blocksOf({ plan: { columns, rows } }: OpeningPass): Block[] {
  const [blockColumns, blockRows] = [evenEdge(columns), evenEdge(rows)]
  const across = Array.from({ length: Math.ceil(columns / blockColumns) }, (_, i) => i * blockColumns)
  const along = Array.from({ length: Math.ceil(rows / blockRows) }, (_, i) => i * blockRows)
  return along.flatMap((firstRow) =>
    across.map((firstColumn) => ({
      firstRow,
      endRow: Math.min(firstRow + blockRows, rows),
      firstColumn,
      endColumn: Math.min(firstColumn + blockColumns, columns),
    })),
  )
}

export function cellsOf({ firstRow, endRow, firstColumn, endColumn }: Block): number {
  return (endRow - firstRow) * (endColumn - firstColumn)
}

export function openBlock(pass: OpeningPass, block: Block): void {
  const { heights, plan } = pass
  const { columns } = plan
  const reach = reachOf(pass)
  const [fromRow, toRow] = [Math.max(0, block.firstRow - reach), Math.min(plan.rows, block.endRow + reach)]
  const fromColumn = Math.max(0, block.firstColumn - reach)
  const toColumn = Math.min(columns, block.endColumn + reach)
  const [blockColumns, blockRows] = [toColumn - fromColumn, toRow - fromRow]
  const raster = new RasterBlock(blockColumns, blockRows, layers)
  raster.resize(blockColumns, blockRows)
  raster.clearMarks(markLayer)
  for (let row = fromRow; row < toRow; row++) {
    const at = row * columns
    raster.row(heightLayer, row - fromRow).set(heights.subarray(at + fromColumn, at + toColumn))
  }
  const inner: Inner = {
    eachRow: (visit) => {
      for (let row = block.firstRow; row < block.endRow; row++)
        visit(row - fromRow, row * columns + block.firstColumn)
    },
    part: <Row extends Float32Array | Int32Array>(row: Row) =>
      row.subarray(block.firstColumn - fromColumn, block.endColumn - fromColumn) as Row,
  }
  if (pass.kind === 'objects') markObjects(pass, raster, inner)
  else if (pass.kind === 'outliers') markLowOutliers(pass, raster, inner)
  else lowestWithin(pass, raster, inner)
}

function reachOf(pass: OpeningPass): number {
  if (pass.kind === 'objects') return openingReach(pass.options)
  return pass.kind === 'outliers' ? outlierReach : pass.cells
}

/** Of as few blocks of about the same size as there can be. */
function evenEdge(cells: number): number {
  return Math.ceil(cells / Math.ceil(cells / longestEdge))
}

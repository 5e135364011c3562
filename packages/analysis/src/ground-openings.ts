/** What stands on the ground, and what lies below it by mistake, by openings of the raster. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'
import type { Pace } from './pace.ts'
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

/**
 * Marks by 1 the cells that the progressive opening takes off: Pingel et al. (2013), section 2.2, with octagons in place of disks.
 * A disk would be larger by a few cells and cost far more: each octagon comes from the one before by one step. Infinity takes
 * no part. Tells of each cell once for each window.
 */
export async function markObjects(
  heights: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  marks: Uint8Array,
  pace: Pace,
): Promise<void> {
  const windows = windowCells(options)
  await byBlocks(heights, plan, openingReach(options), windows, pace, (block, inner) => {
    let [eroded, before, after, spare, other]: Layer[] = [heightLayer, 2, 3, 4, 5]
    block.copy(eroded!, before!)
    for (let radius = 1; radius <= windows; radius++) {
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
  })
}

/**
 * Marks by 1 the cells below all that is around them by more than the options' depth: section 2.3, but only by what was
 * measured, as an outlier among holes would fill these as well. A single gross error is alone in its window; a
 * pit that could be ground is wider.
 */
export async function markLowOutliers(
  lowest: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  marks: Uint8Array,
  pace: Pace,
): Promise<void> {
  await byBlocks(lowest, plan, outlierReach, 1, pace, (block, inner) => {
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
  })
}

/** The lowest of all within so many cells of each, along rows and columns. */
export async function lowestWithin(
  heights: Float32Array,
  plan: PlanRaster,
  cells: number,
  lowest: Float32Array,
  pace: Pace,
): Promise<void> {
  await byBlocks(heights, plan, cells, 1, pace, (block, inner) => {
    let [from, to]: Layer[] = [heightLayer, 2]
    for (let step = 0; step < cells; step++) {
      block.erodeBySquare(from!, to!)
      ;[from, to] = [to, from]
    }
    inner.eachRow((row, at) => lowest.set(inner.part(block.row(from!, row)), at))
  })
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

/** Runs `work` on overlapping pieces of a raster, each with all that its inner part depends on. */
async function byBlocks(
  heights: Float32Array,
  { columns, rows }: PlanRaster,
  reach: number,
  passes: number,
  pace: Pace,
  work: (block: RasterBlock, inner: Inner) => void,
): Promise<void> {
  const [blockColumns, blockRows] = [evenEdge(columns), evenEdge(rows)]
  const block = new RasterBlock(
    Math.min(blockColumns + 2 * reach, columns),
    Math.min(blockRows + 2 * reach, rows),
    layers,
  )
  for (let firstRow = 0; firstRow < rows; firstRow += blockRows) {
    const endRow = Math.min(firstRow + blockRows, rows)
    const [fromRow, toRow] = [Math.max(0, firstRow - reach), Math.min(rows, endRow + reach)]
    for (let firstColumn = 0; firstColumn < columns; firstColumn += blockColumns) {
      const endColumn = Math.min(firstColumn + blockColumns, columns)
      const [fromColumn, toColumn] = [Math.max(0, firstColumn - reach), Math.min(columns, endColumn + reach)]
      block.resize(toColumn - fromColumn, toRow - fromRow)
      block.clearMarks(markLayer)
      for (let row = fromRow; row < toRow; row++) {
        const at = row * columns
        block.row(heightLayer, row - fromRow).set(heights.subarray(at + fromColumn, at + toColumn))
      }
      work(block, {
        eachRow: (visit) => {
          for (let row = firstRow; row < endRow; row++) visit(row - fromRow, row * columns + firstColumn)
        },
        part: <Row extends Float32Array | Int32Array>(row: Row) =>
          row.subarray(firstColumn - fromColumn, endColumn - fromColumn) as Row,
      })
      await pace(passes * (endColumn - firstColumn) * (endRow - firstRow))
    }
  }
}

/** Of as few blocks of about the same size as there can be. */
function evenEdge(cells: number): number {
  return Math.ceil(cells / Math.ceil(cells / longestEdge))
}

/** A smooth surface for the cells of a raster that have no height, which is told by Infinity. */
import type { PlanRaster } from './ground-raster.ts'
import { type Pace, paceByShare } from './pace.ts'
import { byBands } from './raster-bands.ts'
import { sharedBytes, sharedFloats } from './shared-arrays.ts'

/** How far what `fillSmoothly` puts into a hole depends on others, in cells. */
export const smoothReach = (levels: number, rounds: number) => 3 * 2 ** levels + 2 * rounds

/**
 * Gives holes a smooth surface between what surrounds them: means over ever larger cells, then from the largest cells down
 * what is missing by interpolation (Gortler et al., 1996, "The lumigraph", section 3.4: pull and push), and `rounds` of
 * relaxation. Linear in the cells. Large cells lie at multiples of their size, so that tiles agree. A hole with nothing
 * known for about 2^levels cells around stays. Tells `pace` of all cells, while the larger ones are made and filled.
 */
export async function fillSmoothly(
  heights: Float32Array,
  plan: PlanRaster,
  { levels, rounds }: { readonly levels: number; readonly rounds: number },
  filled: Float32Array,
  run: (pass: SmoothPass) => Promise<void>,
  pace: Pace,
): Promise<void> {
  const sizes: Size[] = [plan]
  for (let level = 0; level < levels; level++) sizes.push(halfOf(sizes[level]!))
  const [all, ...larger] = sizes.map(({ columns, rows }) => columns * rows) as [number, ...number[]]
  const sum = (cells: number[]) => cells.reduce((before, more) => before + more, 0)
  const work = 2 * all + sum(larger.slice(0, -1)) * (1 + fillingWork)
  const counting = paceByShare(pace, all, work)
  const filling: Pace = (cells) => counting(fillingWork * cells)

  const known = sharedBytes(heights.length)
  const mark = (fromRow: number, endRow: number) =>
    markKnown(heights, known, fromRow * plan.columns, endRow * plan.columns)
  await byBands(plan, counting, mark, 'all')
  const pyramid = [await coarser({ ...plan, heights, known }, sizes[1]!, counting)]
  for (let level = 1; level < levels; level++)
    pyramid.push(await coarser(pyramid[level - 1]!, sizes[level + 1]!, counting))
  for (let level = levels - 2; level >= 0; level--) {
    const [fine, coarse] = [pyramid[level]!, pyramid[level + 1]!]
    const fill = (fromRow: number, endRow: number) => fillFromCoarser(fine, coarse, fromRow, endRow)
    await byBands(fine, filling, fill, 'all')
  }
  await run({ kind: 'smooth', plan, rounds, heights, coarse: pyramid[0]!, filled })
}

/** A cell that is filled from larger ones takes as long as so many that are added up. */
const fillingWork = 3

/** The last level, and the relaxation. */
export type SmoothPass = {
  readonly kind: 'smooth'
  readonly plan: PlanRaster
  readonly rounds: number
  readonly heights: Float32Array
  readonly coarse: Level
  readonly filled: Float32Array
}

/** Works on the rows around as well, which the last round depends on. */
export function smoothBand(pass: SmoothPass, firstRow: number, endRow: number): void {
  const { plan, rounds, heights, coarse, filled } = pass
  const { columns } = plan
  const [from, to] = [Math.max(0, firstRow - 2 * rounds), Math.min(plan.rows, endRow + 2 * rounds)]
  const own = heights.slice(from * columns, to * columns)
  const known = new Uint8Array(own.length)
  markKnown(own, known, 0, own.length)
  const size = { firstColumn: plan.firstColumn, firstRow: plan.firstRow + from, columns, rows: to - from }
  fillFromCoarser({ ...size, heights: own, known: known.slice() }, coarse, 0, size.rows)
  for (let halfRound = 0; halfRound < 2 * rounds; halfRound++) relax(own, known, size, halfRound % 2)
  const inner = (firstRow - from) * columns
  filled.set(own.subarray(inner, inner + (endRow - firstRow) * columns), firstRow * columns)
}

function markKnown(heights: Float32Array, known: Uint8Array, from: number, end: number): void {
  for (let cell = from; cell < end; cell++) if (heights[cell]! < Number.POSITIVE_INFINITY) known[cell] = 1
}

type Size = Omit<PlanRaster, 'cellSize'>

/** Heights where `known` is 1. */
export type Level = Size & {
  readonly heights: Float32Array
  readonly known: Uint8Array
}

/** In cells twice as large. */
function halfOf(fine: Size): Size {
  const half = (index: number) => Math.floor(index / 2)
  const [firstColumn, firstRow] = [half(fine.firstColumn), half(fine.firstRow)]
  const columns = half(fine.firstColumn + fine.columns - 1) - firstColumn + 1
  const rows = half(fine.firstRow + fine.rows - 1) - firstRow + 1
  return { firstColumn, firstRow, columns, rows }
}

async function coarser(fine: Level, size: Size, pace: Pace): Promise<Level> {
  const { firstRow, columns, rows } = size
  const heights = sharedFloats(columns * rows)
  const known = sharedBytes(columns * rows)
  const addUp = (fromRow: number, endRow: number) => {
    for (let row = fromRow, cell = fromRow * fine.columns; row < endRow; row++) {
      // Columns are halved from their parity on, which saves a division for each cell.
      let above = (Math.floor((fine.firstRow + row) / 2) - firstRow) * columns
      let odd = isOdd(fine.firstColumn) ? 1 : 0
      for (let column = 0; column < fine.columns; column++, cell++) {
        if (fine.known[cell] === 1) {
          heights[above]! += fine.heights[cell]!
          known[above]!++
        }
        above += odd
        odd = 1 - odd
      }
    }
  }
  const divide = (fromRow: number, endRow: number) => {
    for (let cell = fromRow * columns; cell < endRow * columns; cell++) {
      if (known[cell]! === 0) continue
      heights[cell]! /= known[cell]!
      known[cell] = 1
    }
  }
  await byBands(fine, pace, addUp, 'all')
  await byBands(size, pace, divide)
  return { ...size, heights, known }
}

/** What is missing, from the four larger cells around its middle, as far as they are known. */
function fillFromCoarser(fine: Level, coarse: Level, fromRow: number, endRow: number): void {
  for (let row = fromRow, cell = fromRow * fine.columns; row < endRow; row++) {
    const nearRow = Math.floor((fine.firstRow + row) / 2) - coarse.firstRow
    const farRow = nearRow + (isOdd(fine.firstRow + row) ? 1 : -1)
    for (let column = 0; column < fine.columns; column++, cell++) {
      if (fine.known[cell] === 1) continue
      const nearColumn = Math.floor((fine.firstColumn + column) / 2) - coarse.firstColumn
      const farColumn = nearColumn + (isOdd(fine.firstColumn + column) ? 1 : -1)
      let [sum, weights] = [0, 0]
      for (let corner = 0; corner < 4; corner++) {
        const r = corner < 2 ? nearRow : farRow
        const c = corner % 2 === 0 ? nearColumn : farColumn
        if (c < 0 || r < 0 || c >= coarse.columns || r >= coarse.rows) continue
        const other = r * coarse.columns + c
        if (coarse.known[other] === 0) continue
        sum += cornerWeights[corner]! * coarse.heights[other]!
        weights += cornerWeights[corner]!
      }
      if (weights === 0) continue
      fine.heights[cell] = sum / weights
      fine.known[cell] = 1
    }
  }
}

/** Bilinear weights, in sixteenths, of the larger cells around the middle of a cell: nearest first, farthest last. */
const cornerWeights = [9, 3, 3, 1]

/** Gives each hole of one colour of a chequerboard the mean of those beside it, at the raster's edge its own for what is missing. */
function relax(heights: Float32Array, known: Uint8Array, plan: Size, colour: number): void {
  const { columns, rows } = plan
  for (let row = 0; row < rows; row++) {
    const down = row > 0 ? -columns : 0
    const up = row < rows - 1 ? columns : 0
    for (
      let column = isOdd(plan.firstColumn + plan.firstRow + row + colour) ? 1 : 0;
      column < columns;
      column += 2
    ) {
      const cell = row * columns + column
      if (known[cell] === 1) continue
      const left = column > 0 ? heights[cell - 1]! : heights[cell]!
      const right = column < columns - 1 ? heights[cell + 1]! : heights[cell]!
      const mean = (left + right + heights[cell + down]! + heights[cell + up]!) / 4
      // Beside a hole that stays one.
      if (mean < Number.POSITIVE_INFINITY) heights[cell] = mean
    }
  }
}

function isOdd(index: number): boolean {
  return index % 2 !== 0
}

/** What is known of the surfaces around each of some cells that follow each other. */
import type { CellMoments } from './cell-moments.ts'
import type { CellTable } from './cell-order.ts'
import type { Neighbourhood } from './neighbourhood.ts'

/** One entry for each cell; see `Neighbourhood`. */
export type MeasuredCells = {
  readonly offset: Float32Array
  readonly variance: Float32Array
  readonly smoothShare: Float32Array
  readonly normalZ: Float32Array
  /** Of the points of both epochs about their surfaces; NaN where the offset is not known. */
  readonly scatter: Float32Array
}

/** A neighbourhood reaches so many steps. */
const reach = 2

/** The cells from `first` to before `end` and those before and behind them that their neighbourhoods reach. */
export function cellsAround(
  { steps, start }: CellTable,
  [first, end]: readonly [number, number],
): [number, number] {
  if (first === end) return [first, end]
  const [lowest, highest] = [steps[3 * first]! - reach, steps[3 * (end - 1)]! + reach]
  let [from, to] = [first, end]
  while (from > 0 && steps[3 * (from - 1)]! >= lowest) from--
  while (to < start.length - 1 && steps[3 * to]! <= highest) to++
  return [from, to]
}

/** Measures them in order. */
export function measureCells(
  moments: CellMoments,
  neighbourhood: Neighbourhood,
  [first, end]: readonly [number, number],
  { offset, variance, smoothShare, normalZ, scatter }: MeasuredCells,
): void {
  for (let cell = first; cell < end; cell++) {
    neighbourhood.measure(moments, cell)
    offset[cell] = neighbourhood.offset
    variance[cell] = neighbourhood.variance
    smoothShare[cell] = neighbourhood.smoothShare
    normalZ[cell] = neighbourhood.normal[2]!
    scatter[cell] = neighbourhood.variance < Infinity ? neighbourhood.scatter : Number.NaN
  }
}

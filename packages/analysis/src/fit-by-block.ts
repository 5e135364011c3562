/**
 * Whether a shift is told by the place, or by a part of it that has changed: what moved as a whole fits better all over, wherever
 * there are slopes that face the direction of the shift.
 */
import { type Planes, sharedBy } from './survey-planes.ts'

type Vector3 = readonly [number, number, number]

/** Blocks along each side of the place. */
const blocksAcross = 6
/** Less than this share of them may be one change, however large. */
const leastShare = 0.25
/** Where Tukey's biweight ends, in deviations. */
const biweightEnd = 4.685

/** How well planes fit with the second survey moved back by `step`, in each block of the place. */
export function fitByBlock(
  { count, x, y, z, offset, variance, places }: Planes,
  step: Vector3,
  scale: number,
  blocks: Blocks,
): Float64Array {
  const fit = new Float64Array(blocksAcross ** 2)
  for (let k = 0; k < count; k++) {
    const misfit = offset[k]! - x[k]! * step[0] - y[k]! * step[1] - z[k]! * step[2]
    const spread = biweightEnd ** 2 * (scale * scale + variance[k]!)
    const left = 1 - (misfit * misfit) / spread
    if (left > 0) fit[blockAt(blocks, places[3 * k]!, places[3 * k + 1]!)]! += left ** 3 / sharedBy
  }
  return fit
}

/** Where the blocks are: the corner of the first one, and their sides. */
export type Blocks = { readonly corner: readonly [number, number]; readonly side: readonly [number, number] }

export function blocksOf({ count, places }: Planes): Blocks {
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ] as [[number, number], [number, number]]
  for (let k = 0; k < count; k++)
    for (const axis of [0, 1] as const) {
      low[axis] = Math.min(low[axis], places[3 * k + axis]!)
      high[axis] = Math.max(high[axis], places[3 * k + axis]!)
    }
  return {
    corner: low,
    side: [0, 1].map((axis) => (high[axis]! - low[axis]!) / blocksAcross) as [number, number],
  }
}

function blockAt({ corner, side }: Blocks, x: number, y: number): number {
  const [column, row] = [x, y].map((value, axis) => {
    const block = Math.floor((value - corner[axis]!) / side[axis]!)
    return Math.min(blocksAcross - 1, Math.max(0, block || 0))
  }) as [number, number]
  return row * blocksAcross + column
}

/**
 * Whether fits are better with the shift than without it, in a quarter of the blocks or more: gains that all lie in a few
 * blocks, and those that losses elsewhere make up for, count as little as they are spread.
 */
export function isToldAllOver(withShift: Float64Array, without: Float64Array): boolean {
  let [sum, squares, blocks] = [0, 0, 0]
  for (const [k, fit] of withShift.entries()) {
    const gain = fit - without[k]!
    if (fit > 0 || without[k]! > 0) blocks++
    sum += gain
    squares += gain * gain
  }
  return sum > 0 && sum * sum > leastShare * blocks * squares
}

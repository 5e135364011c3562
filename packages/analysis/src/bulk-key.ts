/** Sort keys that halve the box around the bulk of a cloud again and again, across its longest side. */
import { everyOf, type PointArrays, sortedNumbers } from './point-arrays.ts'

/**
 * For each axis: where the key's range begins, steps per unit, and where each step's bits go in the key, which has those of all three
 * axes. Steps are cut off at the first and the last one.
 */
export type KeyLayout = { readonly keyCount: number; readonly axes: readonly KeyAxis[] }
type KeyAxis = { low: number; stepsPerUnit: number; bitsOfStep: Uint32Array }

const mostBits = 24
/** Of so many points at least, or of all, the bulk is told: it is no matter of a point more or less. */
const sampleSize = 500
/** Of the length between these percentiles: an even cloud ends within, and outliers do not. */
const marginShare = 0.1

/**
 * About `wantedKeys` keys (a power of two above it), spent where the bulk of the points is: from the 2nd to
 * the 98th percentile of a subsample, and a little beyond. Points still farther out share the outermost steps, so that
 * outliers cost no keys.
 */
export function keyLayout(points: PointArrays, wantedKeys: number): KeyLayout {
  const bits = Math.min(mostBits, Math.max(0, Math.ceil(Math.log2(Math.max(1, wantedKeys)))))
  const ranges = [bulkRange(points.x), bulkRange(points.y), bulkRange(points.z)]
  const extents = ranges.map(({ low, high }) => high - low)
  // The first halving is the key's highest bit: positions are handed out from the top.
  const positions: number[][] = [[], [], []]
  for (let bit = bits - 1; bit >= 0; bit--) {
    const axis = extents.indexOf(Math.max(...extents))
    positions[axis]!.push(bit)
    extents[axis]! /= 2
  }
  const axes = ranges.map(({ low, high }, k) => {
    const steps = 2 ** positions[k]!.length
    return {
      low,
      stepsPerUnit: high > low ? steps / (high - low) : 0,
      bitsOfStep: Uint32Array.from({ length: steps }, (_, step) => spreadBits(step, positions[k]!)),
    }
  })
  return { keyCount: 2 ** bits, axes }
}

/** Puts the highest bit of `step` at the first position, and so on down. */
function spreadBits(step: number, positions: readonly number[]): number {
  let key = 0
  for (let k = 0; k < positions.length; k++) {
    if ((step >> (positions.length - 1 - k)) & 1) key |= 1 << positions[k]!
  }
  return key
}

function bulkRange(values: Float64Array): { low: number; high: number } {
  const sample = sortedNumbers([everyOf(values, Math.max(1, Math.floor(values.length / sampleSize)))])
  const at = (share: number) => sample[Math.round(share * (sample.length - 1))] ?? 0
  const [low, high] = [at(0.02), at(0.98)]
  const margin = marginShare * (high - low)
  return { low: Math.max(at(0), low - margin), high: Math.min(at(1), high + margin) }
}

/**
 * Where the coordinates of clouds that are compared count from, and in what steps: with both, a distance is the same number
 * whichever other points are looked at, so that parts of clouds tell what the whole would.
 */
import { bulkSample, medianOfSorted, type PointArrays, sortedNumbers } from './point-arrays.ts'

export type CloudFrame = {
  /** Amid the bulk of the points. */
  readonly centre: readonly [number, number, number]
  /** A power of two. Coordinates about the centre are rounded to multiples of it, which 32 bits hold within a leaf of a tree. */
  readonly quantum: number
}

/** Coarser steps would be seen in distances. */
const largestQuantum = 2 ** -16
/** In point spacings, roughly: no leaf of a few dozen points is wider where points lie evenly. */
const leafInSpacings = 8
/** A leaf may be as wide as so many steps: one bit is left for where its box begins. */
export const leafSteps = 2 ** 23

export function frameOf(clouds: readonly PointArrays[]): CloudFrame {
  const pointCount = clouds.reduce((sum, { x }) => sum + x.length, 0)
  return frameOfSamples(clouds.map(bulkSample), pointCount)
}

/** The same of every `bulkStride`th point of each cloud, of which there are so many in all. */
export function frameOfSamples(samples: readonly PointArrays[], pointCount: number): CloudFrame {
  const columns = [
    sortedNumbers(samples.map(({ x }) => x)),
    sortedNumbers(samples.map(({ y }) => y)),
    sortedNumbers(samples.map(({ z }) => z)),
  ] as const
  const extents = columns.map((values) => {
    const at = (share: number) => values[Math.round(share * (values.length - 1))] ?? 0
    return at(0.98) - at(0.02)
  })
  const [x, y, z] = columns
  const leaf = (leafInSpacings * Math.max(...extents)) / Math.sqrt(Math.max(1, pointCount))
  const quantum = leaf > 0 ? 2 ** Math.ceil(Math.log2(leaf)) / leafSteps : largestQuantum
  return {
    centre: [medianOfSorted(x), medianOfSorted(y), medianOfSorted(z)],
    quantum: Math.min(largestQuantum, quantum),
  }
}

/** A coordinate about the centre, as trees have it. */
export function inSteps(value: number, quantum: number): number {
  return Math.round(value / quantum) * quantum
}

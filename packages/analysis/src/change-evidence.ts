/** One number for each point that tells how much speaks for a change: at 1 it begins, at 2 it is beyond doubt. */
import { atOnce, type Pace, paceSteps } from './pace.ts'
import { judgedAt } from './neighbourhood.ts'
import type { PointsOfCells, SurfaceOffsets } from './surface-offsets.ts'

/** The offset at which a change begins in this cell: 2.5 deviations, and as many of the registration along its normal. */
export function offsetLimit(offsets: SurfaceOffsets, cell: number): number {
  const { deviation, normalZ, registration, shiftDeviation } = offsets
  const up = normalZ[cell]! * shiftDeviation[2]
  const across =
    Math.sqrt(Math.max(0, 1 - normalZ[cell]! ** 2)) * Math.max(shiftDeviation[0], shiftDeviation[1])
  return judgedAt * (deviation[cell]! + Math.sqrt(registration ** 2 + up ** 2 + across ** 2))
}

/** |offset| of the cell over its limit; 0 where it is not known. */
export function offsetEvidence(offsets: SurfaceOffsets, cell: number): number {
  return Math.abs(offsets.offset[cell]!) / offsetLimit(offsets, cell)
}

/**
 * A point that moved with its surface is about as far from the other survey as the surface moved. Nearer than this share of it, it
 * only lies beside something that changed.
 */
const leastShareOfOffset = 0.5

/** What is known of each point of one survey. */
export type PointEvidence = {
  /** To the other survey. */
  readonly distance: Float32Array
  readonly evidence: Float32Array
}

/**
 * Raises the evidence of the points of both surveys, which comes as their absence, to that of the offset around them, where
 * their own distance to the other survey bears that out.
 */
export async function raiseByOffsets(
  offsets: SurfaceOffsets,
  { order, start }: PointsOfCells,
  [ofA, ofB]: readonly [PointEvidence, PointEvidence],
  pace: Pace = atOnce,
): Promise<void> {
  const { offset } = offsets
  const countA = ofA.distance.length
  let unpaced = 0
  for (let cell = 0; cell < offset.length; cell++) {
    const first = start[cell]!
    const end = start[cell + 1]!
    // As 32 bits keep it.
    const found = Math.fround(offsetEvidence(offsets, cell))
    const least = leastShareOfOffset * Math.abs(offset[cell]!)
    for (let p = first; found > 0 && p < end; p++) {
      const number = order[p]!
      const { distance, evidence } = number < countA ? ofA : ofB
      const point = number < countA ? number : number - countA
      if (distance[point]! >= least && evidence[point]! < found) evidence[point] = found
    }
    unpaced += end - first
    if (unpaced < paceSteps) continue
    await pace(unpaced)
    unpaced = 0
  }
  await pace(unpaced)
}

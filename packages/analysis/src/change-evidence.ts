/** One number for each point that tells how much speaks for a change: at 1 it begins, at 2 it is beyond doubt. */
import { atOnce, type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import { judgedAt, type SurfaceOffsets } from './surface-offsets.ts'

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

/**
 * Raises `evidence`, which comes as the absence of each point, to that of the offset around it, where its own distance to the
 * other survey bears that out.
 */
export async function raiseByOffsets(
  points: PointArrays,
  distance: Float32Array,
  evidence: Float32Array,
  offsets: SurfaceOffsets,
  pace: Pace = atOnce,
): Promise<void> {
  const { x, y, z } = points
  const { moments, offset } = offsets
  let unpaced = 0
  for (let i = 0; i < evidence.length; i++) {
    const cell = moments.cellAt(x[i]!, y[i]!, z[i]!)
    if (cell >= 0 && distance[i]! >= leastShareOfOffset * Math.abs(offset[cell]!)) {
      evidence[i] = Math.max(evidence[i]!, offsetEvidence(offsets, cell))
    }
    if (++unpaced < paceSteps) continue
    await pace(unpaced)
    unpaced = 0
  }
  await pace(unpaced)
}

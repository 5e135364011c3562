// Evidence of both surveys from the offsets of their surfaces, or as an earlier attempt left it.
import {
  type CloudDistances,
  keepSurfaces,
  keptUnder,
  type Pace,
  type PointArrays,
  raiseByOffsets,
  type SurfaceOffsets,
  surfaceOffsets,
  takeSurfaces,
} from '@alidade/analysis'
import type { JobContext } from '../job-type.ts'

export interface RaiseEvidenceOptions extends Pick<JobContext, 'threads' | 'signal' | 'kept'> {
  cellSize: number
  shiftDeviation: SurfaceOffsets['shiftDeviation']
  /** Adds up to seven times the points of both surveys, together with `pace`. */
  onAdvance(points: number): void
  pace: Pace
}

/** Raises the absence of `compared` in place; returns the offsets that it was raised by. */
export async function raiseEvidence(
  a: PointArrays,
  b: PointArrays,
  compared: CloudDistances,
  { cellSize, shiftDeviation, kept, threads, signal, onAdvance, pace }: RaiseEvidenceOptions,
): Promise<SurfaceOffsets> {
  const columns = [compared.absenceA, compared.absenceB] as const
  const keptSurfaces = keptUnder(kept, 'offsets')
  const taken = keptSurfaces && (await takeSurfaces(keptSurfaces, [a, b], { cellSize, shiftDeviation }))
  if (kept !== undefined && taken !== undefined) {
    const evidence = columns.map(({ length }) => new Float32Array(length))
    if (await kept.take('evidence', evidence)) {
      for (const [i, values] of columns.entries()) values.set(evidence[i]!)
      await pace(7 * (a.x.length + b.x.length))
      return taken
    }
  }
  const { offsets, points } = await surfaceOffsets(a, b, cellSize, {
    threads,
    signal,
    shiftDeviation,
    onOrdered: onAdvance,
    onMeasured: onAdvance,
    pace,
  })
  const known = [
    { distance: compared.distanceA, evidence: compared.absenceA },
    { distance: compared.distanceB, evidence: compared.absenceB },
  ] as const
  await raiseByOffsets(offsets, points, known, pace)
  if (keptSurfaces !== undefined) await keepSurfaces(keptSurfaces, offsets)
  await kept?.keep('evidence', columns)
  return offsets
}

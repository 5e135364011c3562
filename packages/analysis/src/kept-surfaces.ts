/** Offsets of surfaces, kept as a whole: cells, and what is known of each. */
import type { Kept } from './kept.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { SurfaceCells } from './surface-cells.ts'
import type { SurfaceOffsets } from './surface-offsets.ts'

export async function keepSurfaces(kept: Kept, offsets: SurfaceOffsets): Promise<void> {
  const { cells, offset, deviation, normalZ, roughness, registration } = offsets
  await kept.keep('columns', [cells.steps, offset, deviation, normalZ])
  await kept.keep('surfaces', [Float64Array.of(cells.count, roughness, registration)])
}

/** As `surfaceOffsets` found them for the same points; undefined where they were not kept. */
export async function takeSurfaces(
  kept: Kept,
  surveys: readonly [PointArrays, PointArrays],
  { cellSize, shiftDeviation }: { cellSize: number; shiftDeviation: SurfaceOffsets['shiftDeviation'] },
): Promise<SurfaceOffsets | undefined> {
  const surfaces = new Float64Array(3)
  if (!(await kept.take('surfaces', [surfaces]))) return undefined
  const [count, roughness, registration] = surfaces as unknown as [number, number, number]
  const steps = new Int32Array(3 * count)
  const [offset, deviation, normalZ] = [
    new Float32Array(count),
    new Float32Array(count),
    new Float32Array(count),
  ]
  if (!(await kept.take('columns', [steps, offset, deviation, normalZ]))) return undefined
  const cells = new SurfaceCells(steps, bulkCentre(surveys), cellSize)
  return { cells, offset, deviation, normalZ, roughness, registration, shiftDeviation }
}

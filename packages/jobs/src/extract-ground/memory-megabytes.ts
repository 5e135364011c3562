// What a run takes at its peak, as far as headers tell.
import type { LasHeader } from '@alidade/formats'
import { bytesPerCell, staysInMemory } from './kept-records.ts'

/** Of a runner that decodes, and writes: measured by `bench/ground-job.ts`. */
const baseMegabytes = 350

export function memoryMegabytes(headers: readonly LasHeader[], cells: number): number {
  const stays = staysInMemory(headers, { cells })
  const records = headers.reduce(
    (sum, { pointCount, pointRecordLength }, i) => sum + (stays[i] ? pointCount * pointRecordLength : 0),
    0,
  )
  return Math.ceil(baseMegabytes + (records + cells * bytesPerCell) / 1e6)
}

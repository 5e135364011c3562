// What the results of a change detection take on the disk, as far as the headers of its inputs tell.
import type { LasHeader } from '@alidade/formats'
import { isSegmented } from './segmented-clouds.ts'

/** The columns `change` (uint16) and `distance` (float32) of a segmented survey. */
const newColumnBytes = 6
/** For VLRs, and for boxes and locations: their number is not known beforehand, but a thousand take half a megabyte. */
const everythingElseBytes = 2e6

/** Of one file of a segmented survey: as if it were written uncompressed, more than LAZ takes. */
export function segmentedBytes({ pointCount, pointRecordLength }: LasHeader): number {
  return pointCount * (pointRecordLength + newColumnBytes)
}

/** For each point of a run in tiles: dealt out, and what tiles leave to the merging. */
export const tileFileBytes = 90

/** Of both surveys, in their order. */
export function resultBytes(outputs: string[], [a, b]: readonly { segmentedBytes: number }[]): number {
  return (
    everythingElseBytes * outputs.length +
    (isSegmented('A', outputs) ? a!.segmentedBytes : 0) +
    (isSegmented('B', outputs) ? b!.segmentedBytes : 0)
  )
}

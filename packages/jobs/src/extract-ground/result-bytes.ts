// What the results take on the disk at most, as far as headers tell. Nothing goes into scratch.
import type { LasHeader } from '@alidade/formats'
import { segmentedFiles } from './segmented-files.ts'

/** For VLRs and the scene. */
const everythingElseBytes = 2e6

/** Compressed files are taken for as large as their records are: nobody knows before. */
export function resultBytes(outputs: readonly string[], headers: readonly LasHeader[]): number {
  const files = segmentedFiles(
    headers.map((header) => ({ name: '', header })),
    { outputs, isReprojected: true },
  )
  const clouds = headers.reduce(
    (sum, { pointCount, pointRecordLength }, i) => sum + files[i]!.length * pointCount * pointRecordLength,
    0,
  )
  return clouds + everythingElseBytes * outputs.length
}

// What the results take on the disk at most, as far as headers tell. What goes into scratch is counted by `inAnyFormat`.
import type { LasHeader } from '@alidade/formats'
import type { InspectedFile } from '../job-type.ts'
import { waveformBytes } from '../point-clouds/bring-waveforms.ts'
import type { CloudFormat } from './open-cloud-writer.ts'
import { segmentedFiles } from './segmented-files.ts'

/** For VLRs and the scene. */
const everythingElseBytes = 2e6

/** PLY has a number for every flag of a record, and doubles for coordinates. */
function bytesEach(format: CloudFormat, recordLength: number): number {
  return format === 'ply' ? 32 + 2 * recordLength : recordLength
}

/** Compressed files are taken for as large as their records are: nobody knows before. */
export function resultBytes(
  outputs: readonly string[],
  headers: readonly LasHeader[],
  inputs: readonly InspectedFile[],
): number {
  const files = segmentedFiles(
    headers.map((header) => ({ name: '', header })),
    { outputs, isReprojected: true },
  )
  const clouds = headers.reduce(
    (sum, { pointCount, pointRecordLength }, i) =>
      sum +
      pointCount * files[i]!.reduce((bytes, { format }) => bytes + bytesEach(format, pointRecordLength), 0),
    0,
  )
  const waveforms = headers.reduce((sum, header, i) => {
    const copies = files[i]!.filter(({ format }) => format === 'las').length
    return sum + copies * waveformBytes(inputs[i]!, header)
  }, 0)
  return clouds + waveforms + everythingElseBytes * outputs.length
}

// A file of this machine as `inspect` and `plan` want it.
import { openFile } from '@alidade/formats'
import type { InputFile, InspectedFile } from './job-type.ts'

/** To be closed by `source.close()`. Throws FormatError where there is no such file. */
export async function openInputFile({
  name,
  segments,
  sceneCrs,
  isLas,
  plannedPoints,
  waveforms,
}: InputFile): Promise<InspectedFile> {
  return {
    name,
    source: await openFile(segments),
    ...(sceneCrs !== undefined && { sceneCrs }),
    ...(isLas && { isLas }),
    ...(plannedPoints !== undefined && { plannedPoints }),
    ...(waveforms && { waveforms }),
  }
}

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

/** All that can be opened, to plan a run of them; what cannot, the run will say why. They are closed when `use` has ended. */
export async function withInputsToPlan<T>(
  files: Readonly<Record<string, readonly InputFile[]>>,
  use: (inputs: Record<string, InspectedFile[]>) => Promise<T>,
): Promise<T> {
  const inputs: Record<string, InspectedFile[]> = {}
  try {
    for (const [name, list] of Object.entries(files)) {
      inputs[name] = []
      for (const file of list) {
        const opened = await openInputFile(file).catch(() => undefined)
        if (opened !== undefined) inputs[name].push(opened)
      }
    }
    return await use(inputs)
  } finally {
    await Promise.all(Object.values(inputs).flatMap((opened) => opened.map(({ source }) => source.close())))
  }
}

// How many points both surveys have together, by headers: of what has to be brought into LAS what it will be.
import type { InputFile, InspectedFile } from '../job-type.ts'
import { openInputFile } from '../open-input-file.ts'
import { headersOf, pointsOfHeaders } from '../point-clouds/reading-work.ts'
import { filesOf } from './epoch-inputs.ts'

/** A file that is no point cloud has none. */
export async function pointsOf(inputs: Readonly<Record<string, InspectedFile[]>>): Promise<number> {
  const headers = await headersOf([...filesOf('A', inputs), ...filesOf('B', inputs)])
  return pointsOfHeaders(headers)
}

/** The same of files of this machine; those that cannot be opened have none. */
export async function foreseenPoints(inputs: Readonly<Record<string, InputFile[]>>): Promise<number> {
  const opened: InspectedFile[] = []
  try {
    for (const file of [...filesOf('A', inputs), ...filesOf('B', inputs)]) {
      const open = await openInputFile(file).catch(() => undefined)
      if (open !== undefined) opened.push(open)
    }
    return await pointsOf({ modelA: opened })
  } finally {
    for (const { source } of opened) await source.close()
  }
}

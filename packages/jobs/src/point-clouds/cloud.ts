// A point cloud that is an input of a job: its files, opened.
import { type Crs, type LasHeader, openFile, readLasHeader } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InputFile, InspectedFile } from '../job-type.ts'
import { crsOf } from './crs-of.ts'
import { asJobError } from './format-faults.ts'

export interface Cloud {
  /** Name of the input as messages show it. */
  input: string
  files: InspectedFile[]
  headers: LasHeader[]
  pointCount: number
}

/** Opens the files of one input and reads their headers; `input` is its name as messages show it. */
export async function openCloud(input: string, inputFiles: InputFile[], signal: AbortSignal): Promise<Cloud> {
  if (inputFiles.length === 0) throw new JobError('InputData_Missing', [input, 'any LAS or LAZ file'])
  const files: InspectedFile[] = []
  const headers: LasHeader[] = []
  try {
    for (const { name, segments, sceneCrs, isLas, plannedPoints, waveforms } of inputFiles) {
      signal.throwIfAborted()
      const source = await openFile(segments).catch((error: unknown) => {
        throw asJobError(error, input, name)
      })
      files.push({
        ...{ name, source },
        ...(sceneCrs !== undefined && { sceneCrs }),
        ...(isLas && { isLas }),
        ...(plannedPoints !== undefined && { plannedPoints }),
        ...(waveforms && { waveforms }),
      })
      headers.push(
        await readLasHeader(source).catch((error: unknown) => {
          throw asJobError(error, input, name)
        }),
      )
    }
  } catch (error) {
    await Promise.all(files.map(({ source }) => source.close()))
    throw error
  }
  return { input, files, headers, pointCount: headers.reduce((sum, { pointCount }) => sum + pointCount, 0) }
}

export async function closeClouds(clouds: readonly Cloud[]): Promise<void> {
  await Promise.all(clouds.flatMap(({ files }) => files.map(({ source }) => source.close())))
}

/** The system that clouds of one place are in, if any of their files says. */
export function crsOfClouds(...clouds: readonly Cloud[]): Crs | undefined {
  for (const { files, headers, input } of clouds) {
    for (const [i, header] of headers.entries()) {
      const crs = crsOf(header, files[i]?.sceneCrs, input)
      if (crs !== undefined) return crs
    }
  }
  return undefined
}

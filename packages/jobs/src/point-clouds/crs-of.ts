// The coordinate system of a file: its own words, else those of the scene that refers to it.
import { type Crs, crsFromDefinition, FormatError, headerStating, type LasHeader } from '@alidade/formats'
import { JobError } from '../job-error.ts'

/** `input` is the name that messages show. JobError `InputData_Invalid` for a definition of the scene that is none. */
export function crsOf(header: LasHeader, sceneCrs: string | undefined, input: string): Crs | undefined {
  if (header.crs !== undefined) return header.crs
  if (sceneCrs === undefined) return undefined
  try {
    return crsFromDefinition(sceneCrs)
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    throw new JobError('InputData_Invalid', [input, `ContextScene, ${error.message}.`], { cause: error })
  }
}

/** What a file is written like: with its own words, byte for byte, else with those of the scene. */
export function headerWithCrs(header: LasHeader, sceneCrs: string | undefined, input: string): LasHeader {
  if (header.crs !== undefined) return header
  const crs = crsOf(header, sceneCrs, input)
  return crs === undefined ? header : headerStating(header, crs)
}

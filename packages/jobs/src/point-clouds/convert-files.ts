// Brings the files of a survey that are in other formats into LAS files in the scratch folder of a run.
import { join } from 'node:path'
import { meshRoughness, sampleMesh } from '@alidade/analysis'
import { convertToLas, openFile } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { InputFile } from '../job-type.ts'
import { foreignFormatOf } from './any-header.ts'
import { asJobError } from './format-faults.ts'

export interface ConvertFilesOptions {
  /** Of the input, as messages show it. */
  input: string
  scratch: string
  /** Begins every name in the scratch folder, unlike that of another survey. */
  prefix: string
  /** Spacing of the points that surfaces are sampled into; undefined: by the surface. */
  resolution?: number | undefined
  signal: AbortSignal
  /** Of a file, by its number among those of the survey, 0 the first: bytes worked through, twice its size in all. */
  onRead(fileNumber: number, bytes: number): void
  /** What the format has and LAS has not, or what was done to it, in words. */
  onNote(fileName: string, note: string): void
  /** Of each surface, the standard deviation of its vertices about it. */
  onSurface?(roughness: number, fileName: string): void
}

/** More points than any machine that this runs on can compare. */
const mostSamples = 2 ** 30

/** What the `i`th file of a survey is called in the scratch folder. */
export function convertedName(prefix: string, i: number): string {
  return `${prefix}-${i + 1}.las`
}

/** The same files, with those of other formats replaced; they keep their names. */
export async function convertFiles(
  files: readonly InputFile[],
  { input, scratch, prefix, resolution, signal, onRead, onNote, onSurface }: ConvertFilesOptions,
): Promise<InputFile[]> {
  const converted: InputFile[] = []
  for (const [i, file] of files.entries()) {
    const format = foreignFormatOf(file.name)
    if (format === undefined) {
      converted.push(file)
      continue
    }
    const path = join(scratch, convertedName(prefix, i))
    const source = await openFile(file.segments).catch((error: unknown) => {
      throw asJobError(error, input, file.name)
    })
    try {
      const { sizeBytes } = await convertToLas(source, path, {
        format,
        signal,
        onRead: (bytes) => onRead(i, bytes),
        warn: (note) => onNote(file.name, note),
        sampleMesh: (positions, triangles) => {
          onSurface?.(meshRoughness(positions, triangles), file.name)
          return sampled(positions, triangles, resolution)
        },
      })
      converted.push({ ...file, segments: [{ path, sizeBytes }], isLas: true })
    } catch (error) {
      throw asJobError(error, input, file.name)
    } finally {
      await source.close()
    }
  }
  return converted
}

function sampled(positions: Float64Array, triangles: Uint32Array, resolution: number | undefined) {
  const sampling = sampleMesh(positions, triangles, resolution)
  if (sampling.pointCount <= mostSamples) return sampling
  const problem = `it is ${resolution}, so fine that the surface has ${sampling.pointCount} points; expected at most ${mostSamples}.`
  throw new JobError('InputData_Invalid', ['resolution', problem])
}

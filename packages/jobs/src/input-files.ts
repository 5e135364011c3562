// Which files an input means: the point clouds of a reality data, or those that a ContextScene refers to.
import { waveformsFileName } from '@alidade/formats'
import {
  type FoundFile,
  type InputReader,
  type RememberingReader,
  rememberingReader,
  titleOf,
} from './input-reader.ts'
import { JobError } from './job-error.ts'
import { surveyFilesIn } from './reality-data-files.ts'
import { surveyFilesOfScene } from './scene-files.ts'

/**
 * The files behind an input, in the order of their names, or of the scene: LAS, LAZ and what else `accepts` names, by types
 * of reality data.
 * Throws JobError `InputData_Missing`, `InputData_Invalid` or `InputData_NotAPointCloud`, with the place at fault.
 */
export async function findInputFiles(
  reader: InputReader,
  inputName: string,
  realityDataId: string,
  acceptedTypes: readonly string[] = [],
): Promise<FoundFile[]> {
  const accepts = acceptedTypes.length > 0 ? acceptedTypes : ['LAS', 'LAZ']
  const remembering = rememberingReader(reader)
  const data = await remembering.describe(realityDataId)
  if (data === undefined) throw new JobError('InputData_Missing', [inputName, titleOf(reader, realityDataId)])
  const files =
    data.type.toLowerCase() === 'contextscene'
      ? await surveyFilesOfScene(remembering, inputName, realityDataId, accepts)
      : await surveyFilesIn(remembering, inputName, { realityDataId, type: data.type, accepts })
  return Promise.all(files.map((file) => withWaveforms(remembering, file)))
}

async function withWaveforms(reader: RememberingReader, file: FoundFile): Promise<FoundFile> {
  const name = waveformsFileName(file.name)
  if (name === undefined) return file
  const upperCase = name.replace(/wdp$/, 'WDP')
  const waveforms =
    (await reader.find(file.realityDataId, name)) ?? (await reader.find(file.realityDataId, upperCase))
  return waveforms === undefined ? file : { ...file, waveforms }
}

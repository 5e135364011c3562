// Which files of a reality data that is no scene an input means.
import { type FoundFile, type InputReader, titleOf } from './input-reader.ts'
import { JobError } from './job-error.ts'
import { acceptsMeshes, surveyEnds, surveyFilesAmong } from './point-clouds/survey-files.ts'

export async function surveyFilesIn(
  reader: InputReader,
  inputName: string,
  { realityDataId, type, accepts }: { realityDataId: string; type: string; accepts: readonly string[] },
): Promise<FoundFile[]> {
  const files = await reader.list(realityDataId)
  const { files: clouds, conflict } = surveyFilesAmong(files, accepts, type)
  if (conflict !== undefined) {
    const problem = `${titleOf(reader, realityDataId)} holds files of the formats ${conflict}; expected one, or its type to name the one that is meant.`
    throw new JobError('InputData_Invalid', [inputName, problem])
  }
  if (clouds.length > 0) return clouds.map((file) => ({ realityDataId, ...file }))
  if (files.length === 0)
    throw new JobError('InputData_Missing', [
      inputName,
      `${whatIsAccepted(accepts)} in ${titleOf(reader, realityDataId)}`,
    ])
  throw notAccepted(files[0]!.name, inputName, accepts)
}

function whatIsAccepted(accepts: readonly string[]): string {
  if (acceptsMeshes(accepts)) return 'a point cloud or mesh'
  return accepts.includes('E57') ? 'a point cloud' : 'a LAS or LAZ file'
}

export function notAccepted(name: string, inputName: string, accepts: readonly string[]): JobError {
  const expected = `expected a name that ends in ${surveyEnds(accepts)}.`
  return new JobError('InputData_NotAPointCloud', [name, inputName, expected])
}

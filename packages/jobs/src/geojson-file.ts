// The file of an input that is a region: one of GeoJSON, in a reality data.
import { type FoundFile, type InputReader, titleOf } from './input-reader.ts'
import { JobError } from './job-error.ts'

/** That which the root document names, or the only one. JobError `InputData_Missing` or `InputData_Invalid`. */
export async function findGeoJsonFile(
  reader: InputReader,
  inputName: string,
  realityDataId: string,
): Promise<FoundFile> {
  const title = titleOf(reader, realityDataId)
  const data = await reader.describe(realityDataId)
  if (data === undefined) throw new JobError('InputData_Missing', [inputName, title])
  const files = (await reader.list(realityDataId)).filter(({ name }) => /\.(geo)?json$/i.test(name))
  const root = files.find(({ name }) => name === data.rootDocument)
  const [first, ...others] = root === undefined ? files : [root]
  if (first === undefined) throw new JobError('InputData_Missing', [inputName, `a GeoJSON file in ${title}`])
  if (others.length > 0) {
    const problem = `expected one GeoJSON file, or a rootDocument that names one, got ${files.length} in ${title}.`
    throw new JobError('InputData_Invalid', [inputName, problem])
  }
  return { realityDataId, ...first }
}

// Which files an input may be, by the types of reality data that its declaration accepts.
import { formatOfName, pointCloudFormats } from '@alidade/formats'

const lasTypes: readonly string[] = ['LAS', 'LAZ']

/** Whether a file of this name is one of those that `accepts` names. */
export function isSurveyFile(name: string, accepts: readonly string[] = lasTypes): boolean {
  const format = formatOfName(name)
  return format !== undefined && accepts.includes(format.realityDataType)
}

/** Whether what is accepted may be a surface: PLY and OBJ hold clouds as well, GLB is taken where surfaces are. */
export function acceptsMeshes(accepts: readonly string[]): boolean {
  return accepts.includes('GLB')
}

/** The ends of such names, as a message lists them. */
export function surveyEnds(accepts: readonly string[] = lasTypes): string {
  const ends = pointCloudFormats
    .filter(({ realityDataType }) => accepts.includes(realityDataType))
    .flatMap(({ extensions }) => extensions.map((extension) => `.${extension}`))
  return `${ends.slice(0, -1).join(', ')} or ${ends.at(-1)}`
}

/**
 * Those of the files in one reality data or folder that are the survey: LAS and LAZ if there are any, else files of one
 * other format, text last, since a text may be anything. Several formats, one of which could be a copy of the other, are a
 * `conflict`, unless `type` says which of them is meant.
 */
export function surveyFilesAmong<File extends { name: string }>(
  files: readonly File[],
  accepts: readonly string[],
  type = '',
): { files: File[]; conflict?: string } {
  const typeOf = ({ name }: File) => formatOfName(name)!.realityDataType
  const found = files.filter(({ name }) => isSurveyFile(name, accepts))
  const ofType = found.filter((file) => typeOf(file) === type.toUpperCase())
  const isLas = (file: File) => lasTypes.includes(typeOf(file))
  const isText = (file: File) => typeOf(file) === 'XYZ'
  if (ofType.length > 0) return { files: isLas(ofType[0]!) ? found.filter(isLas) : ofType }
  const las = found.filter(isLas)
  if (las.length > 0) return { files: las }
  const others = found.filter((file) => !isText(file))
  const left = others.length > 0 ? others : found
  const types = [...new Set(left.map(typeOf))]
  return types.length > 1 ? { files: [], conflict: types.join(', ') } : { files: left }
}

// Which files an input means: the point clouds of a reality data, or those that a ContextScene refers to.
import {
  type ContextScene,
  FormatError,
  parseContextScene,
  realityDataIdOf,
  type SceneSection,
  splitScenePath,
  waveformsFileName,
} from '@alidade/formats'
import { JobError } from './job-error.ts'
import { sentence } from './point-clouds/format-faults.ts'
import { acceptsMeshes, isSurveyFile, surveyEnds, surveyFilesAmong } from './point-clouds/survey-files.ts'

/** Reality data by id, and the files in them. What belongs to another tenant does not exist. */
export interface InputReader {
  describe(realityDataId: string): Promise<{ type: string; rootDocument?: string } | undefined>
  list(realityDataId: string): Promise<{ name: string; sizeBytes: number }[]>
  /** The whole of a small file. */
  read(realityDataId: string, name: string): Promise<Uint8Array>
  /** One file, for readers that need no `list` to know of it. */
  find?(realityDataId: string, name: string): Promise<{ name: string; sizeBytes: number } | undefined>
  /** What a reference of a scene stands for. Default: `rds:<guid>` for the reality data of this id. */
  refer?(referencePath: string, sceneId: string): { realityDataId: string } | { problem: string }
  /** What messages call an id. Default: `reality data <id>`. */
  title?(realityDataId: string): string
}

export interface FoundFile {
  realityDataId: string
  /** Name inside its reality data. */
  name: string
  sizeBytes: number
  /** CRS that a scene states for the file. */
  sceneCrs?: string
  /** The file of waveforms beside it, whether its points refer to it or not. */
  waveforms?: { name: string; sizeBytes: number }
}

/** Versions 5.0 and 6.0, and 3.0 and 4.0. Where a scene is there in both forms, it is the first that counts. */
export const sceneNames = ['ContextScene.json', 'ContextScene.xml'] as const
/** The rest of a scene may be as it likes. */
const sections = ['SpatialReferenceSystems', 'PointCloudCollection', 'MeshCollection', 'References'] as const
export type CloudsOfScene = Pick<ContextScene, (typeof sections)[number]>
/** A scene is read whole; these are far beyond any that only refers to clouds, and bound the memory that it takes. */
export const sceneLimits = { mostBytes: 16 * 1024 * 1024, mostValues: 500_000 } as const
/** Each cloud is a file to open, each reference a reality data to ask for. */
const mostEntries = 10_000

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
      ? await pointCloudsOfScene(remembering, inputName, realityDataId, accepts)
      : await pointCloudsIn(remembering, inputName, { realityDataId, type: data.type, accepts })
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

async function pointCloudsIn(
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

function notAccepted(name: string, inputName: string, accepts: readonly string[]): JobError {
  const expected = `expected a name that ends in ${surveyEnds(accepts)}.`
  return new JobError('InputData_NotAPointCloud', [name, inputName, expected])
}

async function pointCloudsOfScene(
  reader: RememberingReader,
  inputName: string,
  sceneId: string,
  accepts: readonly string[],
): Promise<FoundFile[]> {
  const { scene, sceneName } = await readScene(reader, inputName, sceneId, sections)
  const models = modelsIn(scene, accepts)
  if (models.length === 0) {
    const wanted = acceptsMeshes(accepts) ? 'point clouds or meshes' : 'point clouds'
    throw new JobError('InputData_Invalid', [inputName, `${sceneName} refers to no ${wanted}.`])
  }
  for (const [place, collected] of Map.groupBy(models, ({ place }) => place))
    refuseTooMany(inputName, `${sceneName} ${place}`, collected.length)
  refuseTooMany(inputName, `${sceneName} $.References`, scene.References?.size ?? 0)
  const found: FoundFile[] = []
  /** Two entries for one file, such as a folder and a file in it, do not double its points. */
  const taken = new Set<string>()
  const take = (id: string, name: string) => {
    const before = taken.size
    return taken.add(`${id}\n${name}`).size > before
  }
  for (const { place, id, path, srsId } of models) {
    const sceneCrs =
      srsId === undefined ? undefined : scene.SpatialReferenceSystems?.get(String(srsId))?.Definition
    for (const file of await filesOfCloud(reader, inputName, {
      sceneId,
      sceneName,
      scene,
      place: `${place}.${id}.Path`,
      path,
      accepts,
      take,
    })) {
      if (!take(file.realityDataId, file.name)) continue
      found.push({ ...file, ...(sceneCrs !== undefined && { sceneCrs }) })
    }
  }
  return found
}

export function refuseTooMany(inputName: string, place: string, count: number): void {
  if (count <= mostEntries) return
  const problem = `${place}: expected at most ${mostEntries} entries, got ${count}.`
  throw new JobError('InputData_Invalid', [inputName, problem])
}

interface SceneModel {
  /** The collection that it stands in. */
  place: string
  id: string
  path: string
  srsId: number | undefined
}

/** Clouds, then the meshes where they are accepted. */
function modelsIn({ PointCloudCollection, MeshCollection }: CloudsOfScene, accepts: readonly string[]) {
  const models: SceneModel[] = []
  for (const [id, { Path, SRSId }] of PointCloudCollection?.PointClouds ?? []) {
    const srsId = SRSId ?? PointCloudCollection?.SRSId
    models.push({ place: '$.PointCloudCollection.PointClouds', id, path: Path, srsId })
  }
  if (!acceptsMeshes(accepts)) return models
  for (const [id, { Path }] of MeshCollection?.Meshes ?? [])
    models.push({ place: '$.MeshCollection.Meshes', id, path: Path, srsId: MeshCollection?.SRSId })
  return models
}

type RememberingReader = Required<Pick<InputReader, 'find'>> & InputReader

/** Asks once for each reality data and each of its files: a scene may name the same one ten thousand times. */
export function rememberingReader(reader: InputReader): RememberingReader {
  const descriptions = remembered((id) => reader.describe(id))
  const lists = remembered((id) => reader.list(id))
  const byName = remembered(async (id) => new Map((await lists(id)).map((file) => [file.name, file])))
  return {
    ...reader,
    describe: descriptions,
    list: lists,
    find: (id, name) =>
      reader.find === undefined ? byName(id).then((files) => files.get(name)) : reader.find(id, name),
  }
}

function remembered<T>(ask: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (id) => {
    const answer = answers.get(id) ?? ask(id)
    answers.set(id, answer)
    return answer
  }
}

interface CloudOfScene {
  sceneId: string
  /** Of its file. */
  sceneName: string
  scene: CloudsOfScene
  /** Where in the scene the path stands. */
  place: string
  path: string
  accepts: readonly string[]
  /** Whether a file was not taken before; without a name, all of a reality data. */
  take: (realityDataId: string, name: string) => boolean
}

export async function filesOfCloud(
  reader: RememberingReader,
  inputName: string,
  { sceneId, sceneName, scene, place, path, accepts, take }: CloudOfScene,
): Promise<FoundFile[]> {
  const invalid = (problem: string) =>
    new JobError('InputData_Invalid', [inputName, `${sceneName} ${place}: ${problem}`])
  const { referenceId, relativePath } = pathOf(path, invalid)
  let realityDataId = sceneId
  if (referenceId !== undefined) {
    const reference = scene.References?.get(referenceId)
    if (reference === undefined)
      throw invalid(`expected an entry in References, got none for '${referenceId}'.`)
    const referred = (reader.refer ?? referToRealityData)(reference.Path, sceneId)
    if ('problem' in referred) throw invalid(referred.problem)
    realityDataId = referred.realityDataId
  }
  const data = await reader.describe(realityDataId)
  if (data === undefined)
    throw new JobError('InputData_Missing', [inputName, `${titleOf(reader, realityDataId)} (${place})`])
  if (relativePath === '') {
    // A scene that refers to scenes could refer to itself; clouds lie one step away or not at all.
    if (data.type.toLowerCase() === 'contextscene')
      throw invalid('expected a point cloud, got another scene.')
    return take(realityDataId, '')
      ? pointCloudsIn(reader, inputName, { realityDataId, type: data.type, accepts })
      : []
  }
  const file = await reader.find(realityDataId, relativePath)
  if (file === undefined)
    throw new JobError('InputData_Missing', [
      inputName,
      `${relativePath} in ${titleOf(reader, realityDataId)}`,
    ])
  if (!isSurveyFile(file.name, accepts)) throw notAccepted(file.name, inputName, accepts)
  return [{ realityDataId, ...file }]
}

function referToRealityData(referencePath: string): { realityDataId: string } | { problem: string } {
  const realityDataId = realityDataIdOf(referencePath)
  if (realityDataId !== undefined) return { realityDataId }
  return { problem: `expected a reference rds:<guid>, got '${referencePath.slice(0, 80)}'.` }
}

export function titleOf(reader: InputReader, realityDataId: string): string {
  return reader.title?.(realityDataId) ?? `reality data ${realityDataId}`
}

function pathOf(path: string, invalid: (problem: string) => JobError) {
  try {
    return splitScenePath(path)
  } catch (error) {
    if (error instanceof FormatError) throw invalid(sentence(error.message))
    throw error
  }
}

export async function readScene<S extends SceneSection>(
  reader: InputReader,
  inputName: string,
  sceneId: string,
  sections: readonly S[],
): Promise<{ scene: Pick<ContextScene, S>; sceneName: string; sizeBytes: number }> {
  const files = await reader.list(sceneId)
  const named = (wanted: string) => files.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const [json, xml] = sceneNames
  const file = named(json) ?? named(xml)
  if (file === undefined)
    throw new JobError('InputData_Missing', [inputName, `${json} or ${xml} in ${titleOf(reader, sceneId)}`])
  if (file.sizeBytes > sceneLimits.mostBytes) {
    throw new JobError('InputData_Invalid', [
      inputName,
      `${file.name}: expected at most ${sceneLimits.mostBytes} bytes, got ${file.sizeBytes}.`,
    ])
  }
  try {
    const bytes = await reader.read(sceneId, file.name)
    const scene = parseContextScene(bytes, { ...sceneLimits, sections })
    return { scene, sceneName: file.name, sizeBytes: file.sizeBytes }
  } catch (error) {
    if (error instanceof FormatError)
      throw new JobError('InputData_Invalid', [inputName, sentence(`${file.name} ${error.message}`)])
    throw error
  }
}

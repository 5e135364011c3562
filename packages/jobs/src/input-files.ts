// Which files an input means: the point clouds of a reality data, or those that a ContextScene refers to.
import {
  type ContextScene,
  FormatError,
  parseContextScene,
  realityDataIdOf,
  type ScenePointCloud,
  splitScenePath,
} from '@alidade/formats'
import { JobError } from './job-error.ts'

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
}

const sceneName = 'ContextScene.json'
/** A scene is read whole; this is far beyond any that only refers to clouds. */
const largestSceneBytes = 64 * 1024 * 1024

/**
 * The LAS and LAZ files behind an input, in the order of their names, or of the scene.
 * Throws JobError `InputData_Missing`, `InputData_Invalid` or `InputData_NotAPointCloud`, with the place at fault.
 */
export async function findInputFiles(
  reader: InputReader,
  inputName: string,
  realityDataId: string,
): Promise<FoundFile[]> {
  const data = await reader.describe(realityDataId)
  if (data === undefined) throw new JobError('InputData_Missing', [inputName, titleOf(reader, realityDataId)])
  if (data.type.toLowerCase() !== 'contextscene') return pointCloudsIn(reader, inputName, realityDataId)
  return pointCloudsOfScene(reader, inputName, realityDataId)
}

async function pointCloudsIn(
  reader: InputReader,
  inputName: string,
  realityDataId: string,
): Promise<FoundFile[]> {
  const files = await reader.list(realityDataId)
  const clouds = files.filter(({ name }) => /\.la[sz]$/i.test(name))
  if (clouds.length > 0) return clouds.map((file) => ({ realityDataId, ...file }))
  if (files.length === 0)
    throw new JobError('InputData_Missing', [
      inputName,
      `a LAS or LAZ file in ${titleOf(reader, realityDataId)}`,
    ])
  throw new JobError('InputData_NotAPointCloud', [
    files[0]!.name,
    inputName,
    'expected a name that ends in .las or .laz.',
  ])
}

async function pointCloudsOfScene(
  reader: InputReader,
  inputName: string,
  sceneId: string,
): Promise<FoundFile[]> {
  const scene = await readScene(reader, inputName, sceneId)
  const collection = scene.PointCloudCollection
  if (collection === undefined || collection.PointClouds.size === 0) {
    throw new JobError('InputData_Invalid', [inputName, `${sceneName} refers to no point clouds.`])
  }
  const found: FoundFile[] = []
  for (const [id, cloud] of collection.PointClouds) {
    const srsId = cloud.SRSId ?? collection.SRSId
    const sceneCrs =
      srsId === undefined ? undefined : scene.SpatialReferenceSystems?.get(String(srsId))?.Definition
    for (const file of await filesOfCloud(reader, inputName, { sceneId, scene, id, cloud })) {
      // Two entries for one file, such as a folder and a file in it, do not double its points.
      if (found.some(({ realityDataId, name }) => realityDataId === file.realityDataId && name === file.name))
        continue
      found.push({ ...file, ...(sceneCrs !== undefined && { sceneCrs }) })
    }
  }
  return found
}

interface CloudOfScene {
  sceneId: string
  scene: ContextScene
  id: string
  cloud: ScenePointCloud
}

async function filesOfCloud(
  reader: InputReader,
  inputName: string,
  { sceneId, scene, id, cloud }: CloudOfScene,
): Promise<FoundFile[]> {
  const place = `$.PointCloudCollection.PointClouds.${id}.Path`
  const invalid = (problem: string) =>
    new JobError('InputData_Invalid', [inputName, `${sceneName} ${place}: ${problem}`])
  const { referenceId, relativePath } = pathOf(cloud.Path, invalid)
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
    return pointCloudsIn(reader, inputName, realityDataId)
  }
  const file =
    reader.find === undefined
      ? (await reader.list(realityDataId)).find(({ name }) => name === relativePath)
      : await reader.find(realityDataId, relativePath)
  if (file === undefined)
    throw new JobError('InputData_Missing', [
      inputName,
      `${relativePath} in ${titleOf(reader, realityDataId)}`,
    ])
  if (!/\.la[sz]$/i.test(file.name)) {
    throw new JobError('InputData_NotAPointCloud', [
      file.name,
      inputName,
      'expected a name that ends in .las or .laz.',
    ])
  }
  return [{ realityDataId, ...file }]
}

function referToRealityData(referencePath: string): { realityDataId: string } | { problem: string } {
  const realityDataId = realityDataIdOf(referencePath)
  if (realityDataId !== undefined) return { realityDataId }
  return { problem: `expected a reference rds:<guid>, got '${referencePath.slice(0, 80)}'.` }
}

function titleOf(reader: InputReader, realityDataId: string): string {
  return reader.title?.(realityDataId) ?? `reality data ${realityDataId}`
}

function pathOf(path: string, invalid: (problem: string) => JobError) {
  try {
    return splitScenePath(path)
  } catch (error) {
    if (error instanceof FormatError) throw invalid(error.message)
    throw error
  }
}

async function readScene(reader: InputReader, inputName: string, sceneId: string): Promise<ContextScene> {
  const file = (await reader.list(sceneId)).find(({ name }) => name.toLowerCase() === sceneName.toLowerCase())
  if (file === undefined)
    throw new JobError('InputData_Missing', [inputName, `${sceneName} in ${titleOf(reader, sceneId)}`])
  if (file.sizeBytes > largestSceneBytes) {
    throw new JobError('InputData_Invalid', [
      inputName,
      `${file.name}: expected at most ${largestSceneBytes} bytes, got ${file.sizeBytes}.`,
    ])
  }
  try {
    return parseContextScene(await reader.read(sceneId, file.name))
  } catch (error) {
    if (error instanceof FormatError)
      throw new JobError('InputData_Invalid', [inputName, `${file.name} ${error.message}`])
    throw error
  }
}

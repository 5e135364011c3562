// The files of the clouds and meshes that a ContextScene refers to.
import { type ContextScene, FormatError, realityDataIdOf, splitScenePath } from '@alidade/formats'
import { type FoundFile, type RememberingReader, titleOf } from './input-reader.ts'
import { JobError } from './job-error.ts'
import { sentence } from './point-clouds/format-faults.ts'
import { acceptsMeshes, isSurveyFile } from './point-clouds/survey-files.ts'
import { readScene } from './read-scene.ts'
import { notAccepted, surveyFilesIn } from './reality-data-files.ts'

/** The rest of a scene may be as it likes. */
const sections = ['SpatialReferenceSystems', 'PointCloudCollection', 'MeshCollection', 'References'] as const
export type CloudsOfScene = Pick<ContextScene, (typeof sections)[number]>
/** Each cloud is a file to open, each reference a reality data to ask for. */
const mostEntries = 10_000

export async function surveyFilesOfScene(
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
  const take = takeOnce()
  for (const { place, id, path, srsId } of models) {
    const files = await filesOfCloud(reader, inputName, {
      ...{ sceneId, sceneName, scene, place: `${place}.${id}.Path`, path, srsId, accepts, take },
    })
    found.push(...files)
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

interface CloudOfScene {
  sceneId: string
  /** Of its file. */
  sceneName: string
  scene: CloudsOfScene
  /** Where in the scene the path stands. */
  place: string
  path: string
  /** Of its system in the scene. */
  srsId: number | undefined
  accepts: readonly string[]
  take: Take
}

/** Whether a file was not taken before; without a name, all of a reality data. */
export type Take = (realityDataId: string, name: string) => boolean

/** Two entries for one file, such as a folder and a file in it, do not double its points. */
export function takeOnce(): Take {
  const taken = new Set<string>()
  return (realityDataId, name) => {
    const before = taken.size
    return taken.add(`${realityDataId}\n${name}`).size > before
  }
}

/** Those that were not taken before, with the system that the scene states for them. JobError with the place at fault. */
export async function filesOfCloud(
  reader: RememberingReader,
  inputName: string,
  cloud: CloudOfScene,
): Promise<FoundFile[]> {
  const { scene, srsId, take } = cloud
  const sceneCrs =
    srsId === undefined ? undefined : scene.SpatialReferenceSystems?.get(String(srsId))?.Definition
  return (await filesBehind(reader, inputName, cloud))
    .filter(({ realityDataId, name }) => take(realityDataId, name))
    .map((file) => ({ ...file, ...(sceneCrs !== undefined && { sceneCrs }) }))
}

async function filesBehind(
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
      ? surveyFilesIn(reader, inputName, { realityDataId, type: data.type, accepts })
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

function pathOf(path: string, invalid: (problem: string) => JobError) {
  try {
    return splitScenePath(path)
  } catch (error) {
    if (error instanceof FormatError) throw invalid(sentence(error.message))
    throw error
  }
}

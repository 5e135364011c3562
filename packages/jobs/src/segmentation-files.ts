// Which files a given segmentation means: a ContextScene, which says what the classes are, and the segmented cloud that it leads to.
import { type FoundFile, type InputReader, rememberingReader, titleOf } from './input-reader.ts'
import { JobError } from './job-error.ts'
import { readScene } from './read-scene.ts'
import { type CloudsOfScene, filesOfCloud, refuseTooMany, takeOnce } from './scene-files.ts'

const sections = ['SpatialReferenceSystems', 'PointCloudCollection', 'Annotations', 'References'] as const
const accepts = ['LAS', 'LAZ']

/**
 * The file of the scene first, then those of the cloud: the one that Annotations.Segmentation3D names, and those beside it in
 * the collection of the scene, as one cloud may have several files. JobError with the place at fault.
 */
export async function findSegmentationFiles(
  reader: InputReader,
  inputName: string,
  realityDataId: string,
): Promise<FoundFile[]> {
  const invalid = (problem: string) => new JobError('InputData_Invalid', [inputName, problem])
  const data = await reader.describe(realityDataId)
  if (data === undefined) throw new JobError('InputData_Missing', [inputName, titleOf(reader, realityDataId)])
  if (data.type.toLowerCase() !== 'contextscene')
    throw invalid(`expected a ContextScene, got ${titleOf(reader, realityDataId)} of type '${data.type}'.`)
  const read = await readScene(reader, inputName, realityDataId, sections)
  const { sceneName, sizeBytes } = read
  // Without what is seen in photos: nobody needs it here.
  const scene: CloudsOfScene = read.scene
  const segmentation = read.scene.Annotations?.Segmentation3D
  if (segmentation === undefined)
    throw invalid(
      `${sceneName} has no Annotations.Segmentation3D; expected one that names a segmented cloud.`,
    )
  const place = '$.Annotations.Segmentation3D'
  const clouds = [...(scene.PointCloudCollection?.PointClouds ?? [])]
  refuseTooMany(inputName, `${sceneName} $.PointCloudCollection.PointClouds`, clouds.length)
  const isCollected = clouds.some(([, { Path }]) => Path === segmentation.Path)
  const others = isCollected ? clouds.filter(([, { Path }]) => Path !== segmentation.Path) : []
  const elsewhere = others.find(([, { Path }]) => referenceOf(Path) !== referenceOf(segmentation.Path))
  if (elsewhere !== undefined) {
    const problem = `expected the files of one segmented cloud in one place, got several clouds: ${segmentation.Path} and ${elsewhere[1].Path}.`
    throw invalid(`${sceneName} $.PointCloudCollection.PointClouds.${elsewhere[0]}: ${problem}`)
  }
  const remembering = rememberingReader(reader)
  const take = takeOnce()
  const filesOf = (at: string, path: string, srsId: number | undefined): Promise<FoundFile[]> =>
    filesOfCloud(remembering, inputName, {
      ...{ sceneId: realityDataId, sceneName, scene, place: at, path, srsId, accepts, take },
    })
  const own = clouds.find(([, { Path }]) => Path === segmentation.Path)?.[1]
  const collectionSrs = scene.PointCloudCollection?.SRSId
  const first = await filesOf(
    `${place}.Path`,
    segmentation.Path,
    segmentation.SRSId ?? own?.SRSId ?? (isCollected ? collectionSrs : undefined),
  )
  if (first.length > 1)
    throw invalid(
      `${sceneName} ${place}.Path: expected one segmented cloud, got several: ${first[0]!.name} and ${first[1]!.name}.`,
    )
  const files = [{ realityDataId, name: sceneName, sizeBytes }, ...first]
  for (const [id, { Path, SRSId }] of others)
    files.push(
      ...(await filesOf(`$.PointCloudCollection.PointClouds.${id}.Path`, Path, SRSId ?? collectionSrs)),
    )
  return files
}

/** The number before the colon of a path; none: beside the scene. */
function referenceOf(path: string): string {
  return /^(\d+):/.exec(path)?.[1] ?? ''
}

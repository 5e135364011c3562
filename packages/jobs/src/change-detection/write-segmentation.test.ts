import { dirname, join, resolve } from 'node:path'
import { parseContextScene, splitScenePath } from '@alidade/formats'
import { expect, test } from 'vitest'
import { type JobRun, readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import { withCrate, withHeap, writeSurvey } from './two-surveys.fixture.ts'

/** A heap that left and a crate that came. */
async function surveys(): Promise<{ folder: string; a: string; b: string }> {
  const folder = await temporaryFolder()
  return {
    folder,
    a: await writeSurvey(folder, 'a.las', withHeap, { seed: 1, density: 3 }),
    b: await writeSurvey(folder, 'b.las', withCrate, { seed: 2, density: 3 }),
  }
}

async function sceneOf(run: JobRun, output: string) {
  const scene = parseContextScene(await run.read(output, 'ContextScene.json'))
  /** Where a path of the scene leads on this disk. */
  const follow = (path: string) => {
    const { referenceId, relativePath } = splitScenePath(path)
    const reference = referenceId === undefined ? '.' : scene.References!.get(referenceId)!.Path
    return resolve(dirname(run.path(output, 'ContextScene.json')), reference, relativePath)
  }
  const segmentation = scene.Annotations!.Segmentation3D!
  return { ...scene, segmentation, follow }
}

test('the scene of a segmented survey leads to its cloud in the other output, and names the kind of every change in it', async () => {
  const { a, b } = await surveys()
  const outputs = ['segmentation3DA', 'segmentedModel3DA', 'segmentation3DB', 'segmentedModel3DB']
  const run = await runJob(a, b, { outputs: [...outputs, 'exportedLocations3DGeoJSON', 'objects3D'] })
  const kindOf = new Map(
    (await run.features()).map(({ properties }) => [Number(properties.change), properties.label]),
  )
  expect(kindOf.size).toBe(2)
  for (const epoch of ['A', 'B']) {
    const scene = await sceneOf(run, `segmentation3D${epoch}`)
    const model = `segmentedModel3D${epoch}`
    expect(scene.References!.get('0')!.Path).toBe(`../${model}`)
    expect(scene.follow(scene.segmentation.Path)).toBe(run.path(model, `${model}.las`))
    expect([...scene.PointCloudCollection!.PointClouds.values()].map(({ Path }) => Path)).toEqual([
      scene.segmentation.Path,
    ])
    expect(scene.SpatialReferenceSystems!.get(String(scene.segmentation.SRSId))).toEqual({
      Definition: 'EPSG:32632',
    })
    const { change } = await readCloud(scene.follow(scene.segmentation.Path))
    const labels = scene.Annotations!.Labels!
    for (const number of new Set(change))
      expect(labels.get(String(number))!.Name).toBe(kindOf.get(number) ?? 'unchanged')
    expect(new Set(change).size).toBeGreaterThan(1)
  }
})

test('asked for alone, the scene has the cloud beside it, with the same bytes', async () => {
  const { a, b } = await surveys()
  const alone = await runJob(a, b, { outputs: ['segmentation3DB'] })
  const both = await runJob(a, b, { outputs: ['segmentedModel3DB'] })
  const scene = await sceneOf(alone, 'segmentation3DB')
  expect(scene.References).toBeUndefined()
  expect(scene.segmentation.Path).toBe('segmentation3DB.las')
  expect(await alone.read('segmentation3DB', 'segmentation3DB.las')).toEqual(
    await both.read('segmentedModel3DB', 'segmentedModel3DB.las'),
  )
})

test('a survey of several files is segmented in as many, and the segmentation is their folder', async () => {
  const { folder, a, b } = await surveys()
  const more = await writeSurvey(folder, 'more.las', withHeap, { seed: 3, density: 3 })
  for (const outputs of [['segmentation3DA'], ['segmentation3DA', 'segmentedModel3DA']]) {
    const run = await runJob([a, more], b, { outputs })
    const scene = await sceneOf(run, 'segmentation3DA')
    const holder = outputs.at(-1)!
    const clouds = [...scene.PointCloudCollection!.PointClouds.values()].map(({ Path }) => scene.follow(Path))
    const inHolder = (name: string) => run.path(holder, name)
    expect(clouds).toEqual([inHolder(`${holder}-1-a.las`), inHolder(`${holder}-2-more.las`)])
    expect(scene.follow(scene.segmentation.Path)).toBe(join(run.folder, holder))
    for (const cloud of clouds) expect((await readCloud(cloud)).header.pointCount).toBeGreaterThan(0)
  }
})

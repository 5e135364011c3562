// Segmentation with @alidade/als-basic through the real command: v1 and v2, from upload to results.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient } from '../../packages/client/src/index.ts'
import { pull, push } from '../../packages/client/src/node.ts'
import type { Progress } from '../../packages/contract/src/index.ts'
import { writeTown } from '../../packages/jobs/src/segmentation-3d/town.fixture.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

const often = { intervalsSeconds: [0.05] }
const iTwinId = randomUUID()
const detector = '@alidade/als-basic'
let service: ServiceProcess
let client: Client
let folder: string
let cloud: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-segmentation-'))
  service = await startServiceProcess('--threads', '2')
  const token = await service.token()
  client = createClient({ baseUrl: service.url, token: () => token })
  const { id } = await client.realityData.create({ displayName: 'town', type: 'LAS', iTwinId })
  await push(() => client.realityData.writeAccess(id), await writeTown(folder, 'town.las'))
  cloud = id
}, 120_000)
afterAll(async () => {
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function filesOf(realityDataId: string): Promise<string> {
  const into = join(folder, realityDataId)
  await pull(() => client.realityData.readAccess(realityDataId), into)
  return into
}
const annotationsOf = async (realityDataId: string) =>
  JSON.parse(await readFile(join(await filesOf(realityDataId), 'ContextScene.json'), 'utf8')).Annotations

test('v1: the percentage never falls, and buildings, trees, lamps and wires can be fetched in every form', async () => {
  const outputs = [
    ...['segmentation3D', 'segmentedPointCloud', 'objects3D', 'exportedObjects3DCesium'],
    ...['lines3D', 'exportedLines3DGeoJSON', 'polygons3D', 'exportedPolygons3DGeoJSON'],
  ]
  const job = await client.jobs.create({
    ...{ type: 'segmentation3D', name: 'segmentation', iTwinId, outputs },
    inputs: [
      { type: 'pointClouds', id: cloud },
      { type: 'pointCloudSegmentationDetector', id: detector },
    ],
  })
  await client.jobs.submit(job.id)
  const seen: Progress[] = []
  const end = await client.waitForJob(job.id, {
    ...often,
    onProgress: (progress) => void seen.push(progress),
  })
  expect(end).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
  const percentages = seen.map(({ percentage }) => percentage)
  expect(percentages).toEqual([...percentages].sort((a, b) => a - b))
  const ids = new Map((await client.jobs.get(job.id)).outputs.map(({ type, id }) => [type, id!]))
  const { Labels } = await annotationsOf(ids.get('segmentation3D')!)
  expect(Labels[6]).toEqual({ Name: 'building' })
  expect(Object.keys((await annotationsOf(ids.get('objects3D')!)).Objects3D.Objects)).toHaveLength(8)
  expect(Object.keys((await annotationsOf(ids.get('lines3D')!)).Lines3D.Lines)).toHaveLength(2)
  expect(Object.keys((await annotationsOf(ids.get('polygons3D')!)).Polygons3D.Polygons)).toHaveLength(3)
  const tiles = await filesOf(ids.get('exportedObjects3DCesium')!)
  const { root } = JSON.parse(await readFile(join(tiles, 'tileset.json'), 'utf8'))
  expect(await readdir(join(tiles, 'tiles'))).toContain(root.content.uri.replace('tiles/', ''))
}, 120_000)

test('v2 makes the same under its own names', async () => {
  const job = await client.v2.jobs.create({
    ...{ type: 'Segmentation3D', name: 'segmentation', iTwinId },
    specifications: {
      inputs: { model3D: cloud, pointCloudSegmentationDetector: detector },
      outputs: ['segmentedModel3D', 'objects3D', 'objects3DAs3DTiles', 'locations3DAsSHP', 'lines3D'],
      options: { saveConfidence: true, computeLineWidth: true, removeSmallLines: 100 },
    },
  })
  expect(await client.v2.waitForJob(job.id, often)).toEqual({ state: 'Success', percentage: 100 })
  const outputs = (await client.v2.jobs.get(job.id)).specifications.outputs as Record<string, string>
  expect(Object.keys((await annotationsOf(outputs.objects3D!)).Objects3D.Objects)).toHaveLength(8)
  expect((await annotationsOf(outputs.lines3D!)).Lines3D.Lines).toEqual({})
  const names = (await readdir(await filesOf(outputs.locations3DAsSHP!))).map((name) =>
    name.split('.').at(-1),
  )
  expect(names.sort()).toEqual(['cpg', 'dbf', 'prj', 'shp', 'shx'])
}, 120_000)

test('what is not made is refused by its name', async () => {
  const create = (outputs: string[], inputs: { type: string; id: string }[]) =>
    client.jobs.create({ type: 'segmentation3D', name: 'segmentation', iTwinId, inputs, outputs }).then(
      () => [],
      ({ details }: { details: { target?: string; message: string }[] }) =>
        details.map(({ target, message }) => `${target}: ${message}`),
    )
  const inputs = [
    { type: 'pointClouds', id: cloud },
    { type: 'pointCloudSegmentationDetector', id: detector },
  ]
  expect(await create(['segmentation3D', 'exportedSegmentation3DPOD'], inputs)).toEqual([
    "outputs[1]: Output 'exportedSegmentation3DPOD' is not delivered by this service.",
  ])
  expect(await create(['objects3D'], [{ type: 'segmentation3D', id: cloud }])).toContain(
    "inputs[0].type: Input 'segmentation3D' is not delivered by this service.",
  )
}, 60_000)

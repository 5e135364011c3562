// Segmentation and ground to the end: v2 by `@itwin/reality-capture`, unmodified, and by the recorded Python client, v1 by
// the recorded clients. Data goes up and down through the published package.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  JobCreateSchema,
  JobSchema,
  JobState,
  JobType,
  ProgressSchema,
  RealityCaptureService,
  RealityDataHandler,
  type Response,
  Segmentation3DOutputsCreate,
  Service,
  Type,
} from '@itwin/reality-capture'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { writeTown } from '../../packages/jobs/src/segmentation-3d/town.fixture.ts'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'
import { readJob, readProgress, sendAsPythonV2 } from './recorded-python-v2.ts'
import { recordedPythonClient, recordedTypeScriptClient } from './recorded-v1-clients.ts'

const iTwinId = randomUUID()
const token = inject('authorization')
const authorization = { getAccessToken: async () => token }
const service = new RealityCaptureService(authorization)
const handler = new RealityDataHandler(authorization)
const { ANALYSIS } = Service
let folder: string
let cloud: RedirectedCloud
let town: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  cloud = redirectCloud(inject('serviceUrl'))
  const create = { displayName: 'town', type: Type.LAS, iTwinId }
  town = succeeded(await service.createRealityData(create)).id
  succeeded(await handler.uploadData(town, await writeTown(folder, 'town.las'), '', iTwinId))
})
afterAll(async () => {
  cloud?.restore()
  await rm(folder, { recursive: true, force: true })
})

function succeeded<T>({ error, value }: Response<T>): T {
  expect(error).toBeNull()
  return value!
}

/** Names of the files of each output, and the folder that they were fetched into. */
async function fetched(outputs: Record<string, string>) {
  const into = await mkdtemp(join(folder, 'results-'))
  const files: Record<string, string[]> = {}
  for (const [output, id] of Object.entries(outputs)) {
    succeeded(await handler.downloadData(id, join(into, output), '', iTwinId))
    files[output] = (await readdir(join(into, output))).sort()
  }
  const annotations = async (output: string) =>
    JSON.parse(await readFile(join(into, output, 'ContextScene.json'), 'utf8')).Annotations
  return { files, annotations }
}

const { SEGMENTATION3D, SEGMENTED_MODEL_3D, OBJECTS3D, OBJECTS3D_AS_3DTILES } = Segmentation3DOutputsCreate
const { POLYGONS3D, POLYGONS3D_AS_GEOJSON, LINES3D, LOCATIONS3D_AS_SHP } = Segmentation3DOutputsCreate

const v2Jobs = [
  {
    detector: '@alidade/als-basic',
    outputs: [
      OBJECTS3D,
      OBJECTS3D_AS_3DTILES,
      POLYGONS3D,
      POLYGONS3D_AS_GEOJSON,
      LINES3D,
      LOCATIONS3D_AS_SHP,
    ],
    options: { saveConfidence: false, computeLineWidth: true },
    expected: {
      objects3D: ['ContextScene.json'],
      objects3DAs3DTiles: ['tiles', 'tileset.json'],
      polygons3D: ['ContextScene.json'],
      polygons3DAsGeoJSON: ['exportedPolygons3DGeoJSON.geojson'],
      lines3D: ['ContextScene.json'],
      locations3DAsSHP: ['cpg', 'dbf', 'prj', 'shp', 'shx'].map((end) => `exportedLocations3DSHP.${end}`),
    },
  },
  {
    detector: '@alidade/ground',
    outputs: [SEGMENTATION3D, SEGMENTED_MODEL_3D],
    options: {},
    expected: { segmentation3D: ['ContextScene.json'], segmentedModel3D: ['segmentedPointCloud.las'] },
  },
]

test.each(v2Jobs)(
  '@itwin/reality-capture runs Segmentation3D with $detector to its results',
  async ({ detector, outputs, options, expected }) => {
    const inputs = { model3D: town, pointCloudSegmentationDetector: detector }
    const create = JobCreateSchema.parse({
      ...{ name: detector, type: JobType.SEGMENTATION_3D, iTwinId },
      specifications: { inputs, outputs, options },
    })
    const { id } = JobSchema.parse(succeeded(await service.submitJob(create)))
    let progress: ReturnType<typeof ProgressSchema.parse>
    do {
      await sleep(50)
      progress = ProgressSchema.strict().parse(succeeded(await service.getJobProgress(id, ANALYSIS)))
    } while ([JobState.QUEUED, JobState.ACTIVE].includes(progress.state))
    expect(progress).toEqual({ state: JobState.SUCCESS, percentage: 100 })
    const { specifications } = JobSchema.parse(succeeded(await service.getJob(id, ANALYSIS)))
    expect(specifications.inputs).toEqual(inputs)
    const { files } = await fetched(specifications.outputs as Record<string, string>)
    expect(files).toEqual(expected)
  },
)

test('the recorded v2 client in Python runs Segmentation3D with @alidade/als-basic to its results', async () => {
  const send = sendAsPythonV2.bind(undefined, token)
  const { status, json } = await send('POST', 'reality-analysis/jobs', {
    body: {
      ...{ name: 'town', type: 'Segmentation3D', iTwinId },
      specifications: {
        inputs: {
          ...{ model3D: town, pointCloudSegmentationDetector: '@alidade/als-basic' },
          ...{ segmentation3D: null, extent: null },
        },
        outputs: ['objects3D', 'polygons3D'],
        options: { saveConfidence: null, computeLineWidth: null, removeSmallLines: 1.0 },
      },
    },
  })
  expect(status).toBe(201)
  const { id } = readJob(json.job)
  let progress: ReturnType<typeof readProgress>
  do {
    await sleep(50)
    progress = readProgress((await send('GET', `reality-analysis/jobs/${id}/progress`)).json)
  } while (['Queued', 'Active'].includes(progress.state))
  expect(progress).toEqual({ state: 'Success', percentage: 100 })
  const { outputs, options } = readJob((await send('GET', `reality-analysis/jobs/${id}`)).json.job)
  expect(options).toEqual({ removeSmallLines: 1 })
  const { annotations } = await fetched(outputs)
  expect(Object.keys((await annotations('objects3D')).Objects3D.Objects)).toHaveLength(8)
  expect(Object.keys((await annotations('polygons3D')).Polygons3D.Polygons)).toHaveLength(3)
})

test.each([
  {
    ...{ name: 'Python', makeClient: recordedPythonClient },
    ...({ type: 'extractGround', detector: '@alidade/ground', options: {} } as const),
    expected: {
      segmentation3D: ['ContextScene.json'],
      segmentedPointCloud: ['segmentedPointCloud.las'],
      exportedSegmentation3DLAZ: ['exportedSegmentation3DLAZ.laz'],
    },
  },
  {
    ...{ name: 'TypeScript', makeClient: recordedTypeScriptClient },
    ...({ type: 'segmentation3D', detector: '@alidade/als-basic' } as const),
    options: { saveConfidence: true, removeSmallComponents: 1.5 },
    expected: {
      segmentation3D: ['ContextScene.json'],
      segmentedPointCloud: ['segmentedPointCloud.las'],
      polygons3D: ['ContextScene.json'],
      exportedPolygons3DCesium: ['tiles', 'tileset.json'],
    },
  },
])(
  'the recorded v1 client in $name runs $type with $detector to its results',
  async ({ makeClient, type, detector, options, expected }) => {
    const client = makeClient(async () => token)
    const inputs = { pointClouds: town, pointCloudSegmentationDetector: detector }
    const outputs = Object.keys(expected)
    const id = await client.createJob({ type, ...inputs, outputs, options }, type, iTwinId)
    await client.submitJob(id)
    let progress: Awaited<ReturnType<typeof client.getJobProgress>>
    do {
      await sleep(50)
      progress = await client.getJobProgress(id)
    } while (progress.state === 'active')
    expect(progress).toEqual({ state: 'success', progress: 100, step: 'Write_Results' })
    const properties = await client.getJobProperties(id)
    expect(properties).toMatchObject({ inputs, options, exitCode: 0, errorCodes: [], warningCodes: [] })
    expect((await fetched(properties.outputs)).files).toEqual(expected)
  },
)

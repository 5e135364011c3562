// `@itwin/reality-capture`, unmodified: its jobs, which are those of v2, its buckets and files. Every answer is held to
// the schemas that the package publishes, with nothing that they do not name.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BucketDataHandler,
  BucketResponseSchema,
  ChangeDetectionOutputsCreate,
  DetailedErrorResponseSchema,
  FilesSchema,
  type Job,
  JobCreateSchema,
  JobSchema,
  JobState,
  JobsSchema,
  JobType,
  MessagesSchema,
  ProgressSchema,
  RealityCaptureService,
  RealityDataHandler,
  type Response,
  Service,
  Type,
} from '@itwin/reality-capture'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'

const iTwinId = randomUUID()
let folder: string
let cloud: RedirectedCloud
let inputs: { model3DA: string; model3DB: string }
const authorization = { getAccessToken: async () => inject('authorization') }
const service = new RealityCaptureService(authorization)
const buckets = new BucketDataHandler(authorization)
const { ANALYSIS } = Service

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  cloud = redirectCloud(inject('serviceUrl'))
  const handler = new RealityDataHandler(authorization)
  const ids: string[] = []
  for (const path of (await writeTwoEpochs(folder, 30_000)).paths) {
    const { id } = succeeded(
      await service.createRealityData({ displayName: 'survey', type: Type.LAS, iTwinId }),
      201,
    )
    succeeded(await handler.uploadData(id, path, '', iTwinId))
    ids.push(id)
  }
  inputs = { model3DA: ids[0]!, model3DB: ids[1]! }
})
afterAll(async () => {
  cloud?.restore()
  await rm(folder, { recursive: true, force: true })
})

function succeeded<T>({ status_code, error, value }: Response<T>, status = status_code): T {
  expect(error).toBeNull()
  expect(status_code).toBe(status)
  return value!
}

function faultsOf({ status_code, error }: Response<unknown>, status: number, code: string) {
  const read = DetailedErrorResponseSchema.strict().parse(error)
  expect([status_code, read.error.code]).toEqual([status, code])
  return read.error.details ?? []
}

/** A job that the schema takes, and of which it leaves out nothing but what the wire has beside it. */
function checkedJob(job: Job): Job {
  const { iTwinId: onTheWire, ...rest } = job as Job & { iTwinId?: string }
  expect(onTheWire).toBe(iTwinId)
  expect(Object.keys(JobSchema.parse(job)).sort()).toEqual(Object.keys(rest).sort())
  return job
}

const { SEGMENTED_MODEL3D_A, SEGMENTED_MODEL3D_B, LOCATIONS3D_B, LOCATIONS3D_B_AS_GEOJSON } =
  ChangeDetectionOutputsCreate
const allOutputs = [SEGMENTED_MODEL3D_A, SEGMENTED_MODEL3D_B, LOCATIONS3D_B, LOCATIONS3D_B_AS_GEOJSON]
const options = { growThreshold: 1, filterThreshold: 1.5, minPointsPerChange: 30 }

async function submitted(change: object = {}): Promise<Job> {
  const create = JobCreateSchema.parse({
    ...{ name: 'March to April', type: JobType.CHANGE_DETECTION, iTwinId },
    specifications: { inputs, outputs: allOutputs, options },
    ...change,
  })
  return checkedJob(succeeded(await service.submitJob(create), 201))
}

async function untilEnded(id: string): Promise<JobState> {
  for (;;) {
    const progress = ProgressSchema.strict().parse(succeeded(await service.getJobProgress(id, ANALYSIS)))
    const { SUCCESS, FAILED, CANCELLED } = JobState
    if ([SUCCESS, FAILED, CANCELLED].includes(progress.state)) {
      expect(progress.percentage === 100).toBe(progress.state === SUCCESS)
      return progress.state
    }
    await sleep(50)
  }
}

test('a job is submitted, followed and listed, and its outputs are downloaded', async () => {
  const job = await submitted()
  expect([JobState.QUEUED, JobState.ACTIVE]).toContain(job.state)
  expect(job.specifications).toMatchObject({ inputs, options })
  const outputs = job.specifications.outputs as Record<string, string>
  expect(Object.keys(outputs)).toEqual(allOutputs)
  expect(await untilEnded(job.id)).toBe(JobState.SUCCESS)

  const done = checkedJob(succeeded(await service.getJob(job.id, ANALYSIS)))
  expect(done).toMatchObject({ state: JobState.SUCCESS, specifications: { outputs } })
  expect(done.executionInfo.processingUnits).toBeGreaterThan(0)
  const messages = MessagesSchema.strict().parse(succeeded(await service.getJobMessages(job.id, ANALYSIS)))
  expect(messages.errors).toEqual([])

  const target = join(folder, 'results')
  const handler = new RealityDataHandler(authorization)
  succeeded(await handler.downloadData(outputs[SEGMENTED_MODEL3D_B]!, target))
  expect(await readdir(target)).toEqual(['segmentedModel3DB.las'])
  succeeded(await handler.downloadData(outputs[LOCATIONS3D_B_AS_GEOJSON]!, target))
  const geoJson = JSON.parse(await readFile(join(target, 'locations3DBAsGeoJSON.geojson'), 'utf8'))
  expect(
    new Set(geoJson.features.map((one: { properties: { label: string } }) => one.properties.label)),
  ).toEqual(new Set(['appeared']))
})

test('a job is cancelled: it is terminating until its computing has stopped', async () => {
  const job = await submitted()
  while (succeeded(await service.getJobProgress(job.id, ANALYSIS)).state === JobState.QUEUED) await sleep(5)
  const cancelled = checkedJob(succeeded(await service.cancelJob(job.id, ANALYSIS), 200))
  expect([JobState.TERMINATING_ON_CANCEL, JobState.CANCELLED]).toContain(cancelled.state)
  expect(await untilEnded(job.id)).toBe(JobState.CANCELLED)
  expect(succeeded(await service.cancelJob(job.id, ANALYSIS)).state).toBe(JobState.CANCELLED)
})

test('jobs are listed page by page, as the package asks for them', async () => {
  const filter = `iTwinId eq ${iTwinId} and state in ('Success','Cancelled')`
  while (succeeded(await service.getJobs(ANALYSIS, filter)).jobs.length < 3) {
    const { id } = await submitted()
    succeeded(await service.cancelJob(id, ANALYSIS))
    await untilEnded(id)
  }
  const first = JobsSchema.strict().parse(succeeded(await service.getJobs(ANALYSIS, filter, 2)))
  expect(first.jobs).toHaveLength(2)
  const token = new URL(first._links!.next.href).searchParams.get('continuationToken')!
  const second = JobsSchema.strict().parse(succeeded(await service.getJobs(ANALYSIS, filter, 2, token)))
  expect(second).not.toHaveProperty('_links')
  const ids = [...first.jobs, ...second.jobs].map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('files go into the bucket and come back, and the files of the service are read', async () => {
  BucketResponseSchema.strict().parse(succeeded(await service.getBucket(iTwinId)))
  expect(cloud.sent.at(-1)!.path).toBe(`/reality-modeling/itwins/${iTwinId}/bucket`)
  const file = join(folder, 'pit größe.json')
  await writeFile(file, '{}')
  succeeded(await buckets.uploadData(iTwinId, file, 'regions'))
  expect(succeeded(await buckets.listData(iTwinId))).toEqual(['regions/pit größe.json'])
  succeeded(await buckets.downloadData(iTwinId, join(folder, 'back'), 'regions'))
  expect(await readFile(join(folder, 'back', 'pit größe.json'), 'utf8')).toBe('{}')
  succeeded(await buckets.deleteData(iTwinId, ['regions/pit größe.json']))
  expect(succeeded(await buckets.listData(iTwinId))).toEqual([])
  FilesSchema.strict().parse(succeeded(await service.getServiceFiles()))
})

test('a job looks at the region in the bucket alone', async () => {
  const extent = 'bkt:regions/nowhere near.geojson'
  const specifications = { inputs: { ...inputs, extent }, outputs: [SEGMENTED_MODEL3D_B], options }
  const create = JobCreateSchema.parse({ type: JobType.CHANGE_DETECTION, iTwinId, specifications })
  const refusal = async () => {
    const [detail] = faultsOf(await service.submitJob(create), 422, 'InvalidRealityAnalysisRequest')
    expect(detail!.target).toBe('specifications.inputs.extent')
    return detail!.message
  }
  expect(await refusal()).toMatch(
    /^The input extent refers to bkt:regions\/nowhere near\.geojson, which does not exist/,
  )
  const put = async (coordinates: number[][]) => {
    const file = join(folder, 'nowhere near.geojson')
    await writeFile(file, JSON.stringify({ type: 'Polygon', coordinates: [coordinates] }))
    succeeded(await buckets.uploadData(iTwinId, file, 'regions'))
  }
  await put([
    [0, 0],
    [1, 0],
    [0, 1],
  ])
  expect(await refusal()).toMatch(/lies beside the surveys/)
  // All of the zone that the surveys are in.
  await put([
    [6, 40],
    [12, 40],
    [12, 60],
    [6, 60],
  ])
  const job = checkedJob(succeeded(await service.submitJob(create), 201))
  expect(job.specifications.inputs).toEqual({ ...inputs, extent })
  expect(await untilEnded(job.id)).toBe(JobState.SUCCESS)
})

test('every refusal is read by the schema of errors that the package publishes', async () => {
  const unknown = randomUUID()
  faultsOf(await service.getJob(unknown, ANALYSIS), 404, 'JobNotFound')
  faultsOf(await service.getJobMessages(unknown, ANALYSIS), 404, 'JobNotFound')
  faultsOf(await service.cancelJob(unknown, ANALYSIS), 404, 'JobNotFound')
  faultsOf(await service.getJobProgress(unknown, ANALYSIS), 404, 'JobProgressNotFound')
  faultsOf(await service.getBucket(unknown), 404, 'iTwinNotFound')
  const listing = await service.getJobs(ANALYSIS, 'colour eq red')
  expect(faultsOf(listing, 422, 'InvalidRealityAnalysisRequest')).toHaveLength(1)
  const specifications = {
    inputs: { photos: unknown, photoObjectDetector: '@alidade/cars' },
    outputs: ['objects2D'],
  }
  const photos = JobCreateSchema.parse({ type: JobType.OBJECTS_2D, iTwinId, specifications })
  expect(faultsOf(await service.submitJob(photos), 400, 'InvalidRealityAnalysisRequest')).toEqual([
    {
      code: 'InvalidValue',
      message: "Job type 'Objects2D' is not delivered by this service.",
      target: 'type',
    },
  ])
  const done = (await service.getJobs(ANALYSIS, `iTwinId eq ${iTwinId} and state eq Success`)).value!.jobs[0]!
  const [detail] = faultsOf(await service.cancelJob(done.id, ANALYSIS), 422, 'InvalidRealityAnalysisRequest')
  expect(detail).toMatchObject({ code: 'InvalidChange' })
})

// `@itwin/reality-capture`, unmodified: what takes more than one call. Every call by itself: every-call.test.ts.
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  BucketDataHandler,
  ChangeDetectionOutputsCreate,
  DetailedErrorResponseSchema,
  type Job,
  JobCreateSchema,
  JobSchema,
  JobState,
  JobType,
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

test('a job is cancelled: it is terminating until its computing has stopped', async () => {
  const job = await submitted()
  while (succeeded(await service.getJobProgress(job.id, ANALYSIS)).state === JobState.QUEUED) await sleep(5)
  const cancelled = checkedJob(succeeded(await service.cancelJob(job.id, ANALYSIS), 200))
  expect([JobState.TERMINATING_ON_CANCEL, JobState.CANCELLED]).toContain(cancelled.state)
  expect(await untilEnded(job.id)).toBe(JobState.CANCELLED)
  expect(succeeded(await service.cancelJob(job.id, ANALYSIS)).state).toBe(JobState.CANCELLED)
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

// `@itwin/reality-capture`, unmodified: every public method it has, step by step. Each answer is checked for its values
// and, where it succeeded, against the schema that the package publishes for it. Each test is a step; a later one goes
// on with what an earlier one made.
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BlockBlobClient } from '@azure/storage-blob'
import * as published from '@itwin/reality-capture'
import {
  BucketDataHandler,
  BucketResponseSchema,
  ContainerDetailsSchema,
  DetailedErrorResponseSchema,
  FilesSchema,
  type Job,
  JobCreateSchema,
  JobSchema,
  JobState,
  JobsSchema,
  JobType,
  MessagesSchema,
  Prefer,
  ProgressSchema,
  RealityCaptureService,
  RealityDataHandler,
  RealityDataMinimalSchema,
  RealityDataSchema,
  type Response,
  Service,
  Type,
} from '@itwin/reality-capture'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { redirectCloud } from './cloud-host.ts'
import { analysisJobs, modelingJobs } from './refused-job-types.ts'
import { publicMethods, watchCalls } from './watched-calls.ts'
// The entry of the package for Node leaves these out, that for browsers has them.
import {
  DetectorExport,
  DetectorResponseSchema,
  DetectorStatus,
  DetectorsMinimalResponseSchema,
  DetectorType,
  DetectorVersionWithLinksSchema,
} from '../../node_modules/@itwin/reality-capture/lib/cjs/service/detectors.js'

const methods = publicMethods('@itwin/reality-capture')
const called = watchCalls(methods, published)

const authorization = { getAccessToken: async () => inject('authorization') }
const service = new RealityCaptureService(authorization)
const handler = new RealityDataHandler(authorization)
const buckets = new BucketDataHandler(authorization)
const { ANALYSIS, MODELING } = Service
const [iTwinId, otherITwinId] = [randomUUID(), randomUUID()]
let folder: string
let surveys: [string, string]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  const cloud = redirectCloud(inject('serviceUrl'))
  surveys = (await writeTwoEpochs(folder, 30_000)).paths
  return async () => {
    cloud.restore()
    await rm(folder, { recursive: true, force: true })
  }
})

/** The value of an answer that must have this status. */
function answered<T>(response: Response<T>, status: number): T {
  expect([response.error, response.getResponseStatusCode()]).toEqual([null, status])
  expect(response.isError()).toBe(false)
  return response.value!
}

/** The error of an answer, which the package must be able to read. */
function refused(response: Response<unknown>, status: number, code: string) {
  expect(response.isError()).toBe(true)
  const { error } = DetailedErrorResponseSchema.strict().parse(response.error)
  expect([response.getResponseStatusCode(), error.code]).toEqual([status, code])
  expect(response.value).toBeNull()
  return error
}

describe('@itwin/reality-capture, reality data', () => {
  let id: string
  const full = {
    classification: published.Classification.TERRAIN,
    description: 'Before the works',
    tags: ['campus'],
    dataset: 'campus',
    group: 'surveys',
    rootDocument: 'survey.las',
    acquisition: { startDateTime: new Date('2026-03-01T08:00:00Z'), acquirer: 'Ada' },
    extent: {
      southWest: { latitude: 48.1, longitude: 11.5 },
      northEast: { latitude: 48.2, longitude: 11.6 },
    },
    crs: { id: 'EPSG:32632' },
  }

  test('createRealityData with the least: 201 and the defaults', async () => {
    const value = answered(
      await service.createRealityData({ displayName: 'least', type: Type.THREE_MX, iTwinId }),
      201,
    )
    id = RealityDataSchema.strict().parse(value).id
    expect(value).toMatchObject({ displayName: 'least', type: '3MX', size: 0, authoring: false })
  })
  test('createRealityData with everything: 201 and everything comes back', async () => {
    const value = answered(
      await service.createRealityData({ displayName: 'most', type: Type.LAS, iTwinId, ...full }),
      201,
    )
    expect(RealityDataSchema.strict().parse(value)).toMatchObject(full)
  })
  test('createRealityData without a name: 422 and the property that is missing', async () => {
    const error = refused(
      await service.createRealityData({ type: Type.LAS, iTwinId } as never),
      422,
      'InvalidRealityDataRequest',
    )
    expect(error.details).toMatchObject([{ target: 'displayName' }])
  })
  test('getRealityData: 200 and the same reality data', async () => {
    const value = RealityDataSchema.strict().parse(answered(await service.getRealityData(id), 200))
    expect(value).toMatchObject({ id, displayName: 'least', dataCenterLocation: 'Local' })
  })
  test('getRealityData within its iTwin: 200', async () => {
    expect(answered(await service.getRealityData(id, iTwinId), 200).id).toBe(id)
  })
  test('getRealityData of no such id: 404', async () => {
    refused(await service.getRealityData(randomUUID()), 404, 'RealityDataNotFound')
  })
  test('updateRealityData: 200 and the reality data with its changes', async () => {
    const value = answered(
      await service.updateRealityData({ description: 'changed', authoring: true }, id),
      200,
    )
    expect(RealityDataSchema.strict().parse(value)).toMatchObject({
      ...{ id, displayName: 'least', description: 'changed', authoring: true },
    })
  })
  test('updateRealityData of no such id: 404', async () => {
    refused(await service.updateRealityData({ displayName: 'x' }, randomUUID()), 404, 'RealityDataNotFound')
  })
  test('getRealityDataList, minimal: 200, three members each', async () => {
    const filter = { iTwinId, $orderBy: 'displayName desc' }
    const { realityData } = answered(await service.getRealityDataList(filter, Prefer.MINIMAL), 200)
    expect(realityData.map((one) => RealityDataMinimalSchema.strict().parse(one).displayName)).toEqual([
      'most',
      'least',
    ])
    expect(Object.keys(realityData[0]!).sort()).toEqual(['displayName', 'id', 'type'])
  })
  test('getRealityDataList, whole: 200, everything about each', async () => {
    const filter = { iTwinId, types: [Type.LAS, Type.LAZ], $search: 'MOST' }
    const { realityData } = answered(await service.getRealityDataList(filter, Prefer.REPRESENTATION), 200)
    expect(realityData.map((one) => RealityDataSchema.strict().parse(one))).toMatchObject([full])
  })
  test('getRealityDataList by pages: 200, and the last page has no link', async () => {
    const first = answered(await service.getRealityDataList({ iTwinId, $top: 1 }), 200)
    const { href } = (first as never as { _links: { next: { href: string } } })._links.next
    const continuationToken = new URL(href).searchParams.get('continuationToken')!
    const last = answered(await service.getRealityDataList({ iTwinId, continuationToken }), 200)
    const names = [...first.realityData, ...last.realityData].map(({ displayName }) => displayName)
    expect(names.sort()).toEqual(['least', 'most'])
    expect(Object.keys(last)).toEqual(['realityData'])
  })
  test('getRealityDataList with too large a page: 422 and the parameter', async () => {
    const response = await service.getRealityDataList({ iTwinId, $top: 1001 })
    expect(refused(response, 422, 'InvalidRealityDataRequest').details).toMatchObject([{ target: '$top' }])
  })
  test('getRealityDataWriteAccess: 200 and a URL for writing', async () => {
    const value = answered(await service.getRealityDataWriteAccess(id, iTwinId), 200)
    expect(ContainerDetailsSchema.strict().parse(value).access).toBe('Write')
    expect(value._links.containerUrl.href.split(id)).toHaveLength(2)
  })
  test('getRealityDataReadAccess: 200 and a URL for reading', async () => {
    const value = answered(await service.getRealityDataReadAccess(id), 200)
    expect(ContainerDetailsSchema.strict().parse(value).access).toBe('Read')
  })
  test('RealityDataHandler.uploadData: a folder goes up, its hook sees 100 %', async () => {
    const source = join(folder, 'source')
    await mkdir(join(source, 'Straße 1'), { recursive: true })
    await writeFile(join(source, 'Scene.3mx'), 'scene')
    await writeFile(join(source, 'Straße 1', 'größe.bin'), 'x'.repeat(100_000))
    const percentages: number[] = []
    handler.setProgressHook((percent) => percentages.push(percent) > 0)
    answered(await handler.uploadData(id, source, '', iTwinId), 200)
    expect(percentages.at(-1)).toBe(100)
  })
  test('RealityDataHandler.listData: the names of all blobs', async () => {
    const names = answered(await handler.listData(id, iTwinId), 200)
    expect(names).toEqual(expect.arrayContaining(['Scene.3mx', 'Straße 1/größe.bin']))
  })
  test('RealityDataHandler.downloadData: the same bytes come back', async () => {
    answered(await handler.downloadData(id, join(folder, 'target'), 'Straße 1', iTwinId), 200)
    expect(await readFile(join(folder, 'target', 'größe.bin'), 'utf8')).toBe('x'.repeat(100_000))
  })
  test('RealityDataHandler.setProgressHook: false stops a download', async () => {
    handler.setProgressHook(() => false)
    const target = join(folder, 'stopped')
    refused(await handler.downloadData(id, target), 499, 'UploadInterrupted')
    await expect(readdir(target)).rejects.toThrow('ENOENT')
    handler.setProgressHook(null)
  })
  test('RealityDataHandler.downloadData of no such reality data: 404', async () => {
    refused(await handler.downloadData(randomUUID(), join(folder, 'none')), 404, 'RealityDataNotFound')
  })
  test('RealityDataHandler.deleteData: 204, and the blob is gone', async () => {
    answered(await handler.deleteData(id, ['Scene.3mx']), 204)
    expect(answered(await handler.listData(id), 200)).not.toContain('Scene.3mx')
  })
  test('RealityDataHandler.deleteData of a blob that is not there: it says which', async () => {
    const error = refused(await handler.deleteData(id, ['never.there']), 400, 'DeletionFailed')
    expect(error.details).toMatchObject([{ target: 'never.there' }])
  })
  test('getRealityDataITwins: 200 and its iTwin', async () => {
    expect(answered(await service.getRealityDataITwins(id), 200)).toEqual([iTwinId])
  })
  test('dissociateRealityData: 204, and it is in no iTwin', async () => {
    answered(await service.dissociateRealityData(iTwinId, id), 204)
    expect(answered(await service.getRealityDataITwins(id), 200)).toEqual([])
  })
  test('associateRealityData: 200, and it is in the iTwin', async () => {
    answered(await service.associateRealityData(otherITwinId, id), 200)
    expect(answered(await service.getRealityDataITwins(id), 200)).toEqual([otherITwinId])
  })
  test('moveRealityData: 204, and it is in the other iTwin', async () => {
    answered(await service.moveRealityData(id, iTwinId), 204)
    expect(answered(await service.getRealityDataITwins(id), 200)).toEqual([iTwinId])
  })
  test('deleteRealityData: 204, and then it is not there', async () => {
    answered(await service.deleteRealityData(id), 204)
    refused(await service.getRealityData(id), 404, 'RealityDataNotFound')
  })
})

describe('@itwin/reality-capture, detectors', () => {
  const name = `@acme/cracks-${randomUUID().slice(0, 8)}`
  const type = DetectorType.PHOTO_SEGMENTATION_DETECTOR
  const capabilities = { labels: ['crack'], exports: [DetectorExport.LINES] }
  let uploadUrl: string

  test('createDetector: 201 and no version yet', async () => {
    const value = answered(await service.createDetector({ name, type, displayName: 'Cracks' }), 201)
    expect(DetectorResponseSchema.strict().parse(value).detector).toEqual({
      ...{ name, type, displayName: 'Cracks', versions: [] },
    })
  })
  test('createDetector of a name that is taken: 409', async () => {
    refused(await service.createDetector({ name, type }), 409, 'DetectorAlreadyExists')
  })
  test('updateDetector: 200 and the detector with its changes', async () => {
    const value = answered(await service.updateDetector(name, { description: 'In concrete.' }), 200)
    expect(DetectorResponseSchema.strict().parse(value).detector).toMatchObject({
      ...{ name, description: 'In concrete.', displayName: 'Cracks' },
    })
  })
  test('createDetectorVersion: 201, waiting for data, with a URL for the upload', async () => {
    const created = await service.createDetectorVersion(name, { versionNumber: '1.0', capabilities })
    const value = DetectorVersionWithLinksSchema.strict().parse(answered(created, 201))
    expect(value.version).toMatchObject({
      ...{ versionNumber: '1.0', capabilities, status: DetectorStatus.AWAITING_DATA },
    })
    uploadUrl = value._links.uploadUrl.href
  })
  test('completeDetectorVersionUpload before the upload: 400 and the reason', async () => {
    const response = await service.completeDetectorVersionUpload(name, '1.0')
    expect(refused(response, 400, 'InvalidRealityAnalysisRequest').details).toHaveLength(1)
  })
  test('completeDetectorVersionUpload after it: 204', async () => {
    await new BlockBlobClient(uploadUrl).uploadData(detectorArchive())
    answered(await service.completeDetectorVersionUpload(name, '1.0'), 204)
  })
  test('getDetector: 200 and the version, ready, with the same bytes at its URL', async () => {
    const value = DetectorResponseSchema.strict().parse(answered(await service.getDetector(name), 200))
    const [version] = value.detector.versions
    expect(version).toMatchObject({ versionNumber: '1.0', status: DetectorStatus.READY })
    const bytes = await new BlockBlobClient(version!.downloadUrl!).downloadToBuffer()
    expect(bytes.equals(Buffer.from(detectorArchive()))).toBe(true)
  })
  test('getDetectors: 200, among them the new one with its latest version', async () => {
    const value = DetectorsMinimalResponseSchema.strict().parse(answered(await service.getDetectors(), 200))
    expect(value.detectors.find((one) => one.name === name)!.latestVersion).toBe('1.0')
  })
  test('getDetectors by a filter: 200, those with the label', async () => {
    const filter = "labels in ('crack') and exports in ('Lines')"
    const { detectors } = answered(await service.getDetectors(filter), 200)
    expect(detectors.map((one) => one.name)).toContain(name)
    const none = answered(await service.getDetectors("labels in ('no such label')"), 200)
    expect(none.detectors).toEqual([])
  })
  test('publishDetectorVersion: 204', async () => {
    answered(await service.publishDetectorVersion(name, '1.0'), 204)
  })
  test('unpublishDetectorVersion: 204', async () => {
    answered(await service.unpublishDetectorVersion(name, '1.0'), 204)
  })
  test('deleteDetectorVersion: 204, and the detector has none', async () => {
    answered(await service.deleteDetectorVersion(name, '1.0'), 204)
    expect(answered(await service.getDetector(name), 200).detector.versions).toEqual([])
  })
  test('deleteDetector: 204, and then it is not there', async () => {
    answered(await service.deleteDetector(name), 204)
    refused(await service.getDetector(name), 404, 'DetectorNotFound')
  })
})

describe('@itwin/reality-capture, bucket and files', () => {
  test('getBucket: 200 and the URL of its container', async () => {
    const value = BucketResponseSchema.strict().parse(answered(await service.getBucket(iTwinId), 200))
    expect(value.bucket).toEqual({ iTwinId })
    expect(value._links.containerUrl.href).toContain(`bucket-${iTwinId}`)
  })
  test('getBucket of no such iTwin: 404', async () => {
    refused(await service.getBucket(randomUUID()), 404, 'iTwinNotFound')
  })
  test('BucketDataHandler.uploadData and setProgressHook: a file goes up, the hook sees 100 %', async () => {
    await writeFile(join(folder, 'pit.json'), '{"pit":true}')
    const percentages: number[] = []
    buckets.setProgressHook((percent) => percentages.push(percent) > 0)
    answered(await buckets.uploadData(iTwinId, join(folder, 'pit.json'), 'regions'), 200)
    expect(percentages.at(-1)).toBe(100)
  })
  test('BucketDataHandler.listData: its path', async () => {
    expect(answered(await buckets.listData(iTwinId), 200)).toEqual(['regions/pit.json'])
  })
  test('BucketDataHandler.downloadData: the same bytes come back', async () => {
    answered(await buckets.downloadData(iTwinId, join(folder, 'from bucket'), 'regions'), 200)
    expect(await readFile(join(folder, 'from bucket', 'pit.json'), 'utf8')).toBe('{"pit":true}')
  })
  test('BucketDataHandler.deleteData: 204, and the bucket is empty', async () => {
    answered(await buckets.deleteData(iTwinId, ['regions/pit.json']), 204)
    expect(answered(await buckets.listData(iTwinId), 200)).toEqual([])
  })
  test('getServiceFiles: 200 and an empty list', async () => {
    const value = FilesSchema.strict().parse(answered(await service.getServiceFiles(), 200))
    expect(value.files).toEqual([])
  })
})

describe('@itwin/reality-capture, jobs', () => {
  const outputNames = ['segmentedModel3DB', 'locations3DB', 'locations3DBAsGeoJSON', 'locations3DBAsSHP']
  const options = { growThreshold: 1, filterThreshold: 1.5, minPointsPerChange: 30 }
  let inputs: Record<string, string>
  let id: string
  let outputs: Record<string, string>
  let cancelledId: string

  /** Nothing is left out by the schema but `iTwinId`, which the wire has beside the `itwinId` of the package. */
  function checked(job: Job): Job {
    const { iTwinId: onTheWire, ...rest } = job as Job & { iTwinId?: string }
    expect([onTheWire, job.itwinId]).toEqual([iTwinId, iTwinId])
    expect(Object.keys(JobSchema.parse(job)).sort()).toEqual(Object.keys(rest).sort())
    return job
  }
  const submit = async (name: string) => {
    const specifications = { inputs, outputs: outputNames, options }
    const job = JobCreateSchema.parse({ name, type: JobType.CHANGE_DETECTION, iTwinId, specifications })
    return checked(answered(await service.submitJob(job), 201))
  }
  const progressOf = async (jobId: string) =>
    ProgressSchema.strict().parse(answered(await service.getJobProgress(jobId, ANALYSIS), 200))

  test('uploadData: two surveys go up', async () => {
    const ids: string[] = []
    for (const path of surveys) {
      const create = { displayName: 'survey', type: Type.LAS, iTwinId }
      ids.push(answered(await service.createRealityData(create), 201).id)
      answered(await handler.uploadData(ids.at(-1)!, path), 200)
    }
    inputs = { model3DA: ids[0]!, model3DB: ids[1]! }
  })
  test('submitJob: 201, and every output has its id at once', async () => {
    const job = await submit('March to April')
    id = job.id
    outputs = job.specifications.outputs as Record<string, string>
    expect([JobState.QUEUED, JobState.ACTIVE]).toContain(job.state)
    expect(job).toMatchObject({ name: 'March to April', specifications: { inputs, options } })
    expect(Object.keys(outputs)).toEqual(outputNames)
    for (const output of Object.values(outputs)) answered(await service.getRealityData(output), 200)
  })
  test('getJobProgress until the end: 200, a percentage that never falls, 100 at success alone', async () => {
    let before = 0
    for (;;) {
      const { state, percentage } = await progressOf(id)
      expect(percentage).toBeGreaterThanOrEqual(before)
      before = percentage
      expect([JobState.QUEUED, JobState.ACTIVE, JobState.SUCCESS]).toContain(state)
      expect(percentage === 100).toBe(state === JobState.SUCCESS)
      if (state === JobState.SUCCESS) return
      await sleep(50)
    }
  })
  test('getJob: 200, ended, with its processing units', async () => {
    const job = checked(answered(await service.getJob(id, ANALYSIS), 200))
    expect(job).toMatchObject({ id, state: JobState.SUCCESS, specifications: { inputs, outputs, options } })
    const { createdDateTime, startedDateTime, endedDateTime, processingUnits } = job.executionInfo
    expect(processingUnits).toBeGreaterThan(0)
    expect(new Date(createdDateTime).getTime()).toBeLessThanOrEqual(new Date(startedDateTime!).getTime())
    expect(new Date(startedDateTime!).getTime()).toBeLessThanOrEqual(new Date(endedDateTime!).getTime())
  })
  test('getJobMessages: 200, no errors, and a list of warnings', async () => {
    const messages = MessagesSchema.strict().parse(answered(await service.getJobMessages(id, ANALYSIS), 200))
    expect(messages.errors).toEqual([])
    expect(Array.isArray(messages.warnings)).toBe(true)
  })
  test.each([
    ['segmentedModel3DB', ['segmentedModel3DB.las']],
    ['locations3DB', ['ContextScene.json']],
    ['locations3DBAsGeoJSON', ['locations3DBAsGeoJSON.geojson']],
    ['locations3DBAsSHP', expect.arrayContaining([expect.stringMatching(/\.shp$/)])],
  ])('downloadData of the output %s: its files, none of them empty', async (output, files) => {
    const target = join(folder, output)
    answered(await handler.downloadData(outputs[output]!, target), 200)
    const names = (await readdir(target)).sort()
    expect(names).toEqual(files)
    for (const name of names) expect((await readFile(join(target, name))).length, name).toBeGreaterThan(0)
  })
  test('downloadData of the output locations3DBAsGeoJSON: the box that came, where it was put', async () => {
    const file = join(folder, 'locations3DBAsGeoJSON', 'locations3DBAsGeoJSON.geojson')
    const { features } = JSON.parse(await readFile(file, 'utf8'))
    expect(features.map((one: { properties: { label: string } }) => one.properties.label)).toEqual([
      'appeared',
    ])
  })
  test('cancelJob: 200 and the job, terminating or cancelled', async () => {
    cancelledId = (await submit('to be cancelled')).id
    const job = checked(answered(await service.cancelJob(cancelledId, ANALYSIS), 200))
    expect([JobState.TERMINATING_ON_CANCEL, JobState.CANCELLED]).toContain(job.state)
  })
  test('getJobProgress after a cancel: Cancelled in the end, below 100 %', async () => {
    let progress = await progressOf(cancelledId)
    while (progress.state !== JobState.CANCELLED) {
      expect(progress.state).toBe(JobState.TERMINATING_ON_CANCEL)
      await sleep(50)
      progress = await progressOf(cancelledId)
    }
    expect(progress.percentage).toBeLessThan(100)
  })
  test('cancelJob of a job that has ended: 422 and the reason', async () => {
    const response = await service.cancelJob(id, ANALYSIS)
    const error = refused(response, 422, 'InvalidRealityAnalysisRequest')
    expect(error.details).toMatchObject([{ code: 'InvalidChange' }])
  })
  test('getJobs: 200, the newest first, and no link on the last page', async () => {
    const value = answered(await service.getJobs(ANALYSIS, `iTwinId eq ${iTwinId}`), 200)
    expect(
      JobsSchema.strict()
        .parse(value)
        .jobs.map((job) => job.id),
    ).toEqual([cancelledId, id])
    expect(Object.keys(value)).toEqual(['jobs'])
  })
  test('getJobs by pages: 200 and a token that leads on', async () => {
    await service.cancelJob((await submit('the third')).id, ANALYSIS)
    const filter = `iTwinId eq ${iTwinId}`
    const first = JobsSchema.strict().parse(answered(await service.getJobs(ANALYSIS, filter, 2), 200))
    const token = new URL(first._links!.next.href).searchParams.get('continuationToken')!
    const last = JobsSchema.strict().parse(answered(await service.getJobs(ANALYSIS, filter, 2, token), 200))
    expect([first.jobs.length, last.jobs.map((job) => job.id), last._links]).toEqual([2, [id], undefined])
  })
  test('getJobs without a criterion: 422', async () => {
    refused(await service.getJobs(ANALYSIS, ''), 422, 'InvalidRealityAnalysisRequest')
  })
  test.each([
    ['getJob', 'JobNotFound'],
    ['getJobMessages', 'JobNotFound'],
    ['cancelJob', 'JobNotFound'],
    ['getJobProgress', 'JobProgressNotFound'],
  ] as const)('%s of no such id: 404 %s', async (method, code) => {
    refused(await service[method](randomUUID(), ANALYSIS), 404, code)
  })
  test('estimateCost: 404, an operation that the API has dropped', async () => {
    const specifications = { inputs, outputs: outputNames }
    const estimation = { type: JobType.CHANGE_DETECTION, specifications, costParameters: {} }
    const error = refused(await service.estimateCost(estimation as never), 404, 'NotFound')
    expect(error.message).toMatch(/\w/)
  })
})

describe('@itwin/reality-capture, job types that are not delivered', () => {
  test.each(Object.entries(analysisJobs))('submitJob of %s: 400, and it says so', async (type, asked) => {
    const job = JobCreateSchema.parse({ type, iTwinId, specifications: asked })
    const { details } = refused(await service.submitJob(job), 400, 'InvalidRealityAnalysisRequest')
    const message = `Job type '${type}' is not delivered by this service.`
    expect(details).toEqual([{ code: 'InvalidValue', message, target: 'type' }])
  })
  test.each(Object.entries(modelingJobs))('submitJob of %s: 404, another API', async (type, asked) => {
    const job = JobCreateSchema.parse({ type, iTwinId, specifications: asked })
    expect(refused(await service.submitJob(job), 404, 'NotFound').message).toMatch(/\w/)
  })
  test('getJobs of the modeling API: 404', async () => {
    refused(await service.getJobs(MODELING, `iTwinId eq ${iTwinId}`), 404, 'NotFound')
  })
  test('every job type of the package is among them, or delivered', () => {
    const types = [
      JobType.CHANGE_DETECTION,
      JobType.SEGMENTATION_3D,
      ...Object.keys(analysisJobs),
      ...Object.keys(modelingJobs),
    ]
    expect(types.sort()).toEqual(Object.values(JobType).sort())
  })
})

test('every public method of the package was called', () => {
  expect(methods).toHaveLength(42)
  expect([...called].sort()).toEqual(methods)
})

// `@itwin/reality-capture`, unmodified: its detectors, from creation over the upload to publishing, held to the schemas
// that the package publishes.
import { createHash, randomUUID } from 'node:crypto'
import { BlockBlobClient } from '@azure/storage-blob'
import { DetailedErrorResponseSchema, RealityCaptureService } from '@itwin/reality-capture'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'
// The entry of the package for Node leaves these out, that for browsers has them.
import {
  DetectorExport,
  DetectorResponseSchema,
  DetectorStatus,
  DetectorsMinimalResponseSchema,
  DetectorType,
  DetectorVersionWithLinksSchema,
} from '../../node_modules/@itwin/reality-capture/lib/cjs/service/detectors.js'

let cloud: RedirectedCloud
const service = new RealityCaptureService({ getAccessToken: async () => inject('authorization') })
const name = `@acme/cracks-${randomUUID().slice(0, 8)}`

beforeAll(() => {
  cloud = redirectCloud(inject('serviceUrl'))
})
afterAll(() => cloud?.restore())

const crack = { labels: ['crack'], exports: [DetectorExport.LINES] }

test('creates a detector with a scope, whose name goes out as one segment', async () => {
  const created = await service.createDetector({
    name,
    type: DetectorType.PHOTO_SEGMENTATION_DETECTOR,
    displayName: 'Cracks',
  })
  expect([created.error, created.status_code]).toEqual([null, 201])
  expect(DetectorResponseSchema.parse(created.value).detector).toMatchObject({
    name,
    displayName: 'Cracks',
    versions: [],
  })
  const got = await service.getDetector(name)
  expect(cloud.sent.at(-1)!.path).toBe(`/reality-analysis/detectors/${encodeURIComponent(name)}`)
  expect(DetectorResponseSchema.parse(got.value).detector.type).toBe(DetectorType.PHOTO_SEGMENTATION_DETECTOR)
  const updated = await service.updateDetector(name, {
    description: 'In concrete.',
    documentationUrl: 'https://example.org',
  })
  expect(updated.status_code).toBe(200)
  expect(DetectorResponseSchema.parse(updated.value).detector.description).toBe('In concrete.')
})

test('uploads a version with the storage SDK, completes it, and finds it ready to be downloaded', async () => {
  const created = await service.createDetectorVersion(name, { versionNumber: '1.0', capabilities: crack })
  expect([created.error, created.status_code]).toEqual([null, 201])
  const { version, _links } = DetectorVersionWithLinksSchema.parse(created.value)
  expect(version.status).toBe(DetectorStatus.AWAITING_DATA)
  expect(version.downloadUrl).toBeUndefined()

  const early = await service.completeDetectorVersionUpload(name, '1.0')
  expect(early.status_code).toBe(400)
  expect(DetailedErrorResponseSchema.parse(early.error).error.details).toHaveLength(1)

  const upload = new BlockBlobClient(_links.uploadUrl.href)
  await upload.uploadData(Buffer.from('this is no detector'))
  const bad = await service.completeDetectorVersionUpload(name, '1.0')
  expect(bad.error!.error.details![0]!.message).toContain('expected a zip archive or an ONNX model')
  const archive = detectorArchive()
  await upload.uploadData(archive)
  expect((await service.completeDetectorVersionUpload(name, '1.0')).status_code).toBe(204)

  const [ready] = DetectorResponseSchema.parse((await service.getDetector(name)).value).detector.versions
  expect(ready!.status).toBe(DetectorStatus.READY)
  const downloaded = await new BlockBlobClient(ready!.downloadUrl!).downloadToBuffer()
  const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  expect(hash(downloaded)).toBe(hash(archive))
})

test('a large file goes up in blocks', async () => {
  const created = await service.createDetectorVersion(name, { versionNumber: '1.1', capabilities: crack })
  const upload = new BlockBlobClient(created.value!._links.uploadUrl.href)
  await upload.uploadData(detectorArchive(), { blockSize: 256, maxSingleShotSize: 0, concurrency: 3 })
  expect((await service.completeDetectorVersionUpload(name, '1.1')).status_code).toBe(204)
})

test('lists with and without a filter', async () => {
  const all = DetectorsMinimalResponseSchema.parse((await service.getDetectors()).value)
  expect(all.detectors.find((one) => one.name === name)!.latestVersion).toBe('1.1')
  const filter = "exports in ('Polygons','Lines') and labels in ('crack')"
  const some = DetectorsMinimalResponseSchema.parse((await service.getDetectors(filter)).value)
  expect(some.detectors.map((one) => one.name)).toContain(name)
  const none = await service.getDetectors("not labels in ('crack') and exports eq 'Objects'")
  expect(none.value!.detectors.map((one) => one.name)).not.toContain(name)
  const wrong = await service.getDetectors('labels in crack')
  expect([wrong.status_code, DetailedErrorResponseSchema.parse(wrong.error).error.target]).toEqual([
    400,
    '$filter',
  ])
})

test('publishes and unpublishes, deletes a version, and then the detector', async () => {
  for (const action of ['publishDetectorVersion', 'unpublishDetectorVersion'] as const) {
    const answer = await service[action](name, '1.0')
    expect([answer.error, answer.status_code]).toEqual([null, 204])
  }
  expect((await service.deleteDetectorVersion(name, '1.1')).status_code).toBe(204)
  expect((await service.getDetector(name)).value!.detector.versions.map((one) => one.versionNumber)).toEqual([
    '1.0',
  ])
  expect((await service.deleteDetector(name)).status_code).toBe(204)
  const gone = await service.getDetector(name)
  expect([gone.status_code, DetailedErrorResponseSchema.parse(gone.error).error.code]).toEqual([
    404,
    'DetectorNotFound',
  ])
})

test('reads every refusal by the schema of errors that it publishes', async () => {
  const other = `cars-${randomUUID().slice(0, 8)}`
  const type = DetectorType.PHOTO_OBJECT_DETECTOR
  await service.createDetector({ name: other, type })
  await service.createDetectorVersion(other, { versionNumber: '1.0', capabilities: crack })
  const refusals = {
    'DetectorAlreadyExists 409': await service.createDetector({ name: other.toUpperCase(), type }),
    'DetectorVersionAlreadyExists 409': await service.createDetectorVersion(other, {
      versionNumber: '1.0',
      capabilities: crack,
    }),
    'InvalidRealityAnalysisRequest 400': await service.createDetectorVersion(other, {
      versionNumber: '1',
      capabilities: crack,
    }),
    'DetectorNotFound 404': await service.publishDetectorVersion(other, '2.0'),
  }
  for (const [expected, { status_code, error }] of Object.entries(refusals)) {
    expect(`${DetailedErrorResponseSchema.strict().parse(error).error.code} ${status_code}`).toBe(expected)
  }
})

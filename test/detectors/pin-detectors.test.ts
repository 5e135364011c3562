// What an input of a job means that is a detector, and what it is held to from then on.
import { createHash, randomUUID } from 'node:crypto'
import type { InputDeclaration } from '@alidade/contract'
import { defaultDetectorLimits } from '@alidade/jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  detectorArchive,
  labelsXml,
  manifest,
  metadataXml,
} from '../../packages/jobs/src/detector/detector.fixture.ts'
import { onnxModel } from '../../packages/jobs/src/detector/onnx.fixture.ts'
import {
  createPinDetectors,
  type PinDetectors,
} from '../../packages/server/src/http/detectors/pin-detectors.ts'
import { type DetectorServer, startDetectorServer } from './detector-server.ts'

let server: DetectorServer
let pinDetectors: PinDetectors
const declared: Record<string, InputDeclaration> = {
  photos: { accepts: ['CCImageCollection'], required: true, delivered: true, help: '' },
  photoSegmentationDetector: {
    ...{ kind: 'detector', accepts: ['ContextDetector'], required: true, delivered: true, help: '' },
  },
}
const pin = (realityDataId: string, org = 'acme') =>
  pinDetectors(org, declared, [
    { name: 'photos', realityDataId: 'any' },
    { name: 'photoSegmentationDetector', realityDataId },
  ])
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

const base = '/reality-analysis/detectors'
const archives = { '1.0': detectorArchive(), '2.0': detectorArchive({ 'x-note': 'second' }) }

beforeAll(async () => {
  server = await startDetectorServer()
  const { detectors, realityData, blobs } = server
  pinDetectors = createPinDetectors({ detectors, realityData, blobs, limits: defaultDetectorLimits })
  for (const [name, type] of Object.entries({
    '@acme/cracks': 'PhotoSegmentationDetector',
    awaiting: 'PhotoSegmentationDetector',
    cars: 'PhotoObjectDetector',
  })) {
    await server.ask('POST', base, { body: { name, type } })
    const version = { versionNumber: '3.0', capabilities: { labels: [], exports: [] } }
    await server.ask('POST', `${base}/${encodeURIComponent(name)}/versions`, { body: version })
  }
  for (const [versionNumber, archive] of Object.entries(archives)) {
    const path = `${base}/%40acme%2Fcracks/versions`
    const body = { versionNumber, capabilities: { labels: ['crack'], exports: [] } }
    const { json } = await server.ask('POST', path, { body })
    await server.upload(json._links.uploadUrl.href, archive)
    expect((await server.ask('POST', `${path}/${versionNumber}/complete`)).status).toBe(204)
  }
})
afterAll(() => server.stop())

test('a name means the highest version that is ready, and is pinned with its number and hash', async () => {
  const { inputs, faults } = await pin('@acme/cracks')
  expect(faults).toEqual([])
  const { id } = (await server.detectors.find('acme', '@acme/cracks'))!.versions[1]!
  expect(inputs).toEqual([
    { name: 'photos', realityDataId: 'any' },
    {
      name: 'photoSegmentationDetector',
      realityDataId: '@acme/cracks',
      detector: {
        library: { name: '@acme/cracks', version: '2.0', versionId: id },
        sha256: sha256(archives['2.0']),
      },
    },
  ])
})

test('a name with a version means that one, in any letter case', async () => {
  const { inputs } = await pin('@ACME/Cracks/1.0')
  expect(inputs[1]!.detector).toMatchObject({
    library: { name: '@acme/cracks', version: '1.0' },
    sha256: sha256(archives['1.0']),
  })
})

test('what is pinned stays, also when a newer version is there', async () => {
  const { inputs } = await pin('@acme/cracks/1.0')
  const renamed = inputs.map((input) => ({ ...input, realityDataId: '@acme/cracks' }))
  expect((await pinDetectors('acme', declared, renamed)).inputs).toEqual(renamed)
})

test.each([
  ['unknown', "refers to detector 'unknown', which does not exist."],
  ['@acme/cracks/9.9', "refers to detector '@acme/cracks/9.9', which does not exist."],
  ['@acme/cracks/3.0', "refers to detector '@acme/cracks/3.0', which still awaits its file."],
  ['awaiting', "refers to detector 'awaiting', of which no version is ready."],
  ['cars', "needs a PhotoSegmentationDetector; detector 'cars' is a PhotoObjectDetector."],
  ['@acme/cracks/1', 'must be the id of a reality data, or a detector such as'],
  ['@acme/cracks/01.0', 'must be the id of a reality data, or a detector such as'],
  ['@acme/cracks/1.0/2', 'must be the id of a reality data, or a detector such as'],
  ['../../etc', 'must be the id of a reality data, or a detector such as'],
  ['', 'must be the id of a reality data, or a detector such as'],
])("the detector '%s' is refused with its reason", async (identifier, problem) => {
  const { inputs, faults } = await pin(identifier)
  expect(faults).toEqual([{ index: 1, message: expect.stringContaining(problem) }])
  expect(faults[0]!.message).toMatch(/^Input 'photoSegmentationDetector' /)
  expect(inputs).toEqual([{ name: 'photos', realityDataId: 'any' }])
})

test('a detector of another tenant is one that does not exist, until it is published', async () => {
  const refused = await pin('@acme/cracks', 'other')
  const unknown = await pin('@acme/never', 'other')
  expect(refused.faults[0]!.message).toBe(unknown.faults[0]!.message.replace('never', 'cracks'))
  await server.ask('POST', `${base}/%40acme%2Fcracks/versions/1.0/publish`)
  expect((await pin('@acme/cracks', 'other')).inputs[1]!.detector).toMatchObject({
    library: { version: '1.0' },
  })
  expect((await pin('@acme/cracks/2.0', 'other')).faults).toHaveLength(1)
  await server.ask('POST', `${base}/%40acme%2Fcracks/versions/1.0/unpublish`)
})

async function realityDataWith(files: Record<string, string | Uint8Array>, type = 'ContextDetector') {
  const owner = { org: 'acme', userId: 'ada' }
  const { id } = await server.realityData.create(owner, undefined, { displayName: 'a detector', type })
  for (const [name, data] of Object.entries(files)) {
    const body = (async function* () {
      yield Buffer.from(data as string)
    })()
    await server.blobs.putBlob({ id, attempt: 0 }, name, body)
  }
  return id
}

test('a reality data is pinned with the hash of its names and files', async () => {
  const files = { 'labels.xml': labelsXml, 'metadata.xml': metadataXml, 'model.onnx': onnxModel() }
  const id = await realityDataWith(files)
  const { inputs, faults } = await pin(id)
  expect(faults).toEqual([])
  const list = Object.entries(files).map(([name, data]) => `${sha256(data)}  ${name}\n`)
  expect(inputs[1]!.detector).toEqual({ sha256: sha256(list.join('')) })
  await server.blobs.delete({ id, attempt: 0 }, 'labels.xml')
  expect((await pin(id)).faults[0]!.message).toContain(
    'expected alidade-detector.json, or metadata.xml and labels.xml',
  )
})

test('a reality data is refused that is none, of another type or tenant, or without a detector in it', async () => {
  const files = { 'alidade-detector.json': JSON.stringify(manifest), 'model.onnx': onnxModel() }
  const problem = async (id: string, org?: string) =>
    (await pin(id, org)).faults.map(({ message }) => message).join()
  const missing = randomUUID()
  expect(await problem(missing)).toContain(`refers to ${missing}, which does not exist.`)
  const id = await realityDataWith(files)
  expect(await problem(id)).toBe('')
  expect(await problem(id, 'other')).toContain(`refers to ${id}, which does not exist.`)
  const scene = await realityDataWith(files, 'ContextScene')
  expect(await problem(scene)).toContain(
    `accepts ContextDetector; reality data ${scene} is of type 'ContextScene'.`,
  )
  expect(await problem(await realityDataWith({}))).toContain('which is no detector: files: expected')
  const bad = await realityDataWith({ ...files, 'model.onnx': 'x' })
  expect(await problem(bad)).toContain(`refers to ${bad}, which is no detector: model.onnx`)
})

test('a job keeps what its detector was pinned to', async () => {
  const iTwinId = randomUUID()
  await server.realityData.claimITwin('acme', iTwinId)
  const { inputs } = await pin('@acme/cracks')
  const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'sdk' }
  const settings = { name: 'job', inputs, outputs: ['objects3D'], options: {}, optionsSent: undefined }
  const { id } = await server.jobs.create(owner, iTwinId, {
    ...{ type: 'changeDetection', costParameters: undefined, ...settings },
  })
  expect((await server.jobs.get('acme', id))!.inputs[1]!.detector).toEqual(inputs[1]!.detector)
})

// Jobs of v1 with an input that is a detector of images, for which no job type is delivered yet: here the first survey of a change
// detection is taken for one, and everything else is as it is. Detectors of point clouds are tried with jobs that run them, in
// test/e2e/onnx-clouds.ts.
import { randomUUID } from 'node:crypto'
import type { InputDeclaration } from '@alidade/contract'
import { defaultDetectorLimits } from '@alidade/jobs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { labelsXml, metadataXml } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { onnxModel } from '../../packages/jobs/src/detector/onnx.fixture.ts'
import {
  createPinDetectors,
  type PinDetectors,
} from '../../packages/server/src/http/detectors/pin-detectors.ts'
import { type DetectorServer, startDetectorServer } from './detector-server.ts'

const [standIn, detector] = ['modelA', 'photoSegmentationDetector']
const declared: Record<string, InputDeclaration> = {
  [detector]: { kind: 'detector', accepts: ['ContextDetector'], required: true, delivered: true, help: '' },
}
let server: DetectorServer
let pin: PinDetectors
const iTwinId = randomUUID()

beforeAll(async () => {
  server = await startDetectorServer({
    pinDetectors: async (org, _, inputs) => {
      const rename = (from: string, to: string, names: typeof inputs) =>
        names.map((input) => (input.name === from ? { ...input, name: to } : input))
      const pinned = await pin(org, declared, rename(standIn, detector, inputs))
      return { ...pinned, inputs: rename(detector, standIn, pinned.inputs) }
    },
  })
  const { detectors, realityData, blobs } = server
  pin = createPinDetectors({ detectors, realityData, blobs, limits: defaultDetectorLimits })
})
afterAll(() => server.stop())

async function put(id: string, name: string, data: string | Uint8Array) {
  const body = (async function* () {
    yield Buffer.from(data as string)
  })()
  await server.blobs.putBlob({ id, attempt: 0 }, name, body)
}

async function realityData(type: string, files: Record<string, string | Uint8Array> = {}) {
  const { id } = await server.realityData.create({ org: 'acme', userId: 'ada' }, undefined, {
    displayName: type,
    type,
  })
  for (const [name, data] of Object.entries(files)) await put(id, name, data)
  return id
}

const files = { 'labels.xml': labelsXml, 'metadata.xml': metadataXml, 'model.onnx': onnxModel() }
const inputsOf = (first: string, second: string) => [
  { type: 'pointClouds1', id: first },
  { type: 'pointClouds2', id: second },
]
const create = (inputs: object[]) =>
  server.ask('POST', '/realitydataanalysis/jobs', {
    body: { type: 'changeDetection', name: 'a job', iTwinId, inputs, outputs: ['objects3D'] },
  })
const pinOf = async (jobId: string) => (await server.jobs.get('acme', jobId))!.inputs[0]!.detector

test('a job is not created with a detector that there is not', async () => {
  const [missing, cloud] = [randomUUID(), await realityData('LAZ')]
  const answer = await create(inputsOf(missing, cloud))
  const message = `Input 'photoSegmentationDetector' refers to ${missing}, which does not exist.`
  const fault = { code: 'InvalidValue', message, target: 'inputs[0].id' }
  expect([answer.status, answer.json.error]).toEqual([
    422,
    {
      ...{ code: 'InvalidRealityDataAnalysisRequest', message: 'Cannot create job.', target: 'inputs[0].id' },
      details: [fault],
    },
  ])
})

test('a job is pinned when it is created, shows its input as it was named, and keeps the pin through later changes', async () => {
  const [id, cloud] = [await realityData('ContextDetector', files), await realityData('LAZ')]
  const created = await create(inputsOf(id, cloud))
  expect(created.status, created.text).toBe(201)
  const { job } = created.json
  expect(job.inputs).toEqual(inputsOf(id, cloud))
  const pinned = await pinOf(job.id)
  expect(pinned).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })

  await put(id, 'labels.xml', labelsXml.replace('rust', 'moss'))
  const path = `/realitydataanalysis/jobs/${job.id}`
  expect((await server.ask('PATCH', path, { body: { options: { minPoints: 50 } } })).status).toBe(200)
  expect(await pinOf(job.id)).toEqual(pinned)
  const again = await create(inputsOf(id, cloud))
  expect(await pinOf(again.json.job.id)).not.toEqual(pinned)
})

test('another detector is pinned anew, and refused where it will not do', async () => {
  const cloud = await realityData('LAZ')
  const { job } = (await create(inputsOf(await realityData('ContextDetector', files), cloud))).json
  const before = await pinOf(job.id)
  const change = (first: string) =>
    server.ask('PATCH', `/realitydataanalysis/jobs/${job.id}`, { body: { inputs: inputsOf(first, cloud) } })
  const bad = await realityData('ContextDetector', { ...files, 'model.onnx': 'no model' })
  const refused = await change(bad)
  expect([refused.status, refused.json.error.details[0].target]).toEqual([422, 'inputs[0].id'])
  expect(refused.json.error.details[0].message).toContain('which is no detector: model.onnx')
  expect(await pinOf(job.id)).toEqual(before)
  const other = await realityData('ContextDetector', {
    ...files,
    'labels.xml': labelsXml.replace('rust', 'moss'),
  })
  expect((await change(other)).status).toBe(200)
  expect(await pinOf(job.id)).not.toEqual(before)
})

test('submitting again what was submitted with its settings is answered with the job', async () => {
  const [id, cloud] = [await realityData('ContextDetector', files), await realityData('LAZ')]
  const { job } = (await create(inputsOf(id, cloud))).json
  expect((await server.jobs.submit('acme', job.id, []))!).toMatchObject({ changed: true })
  const body = { state: 'active', inputs: inputsOf(id, cloud) }
  expect((await server.ask('PATCH', `/realitydataanalysis/jobs/${job.id}`, { body })).status).toBe(200)
})

// A v2 job and its reality data by the recorded Python client: every request as it makes it, and what its models demand.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ContainerClient } from '@azure/storage-blob'
import { beforeAll, expect, inject, test } from 'vitest'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { redirectCloud } from './cloud-host.ts'
import {
  readContinuationToken,
  readJob,
  readMessages,
  readProgress,
  readRealityData,
  sendAsPythonV2,
} from './recorded-python-v2.ts'

const iTwinId = randomUUID()
const realityData = 'reality-management/reality-data/'
const send = sendAsPythonV2.bind(undefined, inject('authorization'))
let surveys: [string, string]
let inputs: Record<string, string>
let jobId: string
let outputs: Record<string, string>

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-clients-'))
  const cloud = redirectCloud(inject('serviceUrl'))
  surveys = (await writeTwoEpochs(folder, 30_000)).paths
  return async () => {
    cloud.restore()
    await rm(folder, { recursive: true, force: true })
  }
})

test('reality data is created by a path with a slash at its end, and filled by the storage SDK', async () => {
  const ids: string[] = []
  for (const path of surveys) {
    const body = { iTwinId, displayName: 'survey', type: 'LAS' }
    const created = await send('POST', realityData, { body })
    expect(created.status).toBe(201)
    const { id } = readRealityData(created.json)
    const access = await send('GET', `${realityData}${id}/writeaccess`)
    const container = new ContainerClient(access.json._links.containerUrl.href)
    await container.getBlockBlobClient('survey.las').uploadData(await readFile(path), {
      ...{ blockSize: 256 * 1024, maxSingleShotSize: 0, concurrency: 16 },
    })
    expect(readRealityData((await send('GET', realityData + id)).json).size).toBeGreaterThan(0)
    ids.push(id)
  }
  inputs = { model3DA: ids[0]!, model3DB: ids[1]! }
})

test('reality data is updated, listed by `itwinId` and read within its iTwin', async () => {
  const updated = await send('PATCH', realityData + inputs.model3DA, { body: { description: 'March' } })
  expect([updated.status, updated.json.realityData.description]).toEqual([200, 'March'])
  const query = { itwinId: iTwinId, $top: '1' }
  const first = await send('GET', realityData, { query, prefer: 'return=minimal' })
  const continuationToken = readContinuationToken(first.json)!
  const rest = { query: { itwinId: iTwinId, continuationToken }, prefer: 'return=representation' }
  const second = await send('GET', realityData, rest)
  expect(readContinuationToken(second.json)).toBeUndefined()
  const listed = [...first.json.realityData, ...second.json.realityData].map(({ id }) => id)
  expect(listed.sort()).toEqual(Object.values(inputs).sort())
  for (const access of ['readaccess', 'writeaccess']) {
    const path = `${realityData}${inputs.model3DA}/${access}?iTwinId=${iTwinId}`
    expect((await send('GET', path, { prefer: 'return=representation' })).status).toBe(200)
  }
})

test('a job is submitted with explicit nulls, which mean absent and do not come back', async () => {
  const { status, json } = await send('POST', 'reality-analysis/jobs', {
    body: {
      ...{ name: null, type: 'ChangeDetection', iTwinId },
      specifications: {
        inputs: { ...inputs, extent: null, preset: null },
        outputs: ['segmentedModel3DB'],
        options: {
          ...{ minPointsPerChange: 30, growThreshold: 1.0, filterThreshold: 1.5 },
          samplingResolution: null,
        },
      },
    },
  })
  expect(status).toBe(201)
  expect(JSON.stringify(json)).not.toContain('null')
  const job = readJob(json.job)
  expect(job).toMatchObject({ type: 'ChangeDetection', iTwinId, inputs })
  expect(job.options).toEqual({ minPointsPerChange: 30, growThreshold: 1, filterThreshold: 1.5 })
  expect(Object.keys(job.outputs)).toEqual(['segmentedModel3DB'])
  jobId = job.id
  outputs = job.outputs
})

test('options that are null altogether are left out', async () => {
  const specifications = { inputs, outputs: ['segmentedModel3DB'], options: null }
  const body = { name: 'defaults', type: 'ChangeDetection', iTwinId, specifications }
  const { status, json } = await send('POST', 'reality-analysis/jobs', { body })
  expect([status, readJob(json.job).options]).toEqual([201, undefined])
  expect((await send('DELETE', `reality-analysis/jobs/${json.job.id}`)).status).toBe(200)
})

test('progress is read until the end, and then the messages and the job', async () => {
  let progress = readProgress((await send('GET', `reality-analysis/jobs/${jobId}/progress`)).json)
  while (progress.state !== 'Success') {
    expect(['Queued', 'Active']).toContain(progress.state)
    await sleep(50)
    progress = readProgress((await send('GET', `reality-analysis/jobs/${jobId}/progress`)).json)
  }
  expect(progress.percentage).toBe(100)
  const messages = await send('GET', `reality-analysis/jobs/${jobId}/messages`)
  expect(readMessages(messages.json).errors).toEqual([])
  const job = readJob((await send('GET', `reality-analysis/jobs/${jobId}`)).json.job)
  expect(job).toMatchObject({ state: 'Success', outputs })
  expect(job.processingUnits).toBeGreaterThan(0)
  expect(job.endedDateTime!.getTime()).toBeGreaterThanOrEqual(job.startedDateTime!.getTime())
})

test('a result is downloaded from its reality data', async () => {
  const access = await send('GET', `${realityData}${outputs.segmentedModel3DB}/readaccess`)
  const container = new ContainerClient(access.json._links.containerUrl.href)
  const bytes = await container.getBlobClient('segmentedModel3DB.las').downloadToBuffer()
  expect(bytes.subarray(0, 4).toString('latin1')).toBe('LASF')
})

test('jobs are listed by a filter with `+` for spaces', async () => {
  const query = { $filter: `iTwinId eq ${iTwinId} and state eq 'Success'`, $top: '2' }
  const { status, json } = await send('GET', 'reality-analysis/jobs', { query })
  expect(status).toBe(200)
  expect(json.jobs.map((job: unknown) => readJob(job).id)).toEqual([jobId])
  expect(readContinuationToken(json)).toBeUndefined()
})

test('a job is cancelled by DELETE, which answers 200 and the job', async () => {
  const specifications = { inputs, outputs: ['locations3DB'] }
  const body = { name: 'to be cancelled', type: 'ChangeDetection', iTwinId, specifications }
  const { id } = readJob((await send('POST', 'reality-analysis/jobs', { body })).json.job)
  const { status, json } = await send('DELETE', `reality-analysis/jobs/${id}`)
  expect(status).toBe(200)
  expect(['TerminatingOnCancel', 'Cancelled']).toContain(readJob(json.job).state)
})

test('detectors are created with nulls, filtered by a form-encoded filter, and deleted', async () => {
  const name = `@acme/python-${randomUUID().slice(0, 8)}`
  const path = `reality-analysis/detectors/${encodeURIComponent(name)}`
  const type = 'PhotoSegmentationDetector'
  const body = { name, type, displayName: null, description: null, documentationUrl: null }
  const created = await send('POST', 'reality-analysis/detectors', { body })
  expect([created.status, created.json.detector.versions]).toEqual([201, []])
  expect(JSON.stringify(created.json)).not.toContain('null')
  const version = { versionNumber: '1.0', capabilities: { labels: ['crack'], exports: ['Lines'] } }
  const uploaded = await send('POST', `${path}/versions`, { body: version })
  expect([uploaded.status, uploaded.json.version.status]).toEqual([201, 'AwaitingData'])
  const $filter = "exports in ('Polygons', 'Lines') and labels in ('no such label')"
  const filtered = await send('GET', 'reality-analysis/detectors', { query: { $filter } })
  expect(filtered).toMatchObject({ status: 200, json: { detectors: [] } })
  expect((await send('DELETE', `${path}/versions/1.0`)).status).toBe(204)
  expect((await send('DELETE', path)).status).toBe(204)
})

test('the bucket and the files are got from the paths of the modeling API', async () => {
  const bucket = await send('GET', `reality-modeling/itwins/${iTwinId}/bucket`)
  expect(bucket).toMatchObject({ status: 200, json: { bucket: { iTwinId } } })
  expect(bucket.json._links.containerUrl.href).toContain(`bucket-${iTwinId}`)
  expect(await send('GET', 'reality-modeling/files')).toEqual({ status: 200, json: { files: [] } })
})

test('reality data is moved with the iTwin in the body, and deleted', async () => {
  const body = { iTwinId: randomUUID(), displayName: 'moving', type: 'LAS' }
  const { id } = readRealityData((await send('POST', realityData, { body })).json)
  expect((await send('PATCH', `${realityData}${id}/move`, { body: { iTwinId } })).status).toBe(204)
  expect((await send('DELETE', realityData + id)).status).toBe(204)
  const { status, json } = await send('GET', realityData + id)
  expect([status, json.error.code]).toEqual([404, 'RealityDataNotFound'])
})

// The real command with its uploads and results in an account: clients and runners work on it, by the account's own URLs.
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import type { Client } from '../../packages/client/src/index.ts'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { type ServiceProcess, startServiceProcess } from '../e2e/service-process.ts'
import { clientOf, createChangeJob, resultHash } from '../e2e/survey-job.ts'
import { writeTwoEpochs } from '../e2e/two-epochs.ts'
import { processesIn } from '../engine/processes.ts'
import { hashOf, resultsBySdk, uploadBySdk } from './surveys-in-azure.ts'

const often = { intervalsSeconds: [0.05] }
const iTwinId = randomUUID()

let service: ServiceProcess
let client: Client
let folder: string
let inputs: string[]
let hash: string
let jobId: string

/** Names of the containers that hold anything of these reality data. */
async function containersOf(ids: readonly string[]): Promise<string[]> {
  const names: string[] = []
  const account = BlobServiceClient.fromConnectionString(inject('connectionString'))
  for await (const { name } of account.listContainers())
    if (ids.some((id) => name.endsWith(id))) names.push(name)
  return names.sort()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-scene-'))
  const account = ['--blob-connection-string', inject('connectionString')]
  service = await startServiceProcess('--threads', '1', '--log-level', 'trace', ...account)
  client = await clientOf(service)
  inputs = await uploadBySdk(client, iTwinId, (await writeTwoEpochs(folder, 60_000)).paths)
})
afterAll(async () => {
  await service?.remove()
  await rm(folder, { recursive: true, force: true })
})

describe('a service on an account of Azure Blob Storage', () => {
  test('takes uploads of the storage SDK, computes, and its results are read by URLs of the account', async () => {
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
    const writable = new URL(await client.realityData.writeAccess(inputs[0]!))
    expect(`${writable.origin}${writable.pathname}`).toBe(`${inject('azuriteUrl')}/${inputs[0]}`)
    const sizeKilobytes = async () => (await client.realityData.get(inputs[0]!)).size
    await expect.poll(sizeKilobytes).toBe(Math.ceil((await stat(join(folder, 'epoch1.las'))).size / 1024))

    jobId = await createChangeJob(client, iTwinId, inputs)
    const outputs = (await client.jobs.get(jobId)).outputs.map(({ id }) => id)
    const early = new ContainerClient(await client.realityData.readAccess(outputs[0]!))
    expect((await early.listBlobsFlat().next()).done).toBe(true)
    await client.jobs.submit(jobId)
    expect(await client.waitForJob(jobId, often)).toMatchObject({ state: 'success', percentage: 100 })

    const files = await resultsBySdk(client, jobId)
    expect([...files.keys()].sort()).toEqual([
      'exportedLocations3DGeoJSON/exportedLocations3DGeoJSON.geojson',
      'objects3D/ContextScene.json',
    ])
    hash = hashOf(files)
    expect(await resultHash(client, jobId)).toBe(hash)
    for (const { type, id } of (await client.jobs.get(jobId)).outputs) {
      const [, bytes] = [...files].find(([name]) => name.startsWith(`${type}/`))!
      expect(await client.realityData.get(id)).toMatchObject({ size: Math.ceil(bytes.length / 1024) })
      const { pathname, searchParams } = new URL(await client.realityData.readAccess(id))
      expect([pathname.split('/').at(-1), searchParams.get('sp')]).toEqual([`1-${id}`, 'rl'])
    }
    expect(await readdir(join(service.dataDir))).not.toContain('blobs')
  })

  test('kill -9 of the runner: the next attempt gives the same files, and nothing is left of the lost one', async () => {
    const killedId = await createChangeJob(client, iTwinId, inputs)
    await client.jobs.submit(killedId)
    await expect
      .poll(() => client.jobs.progress(killedId), { interval: 10, timeout: 30_000 })
      .toMatchObject({ step: 'Compare_Clouds' })
    const [runner] = await processesIn(join(service.dataDir, 'scratch'))
    process.kill(runner!, 'SIGKILL')
    expect(await client.waitForJob(killedId, often)).toMatchObject({ state: 'success' })
    expect(hashOf(await resultsBySdk(client, killedId))).toBe(hash)
    const outputs = (await client.jobs.get(killedId)).outputs.map(({ id }) => id)
    expect(await containersOf(outputs)).toEqual(outputs.map((id) => `2-${id}`).sort())
  })

  test('a deleted reality data takes its container along, and its URL opens nothing any more', async () => {
    const { id } = await client.realityData.create({ displayName: 'short', type: 'LAS', iTwinId })
    const container = new ContainerClient(await client.realityData.writeAccess(id))
    await container.getBlockBlobClient('a.las').upload('bytes', 5)
    expect(await containersOf([id])).toEqual([id])
    await client.realityData.delete(id)
    expect(await containersOf([id])).toEqual([])
    await expect(container.getBlockBlobClient('b.las').upload('bytes', 5)).rejects.toMatchObject({
      statusCode: 404,
    })
  })

  test('a URL to read does not write, and one for a container opens no other', async () => {
    const [mine, other] = inputs as [string, string]
    const readable = new URL(await client.realityData.readAccess(mine))
    const put = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: 'x' }
    const at = (id: string) => `${inject('azuriteUrl')}/${id}/new.las${readable.search}`
    expect((await fetch(at(mine), put)).status).toBe(403)
    expect((await fetch(at(other), put)).status).toBe(403)
    const listing = `${inject('azuriteUrl')}/${other}${readable.search}&restype=container&comp=list`
    expect((await fetch(listing)).status).toBe(403)
  })

  test('a detector is uploaded by its own URL, looked into, and kept in the account', async () => {
    const headers = { authorization: `Bearer ${await service.token()}`, 'content-type': 'application/json' }
    const ask = async (path: string, body: object) => {
      const url = `${service.url}/reality-analysis/detectors${path}`
      return await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    }
    const detector = encodeURIComponent('@acme/cracks')
    await ask('', { name: '@acme/cracks', type: 'PhotoSegmentationDetector' })
    const capabilities = { labels: ['crack'], exports: ['Lines'] }
    const version = await ask(`/${detector}/versions`, { versionNumber: '1.0', capabilities })
    const { _links } = (await version.json()) as { _links: { uploadUrl: { href: string } } }
    const uploadUrl = new URL(_links.uploadUrl.href)
    expect(uploadUrl.origin).toBe(service.url)
    const upload = { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body: detectorArchive() }
    expect((await fetch(uploadUrl, upload)).status).toBe(201)
    expect((await ask(`/${detector}/versions/1.0/complete`, {})).status).toBe(204)
    const id = uploadUrl.pathname.split('/')[2]!
    expect(await containersOf([id])).toEqual([`1-${id}`])
  })

  test('neither the key of the account nor a signature is in the log, at its most talkative', async () => {
    const key = /AccountKey=([^;]+)/.exec(inject('connectionString'))![1]!
    const log = service.log()
    expect(log.length).toBeGreaterThan(10_000)
    expect(log).not.toContain(key)
    expect(log).not.toMatch(/SharedKey |sig=(?!\*\*\*)/)
  })
})

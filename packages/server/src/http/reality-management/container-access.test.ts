import { randomUUID } from 'node:crypto'
import { createRealityData, getReadAccess, getRealityData, getWriteAccess } from '@alidade/contract'
import { ContainerClient, type RestError } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from './reality-management-test-server.ts'

let server: RealityManagementTestServer
beforeAll(async () => {
  server = await startRealityManagementTestServer()
})
afterAll(() => server.stop())

const create = async () =>
  (await server.ask(createRealityData, { body: { displayName: 'Quarry', type: 'LAZ' } })).json.realityData
    .id as string
const container = async (operation: typeof getReadAccess | typeof getWriteAccess, realityDataId: string) => {
  const { json } = await server.ask(operation, { params: { realityDataId } })
  return new ContainerClient(json._links.containerUrl.href)
}
const listed = async (client: ContainerClient) => {
  const names: string[] = []
  for await (const blob of client.listBlobsFlat()) names.push(blob.name)
  return names
}
const statusOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: RestError) => error.statusCode,
  )

async function jobWithOutput() {
  const iTwinId = randomUUID()
  await server.realityData.claimITwin('acme', iTwinId)
  const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'c' }
  const job = await server.jobs.create(owner, iTwinId, {
    type: 'changeDetection',
    name: 'Quarry',
    inputs: [{ name: 'modelA', realityDataId: await create() }],
    outputs: ['objects3D'],
    options: {},
    optionsSent: undefined,
    costParameters: undefined,
  })
  return { jobId: job.id, output: job.outputs[0]!.realityDataId }
}

test('the answers are those that clients know, with the reality data id as the container', async () => {
  const id = await create()
  for (const [operation, access, permissions] of [
    [getReadAccess, 'Read', 'rl'],
    [getWriteAccess, 'Write', 'racwdl'],
  ] as const) {
    const { status, json } = await server.ask(operation, { params: { realityDataId: id.toUpperCase() } })
    expect(status).toBe(200)
    expect(json).toEqual({
      type: 'AzureBlobSasUrl',
      access,
      _links: { containerUrl: { href: expect.any(String) } },
    })
    const url = new URL(json._links.containerUrl.href)
    expect(`${url.origin}${url.pathname}`).toBe(`${server.url}/alidade-blobs/${id}`)
    expect(url.searchParams.get('sp')).toBe(permissions)
    expect(Date.parse(url.searchParams.get('se')!) - server.clock.now.getTime()).toBe(60 * 60 * 1000)
  }
})

test('a storage SDK uploads, lists, reads and deletes through a write URL, and a read URL does not write', async () => {
  const id = await create()
  const [reading, writing] = [await container(getReadAccess, id), await container(getWriteAccess, id)]
  const bytes = new TextEncoder().encode('the points'.repeat(1000))
  await writing.getBlockBlobClient('a folder/Grüße.laz').uploadData(bytes)
  expect(await listed(reading)).toEqual(['a folder/Grüße.laz'])
  expect(await reading.getBlobClient('a folder/Grüße.laz').downloadToBuffer()).toEqual(Buffer.from(bytes))
  const size = async () =>
    (await server.ask(getRealityData, { params: { realityDataId: id } })).json.realityData.size
  expect(await size()).toBe(10)

  const forbidden = reading.getBlockBlobClient('b')
  expect(await statusOf(forbidden.upload(bytes, bytes.length))).toBe(403)
  expect(await statusOf(reading.deleteBlob('a folder/Grüße.laz'))).toBe(403)
  expect(await listed(writing)).toEqual(['a folder/Grüße.laz'])
  await writing.deleteBlob('a folder/Grüße.laz')
  expect(await listed(reading)).toEqual([])
  expect(await size()).toBe(0)
})

test('a container URL opens no other container, and ends with the hour and with the reality data', async () => {
  const [id, other] = [await create(), await create()]
  const { json } = await server.ask(getWriteAccess, { params: { realityDataId: id } })
  const { href } = json._links.containerUrl
  expect(await statusOf(listed(new ContainerClient(href.replace(id, other))))).toBe(403)
  const issued = server.clock.now
  server.clock.now = new Date(issued.getTime() + 60 * 60 * 1000)
  expect(await statusOf(listed(new ContainerClient(href)))).toBe(403)
  server.clock.now = issued
  expect(await statusOf(listed(new ContainerClient(href)))).toBe('done')
  await server.realityData.delete('acme', id)
  expect(await statusOf(listed(new ContainerClient(href)))).toBe(404)
})

test('asking for read access is remembered as the last access, asking for anything else is not', async () => {
  const id = await create()
  const params = { realityDataId: id }
  const lastAccess = async () =>
    (await server.ask(getRealityData, { params })).json.realityData.lastAccessedDateTime
  const created = await lastAccess()
  server.clock.now = new Date(server.clock.now.getTime() + 120_000)
  await server.ask(getWriteAccess, { params })
  expect(await lastAccess()).toBe(created)
  await server.ask(getReadAccess, { params, query: { iTwinId: randomUUID() } })
  expect(await lastAccess()).toBe(created)
  await server.ask(getReadAccess, { params })
  expect(Date.parse(await lastAccess())).toBe(server.clock.now.getTime())
})

test('the output of a job is read as empty until the job succeeds, and never written to by clients', async () => {
  const { jobId, output } = await jobWithOutput()
  const refused = await server.ask(getWriteAccess, { params: { realityDataId: output } })
  expect(refused.status).toBe(422)
  expect(refused.json.error.details).toEqual([
    {
      code: 'InvalidChange',
      message: `The reality data is an output of the job ${jobId} and cannot be written to.`,
    },
  ])
  await server.jobs.submit('acme', jobId, [])
  await server.jobs.claim('agent')
  const bytes = new TextEncoder().encode('{}')
  await server.blobs.putBlob({ id: output, attempt: 1 }, 'ContextScene.json', one(bytes))
  const reading = await container(getReadAccess, output)
  expect(await listed(reading)).toEqual([])
  await server.jobs.succeed({ jobId, attempt: 1 }, { processingUnits: 0 })
  expect(await listed(reading)).toEqual(['ContextScene.json'])
  const found = await server.ask(getRealityData, { params: { realityDataId: output } })
  expect(found.json.realityData.size).toBe(1)
})

async function* one(bytes: Uint8Array) {
  yield bytes
}

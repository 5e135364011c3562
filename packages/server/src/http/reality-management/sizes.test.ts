// The size of a reality data, against the bytes that can be read of it.
import { randomUUID } from 'node:crypto'
import {
  createRealityData,
  deleteRealityData,
  getRealityData,
  getWriteAccess,
  listRealityData,
} from '@alidade/contract'
import { ContainerClient } from '@azure/storage-blob'
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

const iTwinId = randomUUID()
async function newContainer() {
  const body = { displayName: 'Quarry', type: 'LAS', iTwinId }
  const { json } = await server.ask(createRealityData, { body })
  const id: string = json.realityData.id
  const access = await server.ask(getWriteAccess, { params: { realityDataId: id } })
  return { id, client: new ContainerClient(access.json._links.containerUrl.href) }
}
/** By get and in a list. */
async function sizes(id: string): Promise<number[]> {
  const { json } = await server.ask(getRealityData, { params: { realityDataId: id } })
  const headers = { prefer: 'return=representation' }
  const list = await server.ask(listRealityData, { query: { iTwinId }, headers })
  const listed = list.json.realityData.find((each: { id: string }) => each.id === id)
  return [json.realityData.size, listed.size]
}
/** Of what a client that downloads everything gets. */
async function bytesIn(client: ContainerClient): Promise<number> {
  let bytes = 0
  for await (const { name } of client.listBlobsFlat())
    bytes += (await client.getBlobClient(name).downloadToBuffer()).length
  return bytes
}
const kilobytes = (bytes: number) => Math.ceil(bytes / 1024)

test('it is that of the bytes after every upload, by blocks too, after each overwrite and deletion', async () => {
  const { id, client } = await newContainer()
  const a = client.getBlockBlobClient('a.las')
  const blockIds = ['AAAA', 'AAAB', 'AAAC']
  const steps: [string, number, () => Promise<unknown>][] = [
    ['nothing', 0, async () => {}],
    ['one file', 1500, () => a.uploadData(Buffer.alloc(1500))],
    ['blocks that are not committed', 1500, () => a.stageBlock('AAAA', Buffer.alloc(5000), 5000)],
    [
      'blocks that are, of which one is in it twice',
      20_000,
      async () => {
        for (const blockId of blockIds) await a.stageBlock(blockId, Buffer.alloc(5000), 5000)
        await a.commitBlockList([...blockIds, 'AAAA'])
      },
    ],
    ['fewer of them', 10_000, () => a.commitBlockList(['AAAB', 'AAAC'])],
    ['a second file', 10_001, () => client.uploadBlockBlob('b.las', 'x', 1)],
    ['the second one anew', 10_000, () => client.uploadBlockBlob('b.las', '', 0)],
    ['without the first', 0, () => a.delete()],
  ]
  for (const [what, bytes, step] of steps) {
    await step()
    expect([what, await bytesIn(client)]).toEqual([what, bytes])
    expect([what, await sizes(id)]).toEqual([what, [kilobytes(bytes), kilobytes(bytes)]])
  }
})

test('several that write, overwrite and delete at once leave it true', async () => {
  const { id, client } = await newContainer()
  const writer = async (seed: number) => {
    for (let i = 0; i < 12; i++) {
      const blob = client.getBlockBlobClient(`tile-${(seed * 7 + i * 3) % 10}.las`)
      if ((seed + i) % 4 === 3) await blob.deleteIfExists()
      else await blob.uploadData(Buffer.alloc(700 * (i + 1) + seed))
      // A look in the midst of it must not be remembered for later.
      await server.ask(getRealityData, { params: { realityDataId: id } })
    }
  }
  await Promise.all([1, 2, 3, 4, 5, 6].map(writer))
  const bytes = await bytesIn(client)
  expect(bytes).toBeGreaterThan(0)
  expect(await sizes(id)).toEqual([kilobytes(bytes), kilobytes(bytes)])
  await server.ask(deleteRealityData, { params: { realityDataId: id } })
  expect((await server.blobs.list({ id, attempt: 0 })).blobs).toEqual([])
})

test('of an output it is that of the attempt that succeeded, and of no other', async () => {
  await server.realityData.claimITwin('acme', iTwinId)
  const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'c' }
  const { id: jobId, outputs } = await server.jobs.create(owner, iTwinId, {
    type: 'changeDetection',
    name: 'Quarry',
    inputs: [],
    outputs: ['objects3D'],
    options: {},
    optionsSent: undefined,
    costParameters: undefined,
  })
  const id = outputs[0]!.realityDataId
  const write = (attempt: number, bytes: number) =>
    server.blobs.putBlob({ id, attempt }, 'ContextScene.json', oneChunk(bytes))
  await server.jobs.submit('acme', jobId, [])
  await server.jobs.claim('agent')
  await write(1, 50_000)
  expect(await sizes(id)).toEqual([0, 0])
  await server.jobs.retry({ jobId, attempt: 1 }, { cause: 'SIGKILL' })
  await server.jobs.claim('agent')
  await write(2, 3000)
  expect(await sizes(id)).toEqual([0, 0])
  await server.jobs.succeed({ jobId, attempt: 2 }, { processingUnits: 0 })
  expect(await sizes(id)).toEqual([3, 3])
})

async function* oneChunk(bytes: number) {
  yield Buffer.alloc(bytes)
}

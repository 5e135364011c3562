import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerKey } from '../blobs/blob-store.ts'
import { type FolderBlobStore, openFolderBlobStore } from '../blobs/folder-blob-store.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import type { RealityDataStore } from '../store/reality-data-store.ts'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { sweepContainers } from './sweep-containers.ts'

const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const iTwinId = randomUUID()
const day = 24 * 3600 * 1000

let store: TestStore
let blobs: FolderBlobStore
let realityData: RealityDataStore
beforeAll(async () => {
  store = await openTestStore()
  blobs = await openFolderBlobStore({ root: join(store.dataDir, 'blobs') })
  realityData = openRealityDataRows({ database: store.database, now: () => new Date(), newId: randomUUID })
})
afterAll(() => store.remove())

const hour = 3600 * 1000
const later = (milliseconds: number) => new Date(Date.now() + milliseconds)
const signal = new AbortController().signal
const sweepAt = (now: Date) => sweepContainers({ jobs: store.jobs, realityData, blobs }, { now, signal })
const sweep = async (now: Date) => (await sweepAt(now)).map(({ id, attempt }) => `${id}/${attempt}`).sort()
const write = async (container: ContainerKey) => {
  await blobs.putBlob(container, 'a.las', oneChunk())
  return `${container.id}/${container.attempt}`
}
async function* oneChunk(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('content')
}

test('uploads, bound results and what the current attempt writes stay; what other attempts wrote goes after an hour', async () => {
  await realityData.claimITwin('acme', iTwinId)
  const upload = await realityData.create(owner, iTwinId, { displayName: 'survey', type: 'LAS' })
  await write({ id: upload.id, attempt: 0 })
  const { id: jobId, outputs } = await store.jobs.create(owner, iTwinId, {
    type: 'changeDetection',
    name: 'swept',
    inputs: [],
    outputs: ['objects3D'],
    options: {},
    optionsSent: undefined,
    costParameters: undefined,
  })
  const id = outputs[0]!.realityDataId
  await store.jobs.submit('acme', jobId, [])
  await store.jobs.claim('here')
  const first = await write({ id, attempt: 1 })
  expect(await sweep(later(30 * day))).toEqual([])

  await store.jobs.retry({ jobId, attempt: 1 }, { cause: 'SIGKILL' })
  await store.jobs.claim('here')
  const second = await write({ id, attempt: 2 })
  expect(await sweep(later(0.9 * hour))).toEqual([])
  expect(await sweep(later(1.1 * hour))).toEqual([first])

  await store.jobs.succeed({ jobId, attempt: 2 }, { processingUnits: 0 })
  await write({ id, attempt: 1 })
  expect(await sweep(later(30 * day))).toEqual([first])
  expect((await blobs.list({ id, attempt: 2 })).blobs).toHaveLength(1)
  expect((await blobs.list({ id: upload.id, attempt: 0 })).blobs).toHaveLength(1)
  expect(second).toBe(`${id}/2`)
})

test('a deletion that ended between row and files is completed, files of every attempt, with what came later too', async () => {
  const { id } = await realityData.create(owner, undefined, { displayName: 'survey', type: 'LAS' })
  const [current, older] = [await write({ id, attempt: 0 }), await write({ id, attempt: 3 })]
  expect(await realityData.delete('acme', id)).toMatchObject({ deleted: true })
  expect(await sweep(later(0))).toEqual([])
  expect(await sweepAt(later(0.1 * hour))).toEqual([{ id, attempt: 0, reason: 'deleted', sizeBytes: 7 }])
  for (const attempt of [0, 3]) expect((await blobs.list({ id, attempt })).blobs).toEqual([])
  // An upload that was under way when the row went.
  await write({ id, attempt: 0 })
  expect(await sweepAt(later(3 * hour))).toMatchObject([{ id, reason: 'deleted' }])
  expect(await realityData.removals(later(30 * day))).toEqual([])
  expect([current, older]).toEqual([`${id}/0`, `${id}/3`])
})

test('an upload that no row and no deletion tells of stays a week, in case the rows were lost', async () => {
  const lost = { id: randomUUID(), attempt: 0 }
  await write(lost)
  expect(await sweep(later(6 * day))).toEqual([])
  expect(await sweepAt(later(8 * day))).toEqual([{ ...lost, reason: 'unreferenced', sizeBytes: 7 }])
})

test('a sweep of more containers than it asks about at once misses none', async () => {
  const written: string[] = []
  for (let i = 0; i < 40; i++) {
    const id = randomUUID()
    for (let attempt = 1; attempt <= 15; attempt++) written.push(`${id}/${attempt}`)
  }
  const keys = written.map((text) => {
    const [id, attempt] = text.split('/') as [string, string]
    return { id, attempt: Number(attempt) }
  })
  const removed: string[] = []
  await sweepContainers(
    {
      jobs: store.jobs,
      realityData,
      blobs: {
        containers: async function* () {
          yield* keys
        },
        list: async () => ({ blobs: [] }),
        sizeOf: async () => 0,
        deleteContainer: async ({ id, attempt }) => void removed.push(`${id}/${attempt}`),
      },
    },
    { now: new Date(), signal: new AbortController().signal },
  )
  expect(removed.sort()).toEqual(written.sort())
})

import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ContainerKey } from '../blobs/blob-store.ts'
import { type FolderBlobStore, openFolderBlobStore } from '../blobs/folder-blob-store.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { sweepContainers } from './sweep-containers.ts'

const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const iTwinId = randomUUID()
const day = 24 * 3600 * 1000

let store: TestStore
let blobs: FolderBlobStore
beforeAll(async () => {
  store = await openTestStore()
  blobs = await openFolderBlobStore({ root: join(store.dataDir, 'blobs') })
})
afterAll(() => store.remove())

const sweep = async (now = new Date()) => {
  const removed = await sweepContainers(
    { jobs: store.jobs, blobs },
    { now, signal: new AbortController().signal },
  )
  return removed.map(({ id, attempt }) => `${id}/${attempt}`).sort()
}
const write = async (container: ContainerKey) => {
  await blobs.putBlob(container, 'a.las', oneChunk())
  return `${container.id}/${container.attempt}`
}
async function* oneChunk(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('content')
}

test('uploads, bound results and what the current attempt writes stay; what other attempts wrote goes', async () => {
  const realityData = openRealityDataRows({
    database: store.database,
    now: () => new Date(),
    newId: randomUUID,
  })
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
  expect(await sweep()).toEqual([])

  await store.jobs.retry({ jobId, attempt: 1 }, { cause: 'SIGKILL' })
  await store.jobs.claim('here')
  const second = await write({ id, attempt: 2 })
  expect(await sweep()).toEqual([first])

  await store.jobs.succeed({ jobId, attempt: 2 }, { processingUnits: 0 })
  await write({ id, attempt: 1 })
  expect(await sweep()).toEqual([first])

  // The row goes first; a crash keeps the files from following it.
  expect(await realityData.delete('acme', id)).toEqual({ deleted: true })
  expect(await realityData.delete('acme', upload.id)).toEqual({ deleted: true })
  expect(await sweep()).toEqual([second])
  expect(await sweep(new Date(Date.now() + 6 * day))).toEqual([])
  expect(await sweep(new Date(Date.now() + 8 * day))).toEqual([`${upload.id}/0`])
  expect((await blobs.list({ id: upload.id, attempt: 0 })).blobs).toEqual([])
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
      blobs: new Proxy(blobs, {
        get: (target, name) => {
          if (name === 'containers')
            return async function* () {
              yield* keys
            }
          if (name === 'deleteContainer')
            return async ({ id, attempt }: ContainerKey) => void removed.push(`${id}/${attempt}`)
          return Reflect.get(target, name)
        },
      }),
    },
    { now: new Date(), signal: new AbortController().signal },
  )
  expect(removed.sort()).toEqual(written.sort())
})

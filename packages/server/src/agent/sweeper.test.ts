import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FolderBlobStore, openFolderBlobStore } from '../blobs/folder-blob-store.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { type Swept, type SweeperOptions, startSweeper } from './sweeper.ts'

let store: TestStore
let blobs: FolderBlobStore
beforeAll(async () => {
  store = await openTestStore()
  blobs = await openFolderBlobStore({ root: join(store.dataDir, 'blobs') })
})
afterAll(() => store.remove())

const inAYear = () => new Date(Date.now() + 365 * 24 * 3600 * 1000)
const logged: { msg: string; containers?: unknown }[] = []
const options = (): SweeperOptions => ({
  jobs: store.jobs,
  realityData: openRealityDataRows({ database: store.database, now: inAYear, newId: randomUUID }),
  blobs,
  now: inAYear,
  log: pino({ level: 'info' }, { write: (line: string) => logged.push(JSON.parse(line)) }),
})
async function* bytes() {
  yield Buffer.from('content')
}
async function orphan() {
  const container = { id: randomUUID(), attempt: 0 }
  await blobs.putBlob(container, 'a.las', bytes())
  return container
}

test('a start removes nothing, however old it is', async () => {
  const container = await orphan()
  const told: unknown[] = []
  const sweeper = startSweeper({ ...options(), onSwept: (swept) => told.push(swept) })
  // Whatever a start sets off at once has had its turn once another sweep has come and gone.
  const done = Promise.withResolvers<void>()
  const other = startSweeper({
    ...options(),
    blobs: await emptyStore(),
    firstMs: 0,
    onSwept: () => done.resolve(),
  })
  await done.promise
  await other.stop()
  await sweeper.stop()
  expect(told).toEqual([])
  expect((await blobs.list(container)).blobs).toHaveLength(1)
})

test('sweeps come at intervals, and each says in the log and to its listener what it removed', async () => {
  const container = await orphan()
  const sweeps: (Swept | undefined)[] = []
  const second = Promise.withResolvers<void>()
  const sweeper = startSweeper({
    ...options(),
    firstMs: 0,
    intervalMs: 1,
    onSwept: (swept) => sweeps.push(swept) >= 2 && second.resolve(),
  })
  await second.promise
  await sweeper.stop()
  const swept = { ...container, reason: 'unreferenced', sizeBytes: 7 }
  expect(sweeps[0]?.containers).toContainEqual(swept)
  expect(sweeps[1]?.containers).toEqual([])
  expect(logged.find(({ msg }) => msg === 'removed files that nothing refers to')?.containers).toContainEqual(
    swept,
  )
})

test('a sweep that fails is told as failed, and the next one comes', async () => {
  const sweeps: (Swept | undefined)[] = []
  const third = Promise.withResolvers<void>()
  const failing: SweeperOptions['realityData'] = {
    removals: async () => {
      throw new Error('the database is away')
    },
    settleRemoval: async () => undefined,
  }
  const sweeper = startSweeper({
    ...options(),
    realityData: failing,
    firstMs: 0,
    intervalMs: 1,
    onSwept: (swept) => sweeps.push(swept) >= 3 && third.resolve(),
  })
  await third.promise
  await sweeper.stop()
  expect(sweeps.slice(0, 3)).toEqual([undefined, undefined, undefined])
})

function emptyStore() {
  return openFolderBlobStore({ root: join(store.dataDir, `blobs-${randomUUID()}`) })
}

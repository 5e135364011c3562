import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { startUpkeep } from './embedded-upkeep.ts'
import { purge } from './purge.ts'
import { walFileBytes, walState } from './ready-wal.ts'
import { openTestStore, type TestStore } from './test-store.ts'

let store: TestStore
beforeAll(async () => {
  store = await openTestStore()
})
afterAll(() => store.remove())

const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const log = pino({ level: 'silent' })
const disk = (freeBytes: number) => ({
  space: () => ({ totalBytes: 1e12, freeBytes, lowWaterBytes: 500e6, low: freeBytes < 500e6 }),
  hasRoom: async () => true,
  makeRoom: async () => false,
})

test('a purge gives the room of old versions of rows back to new ones, and every answer stays', async () => {
  const iTwinId = randomUUID()
  await store.database.query('insert into itwin values ($1, $2, $3)', [iTwinId, 'acme', new Date()])
  const { id } = await store.jobs.create(owner, iTwinId, {
    type: 'changeDetection',
    name: 'Quarry',
    inputs: [],
    outputs: ['objects3D'],
    options: {},
    optionsSent: undefined,
    costParameters: undefined,
  })
  /** Each leaves a version of the row behind; returns the size of the table then. */
  const report = async () => {
    await store.database.query(
      `do $$ begin for i in 1..1000 loop update job set percentage = i / 1000.0 where id = '${id}'; end loop; end $$`,
    )
    const { rows } = await store.database.query<{ bytes: number }>(
      `select pg_relation_size('job')::integer as bytes`,
    )
    return rows[0]!.bytes
  }
  const once = await report()
  expect(once).toBeGreaterThan(2e5)
  const job = await store.jobs.get('acme', id)
  await purge(store.database)
  expect(await store.jobs.get('acme', id)).toEqual(job)
  expect(await report()).toBeLessThan(1.2 * once)
})

test('a purge comes with time, not at the start', async () => {
  const vacuumed = async () => {
    const { rows } = await store.database.query<{ count: number }>(
      `select sum(vacuum_count)::integer as count from pg_stat_user_tables`,
    )
    return rows[0]!.count
  }
  const before = await vacuumed()
  const first = startUpkeep({ database: store.database, disk: disk(1e11), log })
  await first.stop()
  expect(await vacuumed()).toBe(before)
  const upkeep = startUpkeep({ database: store.database, disk: disk(1e11), log, purgeIntervalMs: 10 })
  onTestFinished(() => upkeep.stop())
  while ((await vacuumed()) === before) await delay(10)
})

test('the log of the database does not grow without end, and two files are ready beyond the one in use', async () => {
  const upkeep = startUpkeep({ database: store.database, disk: disk(1e11), log, walIntervalMs: 20 })
  onTestFinished(() => upkeep.stop())
  for (let written = 0; written < 8 * walFileBytes; written += 4e6) {
    await store.database.query(`select pg_logical_emit_message(false, 'test', repeat('x', 4000000))`)
    await delay(5)
  }
  const settled = ({ ahead, behind }: { ahead: number; behind: number }) => ahead >= 2 && behind <= 4
  while (!settled(await walState(store.database))) await delay(10)
})

test('below the low-water mark no file of the log is made', async () => {
  const other = await openTestStore()
  onTestFinished(() => other.remove())
  const upkeep = startUpkeep({ database: other.database, disk: disk(400e6), log, walIntervalMs: 5 })
  const before = await walState(other.database)
  for (let n = 0; n < 20; n++) await other.database.query('select 1')
  await upkeep.stop()
  expect(await walState(other.database)).toEqual(before)
})

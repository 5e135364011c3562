import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { openTestStore, type TestStore } from './test-store.ts'

let store: TestStore
let database: Database
let folder: string
const now = () => new Date('2026-05-04T12:00:00Z')
beforeAll(async () => {
  store = await openTestStore()
  database = store.database
  await database.script('drop table migration')
  folder = await mkdtemp(join(tmpdir(), 'alidade-migrations-'))
  await writeFile(join(folder, '0001-a.sql'), 'create table a (x integer);')
})
afterAll(async () => {
  await store.remove()
  await rm(folder, { recursive: true })
})

test('each migration is applied once, in order, and remembered with its time', async () => {
  await writeFile(join(folder, '0002-b.sql'), 'alter table a add column y integer;')
  await writeFile(join(folder, 'notes.txt'), 'not a migration')
  expect(await migrate(database, now, folder)).toEqual(['0001-a.sql', '0002-b.sql'])
  expect(await migrate(database, now, folder)).toEqual([])
  expect((await database.query('select x, y from a')).rows).toEqual([])
  expect((await database.query('select * from migration order by number')).rows).toEqual([
    { number: 1, name: '0001-a.sql', applied_at: now() },
    { number: 2, name: '0002-b.sql', applied_at: now() },
  ])
})

test('a migration that fails in its midst leaves nothing, and the database can be used and the migration repeated', async () => {
  await writeFile(join(folder, '0003-c.sql'), 'create table c (x integer);\ncreate table a (x integer);')
  await writeFile(join(folder, '0004-d.sql'), 'create table d (x integer);')
  await expect(migrate(database, now, folder)).rejects.toThrow(/"a" already exists/)
  expect((await database.query(`select to_regclass('c') as c, to_regclass('d') as d`)).rows).toEqual([
    { c: null, d: null },
  ])
  await database.tx((sql) => sql.query('insert into a values (1, 2)'))
  await writeFile(join(folder, '0003-c.sql'), 'create table c (x integer);')
  expect(await migrate(database, now, folder)).toEqual(['0003-c.sql', '0004-d.sql'])
  expect((await database.query('select x from a')).rows).toEqual([{ x: 1 }])
})

test('a database that a newer version has changed is refused', async () => {
  await rm(join(folder, '0004-d.sql'))
  await expect(migrate(database, now, folder)).rejects.toThrow(
    'the database was changed by a newer version (0004-d.sql); start that one',
  )
})

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { makeSmallDisk, type SmallDisk, testOnSmallDisk } from '../disk/small-disk.fixture.ts'
import { readyWal, walFileBytes, walState } from './ready-wal.ts'
import { type EmbeddedPostgres, openRevivingPglite, type SpaceForDatabase } from './reviving-pglite.ts'
import { copyTemplate } from './test-store.ts'

/** The database of the service, on a disk with room for it and 150 MB more, and a table of 100 rows. */
async function openOnSmallDisk(space?: (disk: SmallDisk) => SpaceForDatabase) {
  const disk = makeSmallDisk(200)
  const folder = join(disk.path, 'database')
  await copyTemplate(folder)
  const open = () => openRevivingPglite(folder, space?.(disk))
  const database = await open()
  await database.exec('create table note (id integer primary key, text text)')
  await database.exec(`insert into note select i, 'kept' from generate_series(1, 100) i`)
  return { disk, database, reopen: open }
}

const kept = async (database: EmbeddedPostgres) =>
  (await database.query<{ count: number }>(`select count(*)::integer as count from note where text = 'kept'`))
    .rows[0]?.count

/** So much log, and nothing else. */
async function writeLog(database: EmbeddedPostgres, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= 1e6)
    await database.query(`select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`)
}

testOnSmallDisk(
  'a database whose log met a full disk is back with all that was committed, as soon as there is space',
  async () => {
    const { disk, database } = await openOnSmallDisk()
    const heard: string[] = []
    await database.listen('news', (payload) => void heard.push(payload))
    await disk.fill()
    await expect(writeLog(database, 2 * walFileBytes)).rejects.toMatchObject({
      cause: { severity: 'PANIC', code: '53100' },
    })
    await expect(kept(database)).rejects.toThrow()
    await expect(database.transaction((sql) => sql.query('select 1'))).rejects.toThrow()
    await disk.empty()

    while ((await kept(database).catch(() => undefined)) !== 100) await delay(50)
    await database.query(`insert into note values (101, 'kept')`)
    await database.query(`select pg_notify('news', 'it goes on')`)
    expect(heard).toEqual(['it goes on'])
    await database.close()
  },
)

testOnSmallDisk(
  'a checkpoint or a transaction that met a full disk does not leave the service turning in circles',
  async () => {
    const { disk, database } = await openOnSmallDisk()
    for (const work of [
      () => database.exec('checkpoint'),
      () =>
        database.transaction((sql) =>
          sql.query(`select pg_logical_emit_message(true, 'test', repeat('x', 40000000))`),
        ),
    ]) {
      await disk.fill()
      await expect(work()).rejects.toThrow()
      await disk.empty()
      while ((await kept(database).catch(() => undefined)) !== 100) await delay(50)
    }
    await database.close()
  },
)

testOnSmallDisk(
  'with files of the log ready, a full disk does not keep the database from committing',
  async () => {
    const { disk, database } = await openOnSmallDisk()
    const space = { hasRoom: async () => (await disk.freeBytes()) > 2e6, makeRoom: async () => false }
    const ready = async () => readyWal(sqlOf(database), { freeBytes: (await disk.freeBytes()) - 10e6, space })
    await ready()
    expect(await walState(sqlOf(database))).toMatchObject({ ahead: 2 })
    await disk.fill()
    await writeLog(database, 2 * walFileBytes)
    expect(await walState(sqlOf(database))).toEqual({ ahead: 0, behind: 2 })

    // With the room of a reserve, what was written is made use of again; no new file is made.
    await disk.empty()
    await disk.fill(3e6)
    await ready()
    expect(await walState(sqlOf(database))).toEqual({ ahead: 2, behind: 0 })
    await disk.fill()
    await writeLog(database, walFileBytes)
    await disk.empty()
    expect(await kept(database)).toBe(100)
    await database.close()
  },
)

testOnSmallDisk('a statement that finds no room is done with that of the reserve', async () => {
  const released: string[] = []
  const { disk, database } = await openOnSmallDisk((disk) => ({
    hasRoom: async () => (await disk.freeBytes()) > 2e6,
    makeRoom: async () => {
      if (released.length > 0) return false
      released.push('reserve')
      await disk.empty()
      return true
    },
  }))
  await disk.fill()
  const insert = `insert into note select i, repeat('x', 1000) from generate_series(1001, 1100) i`
  await database.transaction((sql) => sql.query(insert))
  expect(released).toEqual(['reserve'])

  await disk.fill()
  await expect(
    database.exec(insert.replaceAll('1001', '2001').replaceAll('1100', '9999')),
  ).rejects.toMatchObject({
    code: '53100',
    severity: 'ERROR',
  })
  expect(await kept(database)).toBe(100)
})

testOnSmallDisk('closing on a full disk ends, and the next opening finds everything', async () => {
  const { disk, database, reopen } = await openOnSmallDisk((disk) => ({
    hasRoom: async () => (await disk.freeBytes()) > 2e6,
    makeRoom: async () => false,
  }))
  await disk.fill()
  await database.close()
  await disk.empty()
  const again = await reopen()
  expect(await kept(again)).toBe(100)
  await again.close()
})

function sqlOf(database: EmbeddedPostgres) {
  return {
    query: async <Row>(text: string, values?: unknown[]) => {
      const { rows } = await database.query<Row>(text, values)
      return { rows, rowCount: rows.length }
    },
  }
}

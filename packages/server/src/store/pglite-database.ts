// The embedded database: PostgreSQL compiled to WebAssembly, in this process, on a folder of its own.
//
// It survives the death of the process at any moment, but not a power cut: it does not fsync. Whoever needs that
// uses PostgreSQL. It takes no lock on its folder either, so `lock-folder.ts` does.
import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite, type Transaction } from '@electric-sql/pglite'
import type { Database, QueryResult, Sql } from './database.ts'
import { lockFolder } from './lock-folder.ts'
import { type EmbeddedPostgres, openRevivingPglite, type SpaceForDatabase } from './reviving-pglite.ts'

/** Opens the database in `folder` (created if absent); throws when another process has it open. */
export async function openPglite(folder: string, space?: SpaceForDatabase): Promise<Database> {
  const unlock = await lockFolder(`${folder}.lock`)
  try {
    if (!(await exists(join(folder, 'PG_VERSION')))) await createDatabase(folder)
    return pgliteDatabase(await openRevivingPglite(folder, space), unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

/**
 * Made under another name and renamed when it is whole: it takes seconds, and PGlite cannot open what a kill in the
 * midst of them leaves behind.
 */
async function createDatabase(folder: string): Promise<void> {
  const unfinished = `${folder}.new`
  await rm(unfinished, { recursive: true, force: true })
  await (await PGlite.create({ dataDir: unfinished })).close()
  await rename(unfinished, folder)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function pgliteDatabase(pglite: EmbeddedPostgres, unlock: () => Promise<void>): Database {
  return {
    kind: 'pglite',
    ...sqlOf(pglite),
    prepared: (_name, text, values) => query(pglite, text, values),
    tx: (work) => pglite.transaction((transaction) => work(sqlOf(transaction))),
    listen: (channel, onNotify) => pglite.listen(channel, onNotify),
    close: async () => {
      try {
        await pglite.close()
      } finally {
        await unlock()
      }
    },
  }
}

function sqlOf(pglite: EmbeddedPostgres | Transaction): Sql {
  return {
    query: (text, values) => query(pglite, text, values),
    script: async (text) => {
      await pglite.exec(text)
    },
  }
}

async function query<Row>(
  sql: EmbeddedPostgres | Transaction,
  text: string,
  values?: unknown[],
): Promise<QueryResult<Row>> {
  const { rows, affectedRows } = await sql.query<Row>(text, values)
  return { rows, rowCount: rows.length > 0 ? rows.length : (affectedRows ?? 0) }
}

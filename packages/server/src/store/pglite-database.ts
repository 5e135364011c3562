// The embedded database: PostgreSQL compiled to WebAssembly, in this process, on a folder of its own.
//
// It survives the death of the process at any moment, but not a power cut: it does not fsync. Whoever needs that
// uses PostgreSQL. It takes no lock on its folder either, so `lock-folder.ts` does.
import { PGlite, type Transaction } from '@electric-sql/pglite'
import { fromPglite } from 'pg-boss'
import type { Database, QueryResult, Sql } from './database.ts'
import { lockFolder } from './lock-folder.ts'

export interface PgliteDatabase extends Database {
  readonly kind: 'pglite'
  /** What pg-boss talks to. */
  readonly queueDatabase: ReturnType<typeof fromPglite>
}

/** Opens the database in `folder` (created if absent); throws when another process has it open. */
export async function openPglite(folder: string): Promise<PgliteDatabase> {
  const unlock = await lockFolder(`${folder}.lock`)
  try {
    const pglite = await PGlite.create({ dataDir: folder })
    return pgliteDatabase(pglite, unlock)
  } catch (error) {
    await unlock()
    throw error
  }
}

function pgliteDatabase(pglite: PGlite, unlock: () => Promise<void>): PgliteDatabase {
  return {
    kind: 'pglite',
    queueDatabase: fromPglite(pglite),
    query: (text, values) => query(pglite, text, values),
    tx: (work) =>
      pglite.transaction((transaction) =>
        work({ query: (text, values) => query(transaction, text, values) }),
      ),
    script: async (text) => {
      await pglite.exec(text)
    },
    listen: (channel, onNotify) => pglite.listen(channel, onNotify),
    close: async () => {
      await pglite.close()
      await unlock()
    },
  }
}

async function query<Row>(
  sql: PGlite | Transaction,
  text: string,
  values?: unknown[],
): Promise<QueryResult<Row>> {
  const { rows, affectedRows } = await sql.query<Row>(text, values)
  return { rows, rowCount: rows.length > 0 ? rows.length : (affectedRows ?? 0) }
}

/** Lets pg-boss take part in a transaction of ours (`{ db: queueWithin(sql) }`). */
export function queueWithin(sql: Sql) {
  return { executeSql: (text: string, values?: unknown[]) => sql.query(text, values) }
}

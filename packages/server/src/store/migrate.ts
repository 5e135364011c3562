// Numbered .sql files, each applied once, in order.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'

const ownMigrations = fileURLToPath(new URL('./migrations/', import.meta.url))

/** Of several processes that start at once on one database, one migrates and the others wait for it. */
const migrationLock = 8787_0001

/**
 * Brings the schema up to date, as a whole or not at all; returns the names of the migrations it applied. Throws when a
 * newer version of this program has been at work on the database: what it changed, this one does not know.
 */
export async function migrate(
  database: Database,
  now: () => Date,
  folder: string = ownMigrations,
): Promise<string[]> {
  const brought = await knownMigrations(folder)
  const known = new Set(brought.map(({ number }) => number))
  return database.tx(async (sql) => {
    await sql.query('select pg_advisory_xact_lock($1)', [migrationLock])
    await sql.query(
      'create table if not exists migration (number integer primary key, name text not null, applied_at timestamptz not null)',
    )
    const { rows } = await sql.query<{ number: number; name: string }>('select number, name from migration')
    const foreign = rows.filter(({ number }) => !known.has(number)).map(({ name }) => name)
    if (foreign.length > 0) {
      throw new Error(`the database was changed by a newer version (${foreign.join(', ')}); start that one`)
    }
    const applied = new Set(rows.map(({ number }) => number))
    const fresh = brought.filter(({ number }) => !applied.has(number))
    for (const { number, name } of fresh) {
      await sql.script(await readFile(join(folder, name), 'utf8'))
      await sql.query('insert into migration values ($1, $2, $3)', [number, name, now()])
    }
    return fresh.map(({ name }) => name)
  })
}

/** The migrations that this program brings, in their order. */
export async function knownMigrations(folder = ownMigrations): Promise<{ number: number; name: string }[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[\w-]+\.sql$/.test(name)).sort()
  return names.map((name) => ({ number: Number(name.slice(0, 4)), name }))
}

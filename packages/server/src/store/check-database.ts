// Whether the database answers, and as the one that this program knows.
import type { Sql } from './database.ts'
import { knownMigrations } from './migrate.ts'

/** Rejects when it does not answer, or lacks a migration: it was put back to an older backup while we run. */
export async function checkDatabase(database: Sql): Promise<void> {
  const { rows } = await database.query<{ number: number }>('select number from migration')
  const applied = new Set(rows.map(({ number }) => number))
  const missing = (await knownMigrations()).filter(({ number }) => !applied.has(number))
  if (missing.length > 0) throw new Error(`the database lacks ${missing.map(({ name }) => name).join(', ')}`)
}

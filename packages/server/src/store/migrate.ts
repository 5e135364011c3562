// Numbered .sql files, each applied once, in order, in a transaction of its own.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'

const ownMigrations = fileURLToPath(new URL('./migrations/', import.meta.url))

/**
 * Brings the schema up to date; returns the names of the migrations it applied. Throws when a newer version of this
 * program has been at work on the database: what it changed, this one does not know.
 */
export async function migrate(
  database: Database,
  now: () => Date,
  folder: string = ownMigrations,
): Promise<string[]> {
  await database.script(
    'create table if not exists migration (number integer primary key, name text not null, applied_at timestamptz not null)',
  )
  const { rows } = await database.query<{ number: number; name: string }>(
    'select number, name from migration',
  )
  const applied = new Set(rows.map(({ number }) => number))
  const names = (await readdir(folder)).filter((name) => /^\d{4}-[\w-]+\.sql$/.test(name)).sort()
  const known = new Set(names.map(numberOf))
  const foreign = rows.filter(({ number }) => !known.has(number)).map(({ name }) => name)
  if (foreign.length > 0) {
    throw new Error(`the database was changed by a newer version (${foreign.join(', ')}); start that one`)
  }
  const fresh = names.filter((name) => !applied.has(numberOf(name)))
  for (const name of fresh) {
    const text = await readFile(join(folder, name), 'utf8')
    // One script, its own entry included, so that it commits or fails as a whole on every adapter.
    await database.script(
      `begin;\n${text}\ninsert into migration values (${numberOf(name)}, '${name}', '${now().toISOString()}');\ncommit;`,
    )
  }
  return fresh
}

function numberOf(name: string): number {
  return Number(name.slice(0, 4))
}

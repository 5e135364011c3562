// Numbered .sql files, each applied once, in order, in a transaction of its own.
import { readdir, readFile } from 'node:fs/promises'
import type { Database } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

/** Brings the schema up to date; returns the names of the migrations it applied. */
export async function migrate(database: Database, now: () => Date): Promise<string[]> {
  await database.script(
    'create table if not exists migration (number integer primary key, name text not null, applied_at timestamptz not null)',
  )
  const { rows } = await database.query<{ number: number }>('select number from migration')
  const applied = new Set(rows.map((row) => row.number))
  const names = (await readdir(folder)).filter((name) => /^\d{4}-.*\.sql$/.test(name)).sort()
  const fresh = names.filter((name) => !applied.has(Number(name.slice(0, 4))))
  for (const name of fresh) {
    const text = await readFile(new URL(name, folder), 'utf8')
    const number = Number(name.slice(0, 4))
    // One script, its own entry included, so that it commits or fails as a whole on every adapter.
    await database.script(
      `begin;\n${text}\ninsert into migration values (${number}, '${name}', '${now().toISOString()}');\ncommit;`,
    )
  }
  return fresh
}

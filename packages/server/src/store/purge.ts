// Frees space and changes no answer: every row stays, job records for good. What goes is what rows once were: each
// progress that is written leaves the row before it behind. On PostgreSQL autovacuum does this.
import type { Database } from './database.ts'

export async function purge(database: Database): Promise<void> {
  if (database.kind !== 'pglite') return
  const { rows } = await database.query<{ name: string }>(
    `select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
     where schemaname = 'public' order by 1`,
  )
  // One at a time: others wait for the one connection no longer than for one table.
  for (const { name } of rows) await database.query(`vacuum ${name}`)
}

// PGlite has no checkpointer: its log grows until somebody says `checkpoint`, and each further file of 16 MB is made in the
// midst of a commit, where a full disk is a panic. So checkpoints are ours to make, and two files are kept ready, which
// nobody else on a full disk can take.

import type { Sql } from './database.ts'
import type { SpaceForDatabase } from './reviving-pglite.ts'

export const walFileBytes = 16 * 1024 * 1024
const filesAhead = 2
const filesBehind = 4

export interface WalState {
  /** Files ready beyond the one that is written. */
  ahead: number
  /** Files that a checkpoint would make free, for use as files ahead. */
  behind: number
}

export async function walState(sql: Pick<Sql, 'query'>): Promise<WalState> {
  const { rows } = await sql.query<WalState>(
    `select count(*) filter (where name > current)::integer as ahead,
       count(*) filter (where name < current)::integer as behind
     from pg_ls_waldir(), pg_walfile_name(pg_current_wal_insert_lsn()) as current
     where name ~ '^[0-9A-F]{24}$'`,
  )
  return rows[0]!
}

/** `freeBytes`: what the log may take of the disk. */
export async function readyWal(
  sql: Pick<Sql, 'query'>,
  { freeBytes, space }: { freeBytes: number; space: SpaceForDatabase },
): Promise<void> {
  const { ahead, behind } = await walState(sql)
  if (ahead >= filesAhead && behind <= filesBehind) return
  const missing = Math.max(0, filesAhead - ahead)
  if (freeBytes >= missing * walFileBytes) {
    for (let n = 0; n < missing; n++) {
      // Switching makes the next file; only a file that was written to is left.
      await sql.query(`select pg_logical_emit_message(true, 'alidade', 'next file')`)
      await sql.query('select pg_switch_wal()')
    }
  } else if (behind === 0) return
  if (!(await space.hasRoom())) await space.makeRoom()
  // Those that were written become files ahead.
  if (await space.hasRoom()) await sql.query('checkpoint')
}

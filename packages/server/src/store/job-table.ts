// What both sides of the job store share: the table, the clock, and who has to hear of a write.
import type { Database, Sql } from './database.ts'
import type { JobRecord } from './job-record.ts'
import { type JobRow, toRecord } from './job-row.ts'
import type { JobRequests } from './job-store.ts'

export interface JobTable {
  readonly database: Database
  readonly now: () => Date
  readonly newId: () => string
  /**
   * The record of the row, or of the first of the rows, that a committed change has written, once everybody who keeps
   * progress has heard of all of them.
   */
  written(change: Promise<JobRow | readonly JobRow[] | undefined>): Promise<JobRecord | undefined>
  /** After a committed deletion. */
  forget(id: string): void
  progress: JobRequests['progress']
}

/** Carries the id of a cancelled job, or nothing when a job waits for an agent. */
export const jobChannel = 'alidade_jobs'

/** Within the transaction that makes a job wait: agents hear of it when it has been committed. */
export async function tellAgents(sql: Sql): Promise<void> {
  await sql.query('select pg_notify($1, $2)', [jobChannel, ''])
}

export async function updateOne(sql: Sql, text: string, values: unknown[]): Promise<JobRow | undefined> {
  return (await sql.query<JobRow>(text, values)).rows[0]
}

/** Ids come from URLs; what is no GUID names no job, and PostgreSQL would refuse to compare it. */
export function isGuid(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id)
}

export type ProgressSource = Pick<JobTable, 'forget' | 'progress'> & { wrote(job: JobRecord): void }

export function jobTable(
  parts: Pick<JobTable, 'database' | 'now' | 'newId'>,
  { wrote, forget, progress }: ProgressSource,
): JobTable {
  return {
    ...parts,
    forget,
    progress,
    written: async (change) => {
      const rows = await change
      if (rows === undefined) return undefined
      const jobs = (Array.isArray(rows) ? rows : [rows]).map(toRecord)
      for (const job of jobs) wrote(job)
      return jobs[0]
    },
  }
}

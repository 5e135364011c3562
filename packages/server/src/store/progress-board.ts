// The progress of recent jobs in memory, for the one process that writes them all (the embedded database): a poll
// then costs no query. Every write goes through here after it has been committed.
import type { JobRecord, ProgressRecord } from './job-record.ts'

interface Entry extends ProgressRecord {
  org: string
}

export class ProgressBoard {
  readonly #entries = new Map<string, Entry | 'deleted'>()
  readonly #limit: number

  constructor(limit = 100_000) {
    this.#limit = limit
  }

  get(org: string, id: string): ProgressRecord | undefined {
    const entry = this.#entries.get(id)
    return entry !== 'deleted' && entry?.org === org ? entry : undefined
  }

  /** True when nothing need be asked: the job is on the board, for whatever tenant. */
  knows(id: string): boolean {
    return this.#entries.has(id)
  }

  /** After a committed write. */
  write(job: Pick<JobRecord, 'id' | 'org'> & ProgressRecord): void {
    const { id, org, state, percentage, step, startedAt, endedAt, terminatingUntil, versions } = job
    this.#set(id, { org, state, percentage, step, startedAt, endedAt, terminatingUntil, versions })
  }

  /** After a read, which may be older than a write that came in meanwhile: never replaces. */
  fill(job: Parameters<ProgressBoard['write']>[0]): void {
    if (!this.#entries.has(job.id)) this.write(job)
  }

  /** After a committed deletion. Remembered, since a read that began before it would fill it in again. */
  forget(id: string): void {
    this.#set(id, 'deleted')
  }

  #set(id: string, entry: Entry | 'deleted'): void {
    this.#entries.delete(id)
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next().value
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    this.#entries.set(id, entry)
  }
}

// The progress of recent jobs in memory, for the one process that writes them all (the embedded database): a poll
// then costs no query. Every write goes through here after it has been committed.
import type { JobRecord, ProgressRecord } from './job-record.ts'

interface Entry extends ProgressRecord {
  org: string
}

export class ProgressBoard {
  readonly #entries = new Map<string, Entry>()
  readonly #limit: number

  constructor(limit = 100_000) {
    this.#limit = limit
  }

  get(org: string, id: string): ProgressRecord | undefined {
    const entry = this.#entries.get(id)
    return entry?.org === org ? entry : undefined
  }

  /** True when nothing need be asked: the job is on the board, for whatever tenant. */
  knows(id: string): boolean {
    return this.#entries.has(id)
  }

  /** After a committed write. */
  write(job: Pick<JobRecord, 'id' | 'org' | 'state' | 'percentage' | 'step' | 'endedAt'>): void {
    this.#entries.delete(job.id)
    if (this.#entries.size >= this.#limit) {
      const oldest = this.#entries.keys().next().value
      if (oldest !== undefined) this.#entries.delete(oldest)
    }
    const { org, state, percentage, step, endedAt } = job
    this.#entries.set(job.id, { org, state, percentage, step, endedAt })
  }

  /** After a read, which may be older than a write that came in meanwhile: never replaces. */
  fill(job: Parameters<ProgressBoard['write']>[0]): void {
    if (!this.#entries.has(job.id)) this.write(job)
  }

  forget(id: string): void {
    this.#entries.delete(id)
  }
}

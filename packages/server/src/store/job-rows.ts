// JobStore over the job table, for the API and for agents.
import type { Database } from './database.ts'
import { openJobRequests } from './job-requests.ts'
import type { JobStore } from './job-store.ts'
import { jobTable, type ProgressSource } from './job-table.ts'
import { defaultMaxLosses, openJobWork } from './job-work.ts'
import { ProgressBoard } from './progress-board.ts'
import { progressLookups } from './progress-lookups.ts'

export interface JobRowsOptions {
  database: Database
  now: () => Date
  newId: () => string
  /** How often a job's worker may be lost before the job fails; default 3. */
  maxLosses?: number | undefined
}

export function openJobRows({ maxLosses = defaultMaxLosses, ...parts }: JobRowsOptions): JobStore {
  const { database } = parts
  const table = jobTable(parts, database.kind === 'pglite' ? fromMemory(database) : fromRows(database))
  return { ...openJobRequests(table), ...openJobWork(table, { maxLosses }) }
}

/** Where this process writes every row, it knows the progress of each before anybody asks. */
function fromMemory(database: Database): ProgressSource {
  const board = new ProgressBoard()
  const lookUp = progressLookups(database)
  return {
    wrote: (job) => board.write(job),
    forget: (id) => board.forget(id),
    progress: (org, id) => {
      if (board.knows(id)) return board.get(org, id)
      return lookUp(org, id).then((found) => {
        if (found !== undefined) board.fill({ id, org, ...found })
        return board.get(org, id)
      })
    },
  }
}

function fromRows(database: Database): ProgressSource {
  return { wrote: () => undefined, forget: () => undefined, progress: progressLookups(database) }
}

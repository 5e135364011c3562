// Progress read from the database, where several processes write it. Lookups that come while one is under way go out
// together as the next one: a thousand pollers cost the database a few statements. Each begins after its request came,
// so whoever is answered never sees less than what was committed before.
import type { Database } from './database.ts'
import type { ProgressRecord } from './job-record.ts'
import { type ProgressRow, toProgress } from './job-row.ts'
import { isGuid } from './job-table.ts'

type Row = ProgressRow & { id: string; org: string }

interface Lookup {
  org: string
  id: string
  resolve(progress: ProgressRecord | undefined): void
  reject(error: unknown): void
}

/**
 * Lookups in one statement. One is under way at a time: a statement costs this process far more than a lookup in it, so
 * two of half the size are dearer, and they save no time where the next one goes out before the last is answered.
 */
const largestBatch = 500

export function progressLookups(
  database: Pick<Database, 'prepared'>,
): (org: string, id: string) => Promise<ProgressRecord | undefined> {
  let waiting: Lookup[] = []
  let underWay = false

  /** Settles the lookups of its batch, and never rejects. */
  async function next(): Promise<void> {
    if (underWay || waiting.length === 0) return
    const batch = waiting.slice(0, largestBatch)
    waiting = waiting.slice(largestBatch)
    underWay = true
    const answer = await rowsOf(database, batch).then(
      (found) => () => {
        for (const { org, id, resolve } of batch) {
          const row = found.get(id)
          resolve(row?.org === org ? toProgress(row) : undefined)
        }
      },
      (error: unknown) => () => {
        for (const { reject } of batch) reject(error)
      },
    )
    underWay = false
    // The next statement goes out before these are answered: the database works on it meanwhile.
    void next()
    setImmediate(answer)
  }

  return (org, id) => {
    if (!isGuid(id)) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      // What else arrives in this turn of the event loop goes along.
      if (waiting.push({ org, id: id.toLowerCase(), resolve, reject }) === 1) setImmediate(() => void next())
    })
  }
}

async function rowsOf(database: Pick<Database, 'prepared'>, batch: Lookup[]): Promise<Map<string, Row>> {
  const ids = [...new Set(batch.map(({ id }) => id))]
  const { rows } = await database.prepared<Row>(
    'progress',
    `select id, org, state, percentage, step, started_at, ended_at, agent, lease_until, in_v1, in_v2 from job where id = any(string_to_array($1, ',')::uuid[])`,
    [ids.join(',')],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

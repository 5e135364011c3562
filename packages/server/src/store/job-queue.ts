// The queue that hands out leases on job rows: pg-boss, driven by our own fetch loop.
// The row is the truth; a lease without an active row behind it is void.
import { PgBoss } from 'pg-boss'
import type { Sql } from './database.ts'
import { type PgliteDatabase, queueWithin } from './pglite-database.ts'

const queueName = 'jobs'

/** A lease not renewed for this long is taken as lost, in seconds; 10 is the least that pg-boss allows. */
export const leaseSeconds = 10

export interface Lease {
  id: string
  jobId: string
}

export interface JobQueue {
  /** Within the transaction that makes the row active; a rollback leaves neither. `first`: before all that wait. */
  send(sql: Sql, jobId: string, options: { first: boolean }): Promise<string>
  fetch(): Promise<Lease | undefined>
  /** False: the lease is not held any more. */
  touch(leaseId: string): Promise<boolean>
  /** Ends a lease, held or still waiting, within the transaction that ends or re-queues its job. */
  end(sql: Sql, leaseId: string): Promise<void>
  /** What became of these leases: waiting for an agent, held by one, or (absent) gone. */
  states(leaseIds: string[]): Promise<Map<string, 'waiting' | 'held'>>
  stop(): Promise<void>
}

export async function startJobQueue(
  database: PgliteDatabase,
  onError: (error: unknown) => void,
): Promise<JobQueue> {
  const boss = new PgBoss({
    db: database.queueDatabase,
    backend: database.kind,
    schema: 'queue',
    schedule: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    monitorVacuum: false,
  })
  boss.on('error', onError)
  await boss.start()
  const settings = {
    // A lease that lapses goes to the next agent at once and as often as it takes; how often a job may lose its worker
    // is the row's business.
    retryLimit: 1_000_000,
    retryDelay: 0,
    heartbeatSeconds: leaseSeconds,
    // pg-boss wants less than a day. A job that takes longer keeps its lease all the same, see `claim`.
    expireInSeconds: 23 * 3600,
    // How long a lease may wait for an agent: the default of two weeks is less than a laptop may be switched off.
    retentionSeconds: 10 * 365 * 24 * 3600,
    deleteAfterSeconds: 3600,
  }
  if ((await boss.getQueue(queueName)) === null) await boss.createQueue(queueName, settings)
  else await boss.updateQueue(queueName, settings)
  return {
    send: async (sql, jobId, { first }) => {
      const id = await boss.send(queueName, { jobId }, { db: queueWithin(sql), priority: first ? 1 : 0 })
      if (id === null) throw new Error(`the queue did not take job ${jobId}`)
      return id
    },
    fetch: async () => {
      const [lease] = await boss.fetch<{ jobId: string }>(queueName)
      return lease && { id: lease.id, jobId: lease.data.jobId }
    },
    touch: async (leaseId) => ((await boss.touch(queueName, leaseId)) as { affected: number }).affected === 1,
    end: async (sql, leaseId) => {
      await boss.complete(queueName, leaseId, null, { db: queueWithin(sql), includeQueued: true })
    },
    states: async (leaseIds) => {
      const states = new Map<string, 'waiting' | 'held'>()
      for (const id of leaseIds) {
        const [lease] = await boss.findJobs(queueName, { id })
        if (lease?.state === 'active') states.set(id, 'held')
        else if (lease?.state === 'created' || lease?.state === 'retry') states.set(id, 'waiting')
      }
      return states
    },
    stop: () => boss.stop({ graceful: false }),
  }
}

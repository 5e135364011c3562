// What a running service says of itself to operators: whether it can take requests, and its numbers.
import type { Logger } from 'pino'
import type { DiskWatch } from './disk/watch-disk.ts'
import { type Metrics, openMetrics } from './http/metrics.ts'
import { openReadiness, type Readiness, type ReadinessCheck } from './http/readiness.ts'
import { checkDatabase } from './store/check-database.ts'
import type { Database } from './store/database.ts'
import { countJobs } from './store/job-census.ts'
import { countDeliveries } from './store/webhook-outbox.ts'

export interface ObservedService {
  database: Database
  disk: Pick<DiskWatch, 'space'>
  /** Whether uploads and results can be reached. */
  blobs: ReadinessCheck
  log: Logger
}

export function observeService({ database, disk, blobs, log }: ObservedService): {
  readiness: Readiness
  metrics: Metrics
} {
  const readiness = openReadiness(
    [
      {
        code: 'DatabaseUnavailable',
        fault: 'The database does not answer, or its schema is not the one of this program.',
        check: () => checkDatabase(database),
      },
      blobs,
    ],
    (code, error) => log.warn({ err: error, code }, 'not ready for requests'),
  )
  const metrics = openMetrics({
    census: () => countJobs(database),
    deliveries: () => countDeliveries(database),
    disk: () => disk.space(),
    onFault: (error) => {
      log.warn({ err: error }, 'a metric cannot be told')
    },
  })
  return { readiness, metrics }
}

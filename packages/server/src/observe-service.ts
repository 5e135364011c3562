// What a running service says of itself to operators: whether it can take requests, and its numbers.
import type { Logger } from 'pino'
import { checkFolder } from './blobs/check-folder.ts'
import type { DiskWatch } from './disk/watch-disk.ts'
import { type Metrics, openMetrics } from './http/metrics.ts'
import { openReadiness, type Readiness } from './http/readiness.ts'
import { checkDatabase } from './store/check-database.ts'
import type { Database } from './store/database.ts'
import { countJobs } from './store/job-census.ts'
import { countDeliveries } from './store/webhook-outbox.ts'

export interface ObservedService {
  database: Database
  disk: Pick<DiskWatch, 'space'>
  blobFolder: string
  log: Logger
}

export function observeService({ database, disk, blobFolder, log }: ObservedService): {
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
      {
        code: 'BlobFolderUnavailable',
        fault: 'No file can be made in the folder of uploads and results.',
        check: () => checkFolder(blobFolder),
      },
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

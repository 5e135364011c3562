// Everything the embedded service keeps in its database, opened together.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startJobQueue } from './job-queue.ts'
import { openJobRows } from './job-rows.ts'
import type { JobStore } from './job-store.ts'
import { migrate } from './migrate.ts'
import { openPglite, type PgliteDatabase } from './pglite-database.ts'

export interface EmbeddedStore {
  database: PgliteDatabase
  jobs: JobStore
  close(): Promise<void>
}

/** Opens (or creates) the database in `<dataDir>/database`, brings its schema up to date and starts the queue. */
export async function openEmbeddedStore(
  dataDir: string,
  { now, newId, onError }: { now: () => Date; newId: () => string; onError: (error: unknown) => void },
): Promise<EmbeddedStore> {
  await mkdir(dataDir, { recursive: true })
  const database = await openPglite(join(dataDir, 'database'))
  try {
    await migrate(database, now)
    const queue = await startJobQueue(database, onError)
    return {
      database,
      jobs: openJobRows({ database, queue, now, newId }),
      close: async () => {
        try {
          await queue.stop()
        } finally {
          await database.close()
        }
      },
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

// What the service keeps in its database, opened together, whichever database it is.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from './database.ts'
import { openJobRows } from './job-rows.ts'
import type { JobStore } from './job-store.ts'
import { migrate } from './migrate.ts'
import { openPglite } from './pglite-database.ts'
import { openPostgres } from './postgres-database.ts'
import type { SpaceForDatabase } from './reviving-pglite.ts'

export interface Store {
  database: Database
  jobs: JobStore
  close(): Promise<void>
}

export interface StoreOptions {
  /** Its folder `database` holds the embedded database, created where it is missing. */
  dataDir: string
  /** PostgreSQL instead of the embedded database. */
  databaseUrl?: string | undefined
  maxLosses?: number | undefined
  /** What the embedded database may ask for when the disk is full. */
  space?: SpaceForDatabase | undefined
  now: () => Date
  newId: () => string
  onError: (error: unknown) => void
}

/** Opens the database and brings its schema up to date. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { dataDir, databaseUrl, maxLosses, now, newId, onError } = options
  if (databaseUrl === undefined) await mkdir(dataDir, { recursive: true })
  const database =
    databaseUrl === undefined
      ? await openPglite(join(dataDir, 'database'), options.space)
      : await openPostgres({ url: databaseUrl, onError })
  try {
    await migrate(database, now)
    return {
      database,
      jobs: openJobRows({ database, now, newId, maxLosses }),
      close: () => database.close(),
    }
  } catch (error) {
    await database.close()
    throw error
  }
}

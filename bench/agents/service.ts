// What the runs of this bench are made on: a PostgreSQL, one API process, and agents that come and go, all by the real command.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Client } from '@alidade/client'
import pg from 'pg'
import { createDatabase, startPostgres } from '../../packages/server/src/store/start-postgres.fixture.ts'
import { type ServiceProcess, startProcess } from '../../test/e2e/service-process.ts'
import { clientOf } from '../../test/e2e/survey-job.ts'

/** A tile that an agent works on at this moment. */
export interface TileAtWork {
  id: string
  name: string
  percentage: number
}

export interface Service {
  client: Client
  startAgents(count: number, flags: readonly string[]): Promise<ServiceProcess[]>
  tilesAtWork(jobId: string): Promise<TileAtWork[]>
  remove(): Promise<void>
}

/** `apart`: agents do not see the blob folder and reach it through the API. */
export async function openService({ apart }: { apart: boolean }): Promise<Service> {
  const blobDir = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  // Every commit waits for the disk, as in production.
  const postgres = await startPostgres({ fsync: true })
  const databaseUrl = await createDatabase(postgres.url, basename(blobDir))
  const blobs = ['--blob-dir', blobDir]
  const api = await startProcess({ role: 'api', databaseUrl, flags: blobs })
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  return {
    client: await clientOf(api, '--expires', '7d'),
    startAgents: (count, flags) => {
      const all = [...(apart ? [] : blobs), ...flags]
      return Promise.all(
        Array.from({ length: count }, () => startProcess({ role: 'agent', databaseUrl, flags: all })),
      )
    },
    tilesAtWork: async (jobId) => {
      const { rows } = await database.query<TileAtWork>(
        `select id, tile ->> 'name' as name, percentage from job
         where tile_of = $1 and state = 'active' and agent is not null`,
        [jobId],
      )
      return rows
    },
    remove: async () => {
      await database.end()
      await api.remove()
      await postgres.stop()
      await rm(blobDir, { recursive: true, force: true })
    },
  }
}

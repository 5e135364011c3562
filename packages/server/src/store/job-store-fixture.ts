// Opens a fresh store for the behaviour suite of the job store.
import type { OpenedJobStore } from './job-store-behaviour.ts'
import { announce } from './process-registry.ts'
import { openTestStore, type TestStore, type TestStoreOptions } from './test-store.ts'

export interface RealityDataRow {
  id: string
  output: string
  attempt: number | null
  type: string
}

export async function openTestJobStore(options: TestStoreOptions = {}): Promise<OpenedJobStore> {
  return opened(await openTestStore(options))
}

function opened(store: TestStore): OpenedJobStore {
  return {
    jobs: store.jobs,
    claimITwin: async (org, iTwinId) => {
      await store.database.query('insert into itwin (id, org, claimed_at) values ($1, $2, $3)', [
        iTwinId,
        org,
        new Date(),
      ])
    },
    outputRows: async (jobId) => {
      const { rows } = await store.database.query<RealityDataRow>(
        `select id, output, attempt, properties ->> 'type' as type from reality_data where job_id = $1 order by output`,
        [jobId],
      )
      return rows
    },
    letLeasesLapse: async () => {
      await store.database.query(`update job set lease_until = clock_timestamp() - interval '1 second'
        where lease_until is not null`)
    },
    announceAgent: (agent) => announce(store.database, { role: 'agent', ...agent }, console.error),
    restart: async () => opened(await store.reopen()),
    remove: () => store.remove(),
  }
}

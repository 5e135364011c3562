// Opens the embedded store for the behaviour suite of the job store.
import type { OpenedJobStore } from './job-store-behaviour.ts'
import { openTestStore, type TestStore } from './test-store.ts'

export interface RealityDataRow {
  id: string
  output: string
  attempt: number | null
  type: string
}

export async function openEmbeddedJobStore(): Promise<OpenedJobStore> {
  return opened(await openTestStore())
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
    restart: async () => opened(await store.reopen()),
    remove: () => store.remove(),
  }
}

// How many jobs there are in which state, over all tenants: numbers for operators, who need not know whose they are.
import type { JobState } from '@alidade/contract'
import type { Sql } from './database.ts'

export interface JobCensus {
  byState: Record<JobState, number>
  /** Active, and no agent works on them. */
  waiting: number
  /** Active, and an agent works on them. */
  underWay: number
  /** Workers that were lost in the middle of these jobs. */
  losses: number
}

export async function countJobs(database: Sql): Promise<JobCensus> {
  const { rows } = await database.query<{ state: JobState; jobs: number; claimed: number; losses: number }>(
    `select state, count(*)::float8 as jobs, count(agent)::float8 as claimed, sum(losses)::float8 as losses
     from job where tile_of is null group by state`,
  )
  const byState = { unsubmitted: 0, active: 0, success: 0, failed: 0, cancelled: 0 }
  for (const { state, jobs } of rows) byState[state] = jobs
  const underWay = rows.find(({ state }) => state === 'active')?.claimed ?? 0
  const losses = rows.reduce((sum, row) => sum + row.losses, 0)
  return { byState, waiting: byState.active - underWay, underWay, losses }
}

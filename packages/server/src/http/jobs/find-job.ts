// A job as one API version sees it: one that it cannot show does not exist for it.
import type { ApiVersion } from '@alidade/contract'
import type { JobRecord, ProgressRecord } from '../../store/job-record.ts'
import type { JobRequests } from '../../store/job-store.ts'

export async function findJob(
  store: Pick<JobRequests, 'get'>,
  version: ApiVersion,
  org: string,
  id: string,
): Promise<JobRecord | undefined> {
  const job = await store.get(org, id.toLowerCase())
  return job !== undefined && isShown(version, job) ? job : undefined
}

/** v2 has no state for a job that was not submitted. */
export function isShown(version: ApiVersion, job: Pick<ProgressRecord, 'versions' | 'state'>): boolean {
  return job.versions.includes(version) && (version === 'v1' || job.state !== 'unsubmitted')
}

// How long after its end the progress of a job is served.
import { progressRetentionMs } from '@alidade/contract/jobs'
import type { ProgressRecord } from '../../store/job-record.ts'

/** The 30 days are counted when the question is asked; when the row is purged does not matter. */
export function isExpired({ endedAt }: Pick<ProgressRecord, 'endedAt'>, now: () => Date): boolean {
  return endedAt !== undefined && endedAt.getTime() + progressRetentionMs <= now().getTime()
}

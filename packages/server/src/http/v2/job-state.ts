// The seven states of v2, told by the five of the store and what is known of the worker.
import { assertNever, type JobV2State } from '@alidade/contract'
import type { ProgressRecord } from '../../store/job-record.ts'

type Facts = Pick<ProgressRecord, 'state' | 'startedAt' | 'terminatingUntil'>

export function toV2State(job: Facts): JobV2State {
  switch (job.state) {
    case 'active':
      return job.startedAt === undefined ? 'Queued' : 'Active'
    case 'success':
      return 'Success'
    case 'failed':
      return isTerminating(job) ? 'TerminatingOnFailure' : 'Failed'
    case 'cancelled':
      return isTerminating(job) ? 'TerminatingOnCancel' : 'Cancelled'
    case 'unsubmitted':
      throw new TypeError('v2 shows no job that was not submitted')
    default:
      return assertNever(job.state)
  }
}

/**
 * Whether an agent still ends its computing. Its promise is by the clock of the database and looked at by that of this
 * process: should they differ, the state of a job whose agent died is shown that much too long or too short.
 */
export function isTerminating({ terminatingUntil }: Pick<Facts, 'terminatingUntil'>): boolean {
  return terminatingUntil !== undefined && terminatingUntil.getTime() > Date.now()
}

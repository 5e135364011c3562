import { type JobErrorCode, type JobMessage, jobErrorMessage } from '@alidade/contract/jobs'

/** The job cannot succeed, for a reason that its owner can act on. Stored with the job; anything else is our fault. */
export class JobError extends Error {
  override readonly name = 'JobError'
  readonly jobMessage: JobMessage
  /** A code with its params, or a message that is made already. */
  constructor(what: JobErrorCode | JobMessage, params: string[] = [], options?: ErrorOptions) {
    const jobMessage = typeof what === 'string' ? jobErrorMessage(what, ...params) : what
    super(jobMessage.message, options)
    this.jobMessage = jobMessage
  }
}

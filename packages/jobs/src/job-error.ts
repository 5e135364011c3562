import { type JobErrorCode, type JobMessage, jobErrorMessage } from '@alidade/contract'

/** The job cannot succeed, for a reason that its owner can act on. Stored with the job; anything else is our fault. */
export class JobError extends Error {
  override readonly name = 'JobError'
  readonly jobMessage: JobMessage
  constructor(code: JobErrorCode, params: string[] = [], options?: ErrorOptions) {
    const jobMessage = jobErrorMessage(code, ...params)
    super(jobMessage.message, options)
    this.jobMessage = jobMessage
  }
}

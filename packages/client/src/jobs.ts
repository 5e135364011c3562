// The v1 jobs of the Reality Analysis API.
import type { Job, JobCreate, JobPatch, ownOptionHeaders, Progress } from '@alidade/contract'
import { objectIn } from './answer.ts'
import { pages } from './pages.ts'
import { pollProgress, progressV1 } from './poll-progress.ts'
import { pathSegment, type Send } from './send.ts'

export interface CallOptions {
  /** Ends the call; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface CreateJobOptions extends CallOptions {
  /** Options that the published API has no place for, such as `{ 'alidade-registration': 'rigid' }`. */
  readonly headers?: Readonly<Partial<Record<keyof typeof ownOptionHeaders, string>>> | undefined
}

export interface ListJobsOptions extends CallOptions {
  /** E.g. `state eq active and type in ('changeDetection')`. Without it: the caller's own jobs. */
  readonly filter?: string
  /** Jobs per request, 1 to 1000; the service's default is 100. */
  readonly top?: number
}

/** Every call rejects with a ServiceError if the service refuses it. */
export interface Jobs {
  /** Creates a job without starting it. Its outputs have their ids from now on. */
  create(job: JobCreate, options?: CreateJobOptions): Promise<Job>
  get(jobId: string, options?: CallOptions): Promise<Job>
  /** All jobs that match, newest first, fetched page by page as they are consumed. */
  list(options?: ListJobsOptions): AsyncGenerator<Job, void, undefined>
  /** Changes settings of a job that is not yet submitted, or its state. */
  patch(jobId: string, changes: JobPatch, options?: CallOptions): Promise<Job>
  /** Starts a job; doing it twice does no harm. */
  submit(jobId: string, options?: CallOptions): Promise<Job>
  /** Cancels an active job; doing it twice does no harm. */
  cancel(jobId: string, options?: CallOptions): Promise<Job>
  /** Deletes a job that was not submitted. */
  delete(jobId: string, options?: CallOptions): Promise<void>
  /** One look at the progress. To wait for the end use `waitForJob`, which keeps the documented intervals. */
  progress(jobId: string, options?: CallOptions): Promise<Progress>
}

const { path } = progressV1

export function createJobs(send: Send): Jobs {
  const jobPath = (jobId: string) => `${path}/${pathSegment(jobId)}`
  const patch: Jobs['patch'] = async (jobId, changes, { signal } = {}) =>
    objectIn(await send({ method: 'PATCH', path: jobPath(jobId), body: changes, signal }), 'job')

  return {
    async create(job, { headers = {}, signal } = {}) {
      return objectIn(await send({ method: 'POST', path, body: job, headers, signal }), 'job')
    },
    async get(jobId, { signal } = {}) {
      return objectIn(await send({ method: 'GET', path: jobPath(jobId), signal }), 'job')
    },
    list({ filter, top, signal } = {}) {
      return pages<Job>(send, { method: 'GET', path, query: { $filter: filter, $top: top }, signal }, 'jobs')
    },
    patch,
    submit: (jobId, options) => patch(jobId, { state: 'active' }, options),
    cancel: (jobId, options) => patch(jobId, { state: 'cancelled' }, options),
    async delete(jobId, { signal } = {}) {
      await send({ method: 'DELETE', path: jobPath(jobId), signal })
    },
    async progress(jobId, { signal } = {}) {
      return (await pollProgress(send, progressV1, jobId, { signal })).progress!
    },
  }
}

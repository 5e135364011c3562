// The jobs of v2: submitted as they are created, cancelled by DELETE, with their messages asked for apart.
import type { JobCreateV2, JobMessagesResponse, JobV2 } from '@alidade/contract'
import { type JobV2State, jobV2States } from '@alidade/contract/jobs'
import { objectIn } from './answer.ts'
import type { CallOptions, CreateJobOptions } from './jobs.ts'
import { pages } from './pages.ts'
import { type ProgressDialect, percentageAndState, pollProgress } from './poll-progress.ts'
import { pathSegment, type Send } from './send.ts'

export interface ProgressV2 {
  /** Whole percents. */
  percentage: number
  state: JobV2State
}

export type MessagesV2 = JobMessagesResponse['messages']

export interface ListJobsV2Options extends CallOptions {
  /** Jobs per request, 2 to 1000; the service's default is 100. */
  readonly top?: number
}

/** Every call rejects with a ServiceError if the service refuses it. */
export interface JobsV2 {
  /** Creates a job and submits it. Its outputs have their ids from now on. */
  create(job: JobCreateV2, options?: CreateJobOptions): Promise<JobV2>
  get(jobId: string, options?: CallOptions): Promise<JobV2>
  /** All jobs that match, e.g. `state eq Active`, newest first, fetched page by page as they are consumed. */
  list(filter: string, options?: ListJobsV2Options): AsyncGenerator<JobV2, void, undefined>
  /** Cancels an active job; doing it twice does no harm. */
  cancel(jobId: string, options?: CallOptions): Promise<JobV2>
  /** One look at the progress. To wait for the end use `waitForJob`, which keeps the documented intervals. */
  progress(jobId: string, options?: CallOptions): Promise<ProgressV2>
  messages(jobId: string, options?: CallOptions): Promise<MessagesV2>
}

const ended: readonly JobV2State[] = ['Success', 'Failed', 'Cancelled']

export const progressV2: ProgressDialect<ProgressV2> = {
  path: '/reality-analysis/jobs',
  read: (answer) => percentageAndState(answer, jobV2States),
  isFinal: ({ state }) => ended.includes(state),
}

export function createJobsV2(send: Send): JobsV2 {
  const { path } = progressV2
  const jobPath = (jobId: string) => `${path}/${pathSegment(jobId)}`
  return {
    async create(job, { headers = {}, signal } = {}) {
      return objectIn(await send({ method: 'POST', path, body: job, headers, signal }), 'job')
    },
    async get(jobId, { signal } = {}) {
      return objectIn(await send({ method: 'GET', path: jobPath(jobId), signal }), 'job')
    },
    list(filter, { top, signal } = {}) {
      return pages<JobV2>(
        send,
        { method: 'GET', path, query: { $filter: filter, $top: top }, signal },
        'jobs',
      )
    },
    async cancel(jobId, { signal } = {}) {
      return objectIn(await send({ method: 'DELETE', path: jobPath(jobId), signal }), 'job')
    },
    async progress(jobId, { signal } = {}) {
      return (await pollProgress(send, progressV2, jobId, { signal })).progress!
    },
    async messages(jobId, { signal } = {}) {
      return objectIn(await send({ method: 'GET', path: `${jobPath(jobId)}/messages`, signal }), 'messages')
    },
  }
}

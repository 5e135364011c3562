// GET /realitydataanalysis/jobs/{jobId}/progress: the operation this project exists for.
//
// How far the job is, in whole percents; its state; the step it is in. `get-job-progress.test.ts` follows the
// published page sentence by sentence.
import { getJobProgress } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { ProgressRecord } from '../../store/job-record.ts'
import type { JobRequests } from '../../store/job-store.ts'
import { publishedApiError } from '../api-error.ts'
import { isShown } from '../jobs/find-job.ts'
import { isExpired } from '../jobs/progress-retention.ts'
import { matches } from '../jobs/entity-tag.ts'
import { registerOperation } from '../operation-route.ts'
import { openShortWay } from '../short-way.ts'

export interface ProgressDependencies {
  store: Pick<JobRequests, 'progress'>
  now: () => Date
}

export function getJobProgressRoute(app: FastifyInstance, { store, now }: ProgressDependencies): void {
  const isServed = (job: ProgressRecord | undefined): job is ProgressRecord =>
    job !== undefined && isShown('v1', job) && !isExpired(job, now)

  registerOperation(app, getJobProgress, async ({ caller, params, headers }) => {
    const job = await store.progress(caller.org, params.jobId.toLowerCase())
    if (!isServed(job)) throw publishedApiError('ProgressNotFound')

    const caching = { 'cache-control': cacheControl, etag: etagOf(job) }
    if (matches(headers['if-none-match'], caching.etag)) return { status: 304, headers: caching }
    return { status: 200, headers: caching, body: bodyOf(job) }
  })

  const answerOf = (job: ProgressRecord | undefined) =>
    isServed(job)
      ? { headers: ['cache-control', cacheControl, 'etag', etagOf(job)], body: JSON.stringify(bodyOf(job)) }
      : undefined
  openShortWay(app, {
    operation: getJobProgress,
    path: /^\/realitydataanalysis\/jobs\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/progress$/,
    answer: (caller, [, jobId = '']) => {
      const found = store.progress(caller.org, jobId)
      return found instanceof Promise ? found.then(answerOf) : answerOf(found)
    },
  })
}

/** The caller may keep it, to be told 304; a cache that others share may not. */
const cacheControl = 'private, no-cache'

function etagOf({ percentage, state, step }: ProgressRecord): string {
  return `"${Math.floor(percentage)}-${state}-${step}"`
}

function bodyOf({ percentage, state, step }: ProgressRecord) {
  return { progress: { percentage: Math.floor(percentage), state, step } }
}

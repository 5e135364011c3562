// GET /reality-analysis/jobs/{jobId}/progress: how far the job is, in whole percents, and its state; no step.
import { getJobProgressV2 } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { ProgressRecord } from '../../store/job-record.ts'
import type { JobRequests } from '../../store/job-store.ts'
import { publishedApiError } from '../api-error.ts'
import { matches } from '../jobs/entity-tag.ts'
import { isShown } from '../jobs/find-job.ts'
import { isExpired } from '../jobs/progress-retention.ts'
import { registerOperation } from '../operation-route.ts'
import { openShortWay } from '../short-way.ts'
import { toV2State } from './job-state.ts'

export interface ProgressDependencies {
  store: Pick<JobRequests, 'progress'>
  now: () => Date
}

export function getJobProgressRoute(app: FastifyInstance, { store, now }: ProgressDependencies): void {
  const isServed = (job: ProgressRecord | undefined): job is ProgressRecord =>
    job !== undefined && isShown('v2', job) && !isExpired(job, now)

  registerOperation(app, getJobProgressV2, async ({ caller, params, headers }) => {
    const job = await store.progress(caller.org, params.jobId.toLowerCase())
    if (!isServed(job)) throw publishedApiError('JobProgressNotFound')
    const { body, headers: caching } = answerTo(job)
    if (matches(headers['if-none-match'], caching.etag)) return { status: 304, headers: caching }
    return { status: 200, headers: caching, body }
  })

  const shortAnswerTo = (job: ProgressRecord | undefined) => {
    if (!isServed(job)) return undefined
    const { body, headers } = answerTo(job)
    return { headers: Object.entries(headers).flat(), body: JSON.stringify(body) }
  }
  openShortWay(app, {
    operation: getJobProgressV2,
    path: /^\/reality-analysis\/jobs\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/progress$/,
    answer: (caller, [, jobId = '']) => {
      const found = store.progress(caller.org, jobId)
      return found instanceof Promise ? found.then(shortAnswerTo) : shortAnswerTo(found)
    },
  })
}

/** The caller may keep it, to be told 304; a cache that others share may not. */
function answerTo(job: ProgressRecord) {
  const progress = { percentage: Math.floor(job.percentage), state: toV2State(job) }
  const etag = `"${progress.percentage}-${progress.state}"`
  return { body: { progress }, headers: { 'cache-control': 'private, no-cache', etag } }
}

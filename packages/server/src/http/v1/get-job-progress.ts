// GET /realitydataanalysis/jobs/{jobId}/progress: the operation this project exists for.
//
// How far the job is, in whole percents; its state; the step it is in. `get-job-progress.test.ts` follows the
// published page sentence by sentence.
import { getJobProgress, progressRetentionMs } from '@alidade/contract'
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import { publishedApiError } from '../api-error.ts'
import { registerOperation } from '../operation-route.ts'

export interface ProgressDependencies {
  store: Pick<JobRequests, 'progress'>
  now: () => Date
}

export function getJobProgressRoute(app: FastifyInstance, { store, now }: ProgressDependencies): void {
  registerOperation(app, getJobProgress, async ({ caller, params, headers }) => {
    const job = await store.progress(caller.org, params.jobId.toLowerCase())
    // The 30 days are counted when the question is asked; when the row is purged does not matter.
    const expired =
      job?.endedAt !== undefined && job.endedAt.getTime() + progressRetentionMs <= now().getTime()
    if (job === undefined || expired) throw publishedApiError('ProgressNotFound')

    const percentage = Math.floor(job.percentage)
    const etag = `"${percentage}-${job.state}-${job.step}"`
    // The caller may keep it, to be told 304; a cache that others share may not.
    const caching = { etag, 'cache-control': 'private, no-cache' }
    if (matches(headers['if-none-match'], etag)) return { status: 304, headers: caching }
    return {
      status: 200,
      headers: caching,
      body: { progress: { percentage, state: job.state, step: job.step } },
    }
  })
}

/**
 * Whether If-None-Match names `etag`: alone, in a list, as a weak tag, or by `*` (RFC 9110, 13.1.2). Our tags begin
 * and end with a quote and hold none, so what contains one names it.
 */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.includes(etag) || ifNoneMatch.trim() === '*'
}

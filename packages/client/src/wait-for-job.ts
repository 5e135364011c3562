// Waiting for a job the way the published page of the operation asks for: "Get job progress", Remarks.
import type { Progress } from '@alidade/contract'
import { pollIntervalsSeconds } from '@alidade/contract/jobs'
import { raceAbort } from './abort.ts'
import type { Clock } from './clock.ts'
import { type PolledProgress, type ProgressDialect, pollProgress } from './poll-progress.ts'
import type { Send } from './send.ts'
import { ServiceError, serviceError } from './service-error.ts'

/** The part of a progress that both versions of the API have. */
type AnyProgress = Pick<Progress, 'percentage'> & { readonly state: string; readonly step?: string }

export interface WaitOptions<P = Progress> {
  /** Ends the wait at once; it then rejects with the signal's reason. The job itself goes on. */
  readonly signal?: AbortSignal | undefined
  /** Called with the first progress, and whenever percentage, state or step is another. What it throws ends the wait. */
  readonly onProgress?: (progress: P) => void | Promise<void>
  /** Called for each poll that failed but does not end the wait. */
  readonly onFailedPoll?: (error: ServiceError) => void | Promise<void>
  /** Gaps between polls in seconds, the last one repeats. Default 15, 30, 60, 120; change it for a server of your own. */
  readonly intervalsSeconds?: readonly number[]
  /** Failed polls in a row, 429 included, after which the wait gives up. Default 40: 10 minutes at the least. */
  readonly maxFailedPolls?: number
  /** Default: the clock of the client. */
  readonly clock?: Clock
}

/**
 * Resolves with the last progress once the job has succeeded, failed or is cancelled.
 *
 * Polls at once, then after 15, 30, 60, 120, 120 ... s. When the percentage changes, the next gap is 15 s again;
 * a new step or state alone changes nothing. `Retry-After` is honoured. A failed poll (no answer, a broken one,
 * 408, 425, 429, 5xx) is repeated after the same gap, as if it had not happened. What cannot get better (401 with
 * a fresh token, 403, 404, 422 ...) rejects with its ServiceError. A job not yet submitted is waited for, too.
 */
export async function waitForJob<P extends AnyProgress>(
  send: Send,
  dialect: ProgressDialect<P>,
  jobId: string,
  options: WaitOptions<P> & { readonly clock: Clock },
): Promise<P> {
  const { signal, onProgress, onFailedPoll, clock } = options
  const intervals = checkIntervals(options.intervalsSeconds ?? pollIntervalsSeconds)
  const maxFailedPolls = checkCount(options.maxFailedPolls ?? 40)
  let place = 0
  let failedPolls = 0
  let known: P | undefined
  let etag: string | undefined

  for (;;) {
    let wait: number | undefined
    const answer = await pollOrError(send, dialect, jobId, { etag, signal })
    if (answer instanceof ServiceError) {
      failedPolls++
      if (failedPolls >= maxFailedPolls) throw gaveUp(answer, failedPolls)
      wait = answer.retryAfterSeconds
      await raceAbort(onFailedPoll?.(answer), signal)
    } else {
      failedPolls = 0
      wait = answer.retryAfterSeconds
      etag = answer.etag
      const progress: P = answer.progress ?? known!
      const moved = known === undefined || known.percentage !== progress.percentage
      place = moved ? 0 : Math.min(place + 1, intervals.length - 1)
      const news = moved || known?.state !== progress.state || known?.step !== progress.step
      known = progress
      if (news) await raceAbort(onProgress?.({ ...progress }), signal)
      if (dialect.isFinal(progress)) return progress
    }
    const seconds = Math.max(intervals[place]!, wait ?? 0)
    await raceAbort(clock.sleep(seconds * 1000, signal), signal)
  }
}

/** The answer, or the error of a poll that is worth repeating; throws all other errors. */
async function pollOrError<P>(
  send: Send,
  dialect: ProgressDialect<P>,
  jobId: string,
  options: { etag: string | undefined; signal: AbortSignal | undefined },
): Promise<PolledProgress<P> | ServiceError> {
  try {
    // Repeated in the rhythm of the polls, and not beside it.
    return await pollProgress(send, dialect, jobId, { ...options, maxRetries: 0 })
  } catch (error) {
    if (error instanceof ServiceError && error.retryable) return error
    throw error
  }
}

function gaveUp(error: ServiceError, polls: number): ServiceError {
  const { request, code, status, target, details, correlationId } = error
  const message = `gave up after ${polls} failed polls in a row; the last: ${error.message}`
  return serviceError({
    request,
    code,
    status,
    target,
    details,
    correlationId,
    retryAfterSeconds: error.retryAfterSeconds,
    message,
    cause: error,
  })
}

function checkIntervals(seconds: readonly number[]): readonly number[] {
  if (seconds.length > 0 && seconds.every((value) => Number.isFinite(value) && value > 0)) return seconds
  throw new RangeError(`intervalsSeconds must be positive numbers, at least one, got [${seconds.join(', ')}]`)
}

function checkCount(count: number): number {
  if (count >= 1) return count
  throw new RangeError(`maxFailedPolls must be at least 1, got ${count}`)
}

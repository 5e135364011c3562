// GET /realitydataanalysis/jobs/{jobId}/progress, read with some tolerance.
import { type JobState, jobStates, type Progress } from '@alidade/contract'
import { type Answer, objectIn, retryAfterSeconds, unexpectedAnswer } from './answer.ts'
import { pathSegment, type Send } from './send.ts'

export interface PolledProgress {
  /** Absent if nothing changed since `etag` (304). */
  readonly progress?: Progress
  readonly etag: string | undefined
  readonly retryAfterSeconds: number | undefined
}

export async function pollProgress(
  send: Send,
  jobId: string,
  { etag, signal }: { etag?: string | undefined; signal?: AbortSignal | undefined },
): Promise<PolledProgress> {
  const path = `/realitydataanalysis/jobs/${pathSegment(jobId)}/progress`
  const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag }
  const answer = await send({ method: 'GET', path, headers, signal })
  const wait = retryAfterSeconds(answer.headers, answer.receivedAt)
  if (answer.status !== 304) {
    return {
      progress: readProgress(answer),
      etag: answer.headers.get('etag') ?? undefined,
      retryAfterSeconds: wait,
    }
  }
  if (etag === undefined) throw unexpectedAnswer(answer, 'the progress, as no If-None-Match was sent')
  return { etag, retryAfterSeconds: wait }
}

/** Servers of this API differ in letter case of the state, in the type of the percentage, and on the step. */
function readProgress(answer: Answer): Progress {
  const { percentage, state, step } = objectIn<Record<string, unknown>>(answer, 'progress')
  const lowered = typeof state === 'string' ? state.toLowerCase() : ''
  const number = typeof percentage === 'string' && percentage.trim() !== '' ? Number(percentage) : percentage
  if (
    !(jobStates as readonly string[]).includes(lowered) ||
    typeof number !== 'number' ||
    !Number.isFinite(number)
  ) {
    throw unexpectedAnswer(answer, 'a progress with a percentage and a documented state')
  }
  return { percentage: number, state: lowered as JobState, step: typeof step === 'string' ? step : '' }
}

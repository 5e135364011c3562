// One look at the progress of a job, read with some tolerance: servers of this API differ in letter case of the state, in
// the type of the percentage, and on the step.
import type { Progress } from '@alidade/contract'
import { finalStates, type JobState, jobStates } from '@alidade/contract/jobs'
import { type Answer, objectIn, retryAfterSeconds, unexpectedAnswer } from './answer.ts'
import { pathSegment, type Send } from './send.ts'

/** How one version of the API tells progress. */
export interface ProgressDialect<P> {
  /** Of the jobs. */
  readonly path: string
  /** Throws ServiceError where it is none. */
  read(answer: Answer): P
  /** Whether the job has ended. */
  isFinal(progress: P): boolean
}

export const progressV1: ProgressDialect<Progress> = {
  path: '/realitydataanalysis/jobs',
  read(answer) {
    const { step } = objectIn<Record<string, unknown>>(answer, 'progress')
    const { percentage, state } = percentageAndState<JobState>(answer, jobStates)
    return { percentage, state, step: typeof step === 'string' ? step : '' }
  },
  isFinal: ({ state }) => (finalStates as readonly string[]).includes(state),
}

/** `states` are all that there are, as this client spells them. */
export function percentageAndState<S extends string>(
  answer: Answer,
  states: readonly S[],
): { percentage: number; state: S } {
  const { percentage, state } = objectIn<Record<string, unknown>>(answer, 'progress')
  const known = states.find((one) => typeof state === 'string' && one.toLowerCase() === state.toLowerCase())
  const number = typeof percentage === 'string' && percentage.trim() !== '' ? Number(percentage) : percentage
  if (known === undefined || typeof number !== 'number' || !Number.isFinite(number)) {
    throw unexpectedAnswer(answer, 'a progress with a percentage and a documented state')
  }
  return { percentage: number, state: known }
}

export interface PolledProgress<P> {
  /** Absent if nothing changed since `etag` (304). */
  readonly progress?: P
  readonly etag: string | undefined
  readonly retryAfterSeconds: number | undefined
}

export async function pollProgress<P>(
  send: Send,
  { path: jobsPath, read }: ProgressDialect<P>,
  jobId: string,
  options: { etag?: string | undefined; signal?: AbortSignal | undefined; maxRetries?: number },
): Promise<PolledProgress<P>> {
  const { etag, ...call } = options
  const path = `${jobsPath}/${pathSegment(jobId)}/progress`
  const headers: Record<string, string> = etag === undefined ? {} : { 'if-none-match': etag }
  const answer = await send({ method: 'GET', path, headers, ...call })
  const wait = retryAfterSeconds(answer.headers, answer.receivedAt)
  if (answer.status !== 304) {
    return { progress: read(answer), etag: answer.headers.get('etag') ?? undefined, retryAfterSeconds: wait }
  }
  if (etag === undefined) throw unexpectedAnswer(answer, 'the progress, as no If-None-Match was sent')
  return { etag, retryAfterSeconds: wait }
}

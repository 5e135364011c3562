// The client as a whole.
import type { Progress } from '@alidade/contract'
import { type ClientV2, createClientV2 } from './client-v2.ts'
import { type Clock, systemClock } from './clock.ts'
import { createDetectorsV1, type DetectorsV1 } from './detectors-v1.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { progressV1 } from './poll-progress.ts'
import { createRealityData, type RealityDataCalls } from './reality-data.ts'
import { createSend } from './send.ts'
import type { TokenProvider } from './token.ts'
import { type WaitOptions, waitForJob } from './wait-for-job.ts'

export interface ClientOptions {
  /** Where the service is, e.g. `http://localhost:8787`; may have a path, may not have a query. */
  readonly baseUrl: string | URL
  /** Asked before each request, and again with `refresh: true` after a 401; the request is then repeated once. */
  readonly token: TokenProvider
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** Default: the system's. */
  readonly clock?: Clock
  /** Limit for one request with its answer, default 100 s, 0 = none. */
  readonly timeoutSeconds?: number
  /**
   * How often a request that was answered by 429 or 503 is sent again: after what `Retry-After` says, up to two minutes,
   * else after 1, 2, 4 ... 30 s. Default 4. `waitForJob` has a rhythm of its own.
   */
  readonly maxRetries?: number
}

export interface Client {
  /** Of v1. */
  readonly jobs: Jobs
  /** Of v1. */
  readonly detectors: DetectorsV1
  readonly realityData: RealityDataCalls
  /** Resolves with the last progress of a job once it has ended, however it ended. */
  waitForJob(jobId: string, options?: WaitOptions): Promise<Progress>
  /** The second version of the analysis API; reality data are the same. */
  readonly v2: ClientV2
}

/** A client of one service. It keeps no connection and no state; nothing has to be closed. */
export function createClient({
  baseUrl,
  token,
  fetch = (input, init) => globalThis.fetch(input, init),
  clock = systemClock,
  timeoutSeconds = 100,
  maxRetries = 4,
}: ClientOptions): Client {
  const send = createSend({ baseUrl, token, fetch, clock, timeoutSeconds, maxRetries })
  return {
    jobs: createJobs(send),
    detectors: createDetectorsV1(send),
    realityData: createRealityData(send),
    v2: createClientV2(send, clock),
    waitForJob: (jobId, options = {}) => waitForJob(send, progressV1, jobId, { clock, ...options }),
  }
}

// The second version of the analysis API. Reality data are the same in both.
import { arrayIn } from './answer.ts'
import type { Clock } from './clock.ts'
import { containerUrlIn } from './container-url.ts'
import { createDetectors, type Detectors } from './detectors-v2.ts'
import type { CallOptions } from './jobs.ts'
import { createJobsV2, type JobsV2, type ProgressV2, progressV2 } from './jobs-v2.ts'
import { pathSegment, type Send } from './send.ts'
import { type WaitOptions, waitForJob } from './wait-for-job.ts'

/** A file that the service brings for its jobs. */
export interface ServiceFile {
  id: string
  name: string
  type: 'Preset'
  description?: string
  deprecated?: boolean
}

export interface ClientV2 {
  readonly jobs: JobsV2
  readonly detectors: Detectors
  /** The container URL of the iTwin's bucket, signed; it works for about an hour. Keep it out of logs. */
  bucketAccess(iTwinId: string, options?: CallOptions): Promise<string>
  files(options?: CallOptions): Promise<ServiceFile[]>
  /** Resolves with the last progress of a job once it has ended, however it ended. */
  waitForJob(jobId: string, options?: WaitOptions<ProgressV2>): Promise<ProgressV2>
}

export function createClientV2(send: Send, clock: Clock): ClientV2 {
  return {
    jobs: createJobsV2(send),
    detectors: createDetectors(send),
    async bucketAccess(iTwinId, { signal } = {}) {
      const path = `/reality-analysis/itwins/${pathSegment(iTwinId)}/bucket`
      return containerUrlIn(await send({ method: 'GET', path, signal }))
    },
    async files({ signal } = {}) {
      return arrayIn(await send({ method: 'GET', path: '/reality-analysis/files', signal }), 'files')
    },
    waitForJob: (jobId, options = {}) => waitForJob(send, progressV2, jobId, { clock, ...options }),
  }
}

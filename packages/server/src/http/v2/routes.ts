// The v2 operations on jobs, the bucket and the files.
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import type { PinDetectors } from '../detectors/pin-detectors.ts'
import type { InspectJob } from '../jobs/submission.ts'
import { bucketRoutes } from './bucket.ts'
import { cancelJobRoute } from './cancel-job.ts'
import { createJobRoute } from './create-job.ts'
import { getJobRoutes } from './get-job.ts'
import { getJobProgressRoute } from './get-job-progress.ts'
import { listJobsRoute } from './list-jobs.ts'

export interface V2Dependencies {
  store: JobRequests
  realityData: Pick<RealityDataStore, 'get' | 'bucket' | 'claimITwin'>
  inspectJob: InspectJob
  /** Default: no input is a detector. */
  pinDetectors?: PinDetectors
  /** Sign container URLs, the first of them; the same as those of the blob routes. */
  sasKeys: readonly Uint8Array[]
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  now: () => Date
  /** Signs continuation tokens; the same in every process that serves them. */
  tokenKey: Uint8Array
}

/** Registers the operations under `/reality-analysis`, and their other paths, on an app made by `buildApp`. */
export function v2Routes(app: FastifyInstance, dependencies: V2Dependencies): void {
  getJobProgressRoute(app, dependencies)
  createJobRoute(app, dependencies)
  getJobRoutes(app, dependencies)
  listJobsRoute(app, dependencies)
  cancelJobRoute(app, dependencies)
  bucketRoutes(app, dependencies)
}

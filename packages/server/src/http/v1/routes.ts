// The v1 operations on jobs.
import type { FastifyInstance } from 'fastify'
import type { JobRequests } from '../../store/job-store.ts'
import type { RealityDataStore } from '../../store/reality-data-store.ts'
import type { PinDetectors } from '../detectors/pin-detectors.ts'
import type { InspectJob } from '../jobs/submission.ts'
import { createJobRoute } from './create-job.ts'
import { deleteJobRoute } from './delete-job.ts'
import { getJobRoute } from './get-job.ts'
import { getJobProgressRoute } from './get-job-progress.ts'
import { listJobsRoute } from './list-jobs.ts'
import { patchJobRoute } from './patch-job.ts'

export interface V1Dependencies {
  store: JobRequests
  realityData: Pick<RealityDataStore, 'get' | 'bucket' | 'claimITwin'>
  inspectJob: InspectJob
  /** Default: no input is a detector. */
  pinDetectors?: PinDetectors
  /** Scheme, host and prefix under which clients reach this service, without a slash at the end. */
  publicUrl: () => string
  now: () => Date
  /** Signs continuation tokens; the same in every process that serves them. */
  tokenKey: Uint8Array
}

/** Registers the operations under `/realitydataanalysis/jobs` on an app made by `buildApp`. */
export function v1Routes(app: FastifyInstance, dependencies: V1Dependencies): void {
  getJobProgressRoute(app, dependencies)
  createJobRoute(app, dependencies)
  getJobRoute(app, dependencies)
  listJobsRoute(app, dependencies)
  patchJobRoute(app, dependencies)
  deleteJobRoute(app, dependencies)
}

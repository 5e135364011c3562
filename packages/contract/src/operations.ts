// The operations of each published API, in the order in which documents show them.
import type { Operation } from './operation.ts'
import { createJob, deleteJob, getJob, listJobs, patchJob } from './v1/operations.ts'
import { getJobProgress } from './v1/progress.ts'

export const realityDataAnalysisV1Operations: readonly Operation[] = [
  getJobProgress,
  createJob,
  getJob,
  listJobs,
  patchJob,
  deleteJob,
]

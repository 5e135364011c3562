export { type Clock, systemClock } from './clock.ts'
export type { ClientV2, ServiceFile } from './client-v2.ts'
export { type Client, type ClientOptions, createClient } from './create-client.ts'
export type { DetectorVersionCalls, UploadUrl } from './detector-versions.ts'
export type { DetectorsV1 } from './detectors-v1.ts'
export type { Detectors, ListDetectorsOptions } from './detectors-v2.ts'
export type { CallOptions, CreateJobOptions, Jobs, ListJobsOptions } from './jobs.ts'
export type { JobsV2, ListJobsV2Options, MessagesV2, ProgressV2 } from './jobs-v2.ts'
export type {
  ListRealityDataOptions,
  RealityDataCalls,
  RealityDataOptions,
  TimeInterval,
} from './reality-data.ts'
export {
  type ClientErrorCode,
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitedError,
  ServiceError,
  UnauthorizedError,
} from './service-error.ts'
export type { TokenProvider, TokenRequest } from './token.ts'
export type { WaitOptions } from './wait-for-job.ts'

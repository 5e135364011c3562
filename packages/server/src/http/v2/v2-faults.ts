// How v2 says that a request cannot be done, with every fault that was found: 400 where it is malformed or asks for what
// is not delivered, 422 where the filter, the inputs or the state of the job are in the way.
import type { ErrorDetail } from '@alidade/contract'
import { type ApiError, faultError, publishedApiError } from '../api-error.ts'

export const cannot = {
  create: 'Invalid request to Reality Analysis.',
  list: 'Cannot list jobs.',
  cancel: 'Cannot cancel job.',
} as const

export function jobFaults(
  action: keyof typeof cannot,
  details: ErrorDetail[],
  status: 400 | 422 = 422,
): ApiError {
  return faultError('InvalidRealityAnalysisRequest', cannot[action], details, status)
}

/** The same for an unknown id, one that is no GUID, one of another tenant, and a job that v2 cannot show. */
export function jobNotFound(): ApiError {
  return publishedApiError('JobNotFound')
}

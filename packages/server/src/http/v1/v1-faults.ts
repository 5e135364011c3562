// How v1 says that a request cannot be done: 422 with every fault that was found.
import type { ErrorDetail } from '@alidade/contract'
import { type ApiError, faultError, publishedApiError } from '../api-error.ts'

export const cannot = {
  create: 'Cannot create job.',
  list: 'Cannot list jobs.',
  modify: 'Cannot modify job.',
  delete: 'Cannot delete job.',
} as const

export function jobFaults(action: keyof typeof cannot, details: ErrorDetail[]): ApiError {
  return faultError('InvalidRealityDataAnalysisRequest', cannot[action], details)
}

/** What is wrong with the `index`-th of the inputs. */
export function inputFault({ index, message }: { index: number; message: string }): ErrorDetail {
  return { code: 'InvalidValue', message, target: `inputs[${index}].id` }
}

/** The same for an unknown id, one that is no GUID and one of another tenant. */
export function jobNotFound(): ApiError {
  return publishedApiError('JobNotFound')
}

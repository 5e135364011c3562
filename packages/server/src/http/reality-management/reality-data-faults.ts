// How Reality Management says no.
import { type ErrorDetail, invalidRealityDataMessage, realityDataNotFoundMessage } from '@alidade/contract'
import { ApiError, faultError } from '../api-error.ts'

/** For `registerOperation`: every 422 has the same message, the details say what is wrong. */
export const faultMessage = { faultMessage: invalidRealityDataMessage }

export function realityDataFaults(...details: ErrorDetail[]): ApiError {
  return faultError('InvalidRealityDataRequest', invalidRealityDataMessage, details)
}

/** The same for an unknown id and for one of another tenant. */
export function realityDataNotFound(): ApiError {
  return new ApiError('RealityDataNotFound', realityDataNotFoundMessage)
}

/** The same for an iTwin of another tenant and for one that nobody could have. */
export function iTwinNotFound(iTwinId: string): ApiError {
  return realityDataFaults({
    code: 'InvalidValue',
    message: `iTwin '${iTwinId}' does not exist.`,
    target: 'iTwinId',
  })
}

// How the operations on detectors say no: 400 with every fault that was found, under the code of the version of the API.
import { cannotDetector, type ErrorCode, type ErrorDetail } from '@alidade/contract'
import { ApiError, faultError, publishedApiError } from '../api-error.ts'

export interface DetectorApi {
  version: 'v1' | 'v2'
  invalid: ErrorCode
}

export const detectorApiV1: DetectorApi = { version: 'v1', invalid: 'InvalidRealityDataAnalysisRequest' }
export const detectorApiV2: DetectorApi = { version: 'v2', invalid: 'InvalidRealityAnalysisRequest' }

export type DetectorAction = keyof typeof cannotDetector

export function detectorFaults(
  { invalid }: DetectorApi,
  action: DetectorAction,
  ...details: ErrorDetail[]
): ApiError {
  return faultError(invalid, cannotDetector[action], details, 400)
}

/** For `registerOperation`. */
export function faultMessageOf(action: DetectorAction) {
  return { faultMessage: cannotDetector[action], faultStatus: 400 }
}

/** The same for an unknown name, an unknown version, and what another tenant has not published. */
export function detectorNotFound(): ApiError {
  return publishedApiError('DetectorNotFound')
}

export function detectorExists(name: string): ApiError {
  return new ApiError('DetectorAlreadyExists', `Detector '${name}' already exists.`, { target: 'name' })
}

export function versionExists(name: string, number: string, target: string): ApiError {
  const message = `Version '${number}' of detector '${name}' already exists.`
  return new ApiError('DetectorVersionAlreadyExists', message, { target })
}

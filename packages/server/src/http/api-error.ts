// The client did something that the API names: thrown anywhere below a route, turned into the answer by `app.ts`.
import {
  type ErrorCode,
  type ErrorDetail,
  type ErrorResponse,
  errorStatus,
  publishedMessage,
} from '@alidade/contract'

export interface ApiErrorOptions extends ErrorOptions {
  /** What is at fault, when exactly one property, parameter or header is. */
  target?: string | undefined
  details?: ErrorDetail[] | undefined
  /** Where it is not that of the code. */
  status?: number | undefined
  /** Headers of the answer, e.g. `retry-after`. */
  headers?: Record<string, string> | undefined
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly target: string | undefined
  readonly details: ErrorDetail[] | undefined
  readonly headers: Record<string, string> | undefined
  readonly status: number

  constructor(code: ErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.target = options.target
    this.details = options.details
    this.headers = options.headers
    this.status = options.status ?? errorStatus[code]
  }

  body(): ErrorResponse {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.target === undefined ? {} : { target: this.target }),
        ...(this.details === undefined ? {} : { details: this.details }),
      },
    }
  }
}

/** An error whose message is published, word for word, without target or details. */
export function publishedApiError(
  code: keyof typeof publishedMessage,
  headers?: Record<string, string>,
): ApiError {
  return new ApiError(code, publishedMessage[code], { headers })
}

/** The faults found in one request; the target is named on top when there is exactly one fault. */
export function faultError(
  code: ErrorCode,
  message: string,
  details: ErrorDetail[],
  status?: number,
): ApiError {
  return new ApiError(code, message, {
    details,
    status,
    target: details.length === 1 ? details[0]?.target : undefined,
  })
}

// The errors of this client. Whatever a server, a proxy or the network does, the caller gets a ServiceError, or one of
// the classes below it where the status says which.
import type { ErrorDetail } from '@alidade/contract'

/** Codes this client gives where the service gave none. Codes of the service are in `@alidade/contract`. */
export type ClientErrorCode =
  /** No answer, or one that broke off: name resolution, connection, TLS. `cause` has what the platform said. */
  | 'NetworkError'
  /** No complete answer within the client's time limit for one request. */
  | 'RequestTimedOut'
  /** The token provider failed; `cause` has its error. */
  | 'TokenUnavailable'
  /** An answer without a readable body of the documented shape, e.g. the HTML page of a proxy. */
  | 'UnexpectedAnswer'

export interface ServiceErrorFields {
  /** Method and path, e.g. `GET /realitydataanalysis/jobs/…`; never the query, which may hold a signature. */
  readonly request: string
  readonly code: string
  readonly message: string
  readonly status?: number | undefined
  readonly target?: string | undefined
  readonly details?: readonly ErrorDetail[] | undefined
  readonly retryAfterSeconds?: number | undefined
  readonly correlationId?: string | undefined
  readonly cause?: unknown
}

/** A request that did not succeed. Programs compare `code` and `status`, people read `message`. */
export class ServiceError extends Error {
  override readonly name: string = 'ServiceError'
  readonly request: string
  /** A code of the service, or a {@link ClientErrorCode}. */
  readonly code: string
  /** HTTP status; undefined if no answer came. */
  readonly status: number | undefined
  readonly target: string | undefined
  readonly details: readonly ErrorDetail[]
  /** From the `Retry-After` header, seconds or date. */
  readonly retryAfterSeconds: number | undefined
  /** Names the request in the logs of the service. */
  readonly correlationId: string | undefined

  constructor(fields: ServiceErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause })
    this.request = fields.request
    this.code = fields.code
    this.status = fields.status
    this.target = fields.target
    this.details = fields.details ?? []
    this.retryAfterSeconds = fields.retryAfterSeconds
    this.correlationId = fields.correlationId
  }

  /**
   * Whether the same request may succeed later: no answer, a broken one, 408, 425, 429 or 5xx. The other 4xx
   * stay what they are however often one asks.
   */
  get retryable(): boolean {
    const status = this.status ?? 500
    return status < 400 || status >= 500 || status === 408 || status === 425 || status === 429
  }
}

/** 401: no token, or none that the service takes. */
export class UnauthorizedError extends ServiceError {
  override readonly name = 'UnauthorizedError'
}

/** 403: an action on something the caller may see but not change, or a signature that is refused. */
export class ForbiddenError extends ServiceError {
  override readonly name = 'ForbiddenError'
}

/** 404: what does not exist for this caller. */
export class NotFoundError extends ServiceError {
  override readonly name = 'NotFoundError'
}

/** 409 and 412: what is there already, or is another by now. */
export class ConflictError extends ServiceError {
  override readonly name = 'ConflictError'
}

/** 400, 413, 415 and 422: the request itself; `details` has an entry for each fault. */
export class InvalidRequestError extends ServiceError {
  override readonly name = 'InvalidRequestError'
}

/** 429: `retryAfterSeconds` says when to come again. */
export class RateLimitedError extends ServiceError {
  override readonly name = 'RateLimitedError'
}

const classByStatus: Record<number, typeof ServiceError> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: ConflictError,
  413: InvalidRequestError,
  415: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitedError,
}

/** Of the class that the status asks for. */
export function serviceError(fields: ServiceErrorFields): ServiceError {
  const Class = classByStatus[fields.status ?? 0] ?? ServiceError
  return new Class(fields)
}

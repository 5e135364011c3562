// Every error a client can receive: its code, its HTTP status and, where one is published, its message.
import { type Static, Type } from 'typebox'

/**
 * Every error code of the service with its HTTP status. Programs compare the code, people read the message. One code has
 * two: `InvalidRealityAnalysisRequest` is 422 too, where the request is well formed and still cannot be done.
 */
export const errorStatus = {
  BadRequest: 400,
  InvalidRealityAnalysisRequest: 400,
  HeaderNotFound: 401,
  Unauthorized: 401,
  InsufficientPermissions: 403,
  NotFound: 404,
  DetectorNotFound: 404,
  JobNotFound: 404,
  ProgressNotFound: 404,
  JobProgressNotFound: 404,
  iTwinNotFound: 404,
  RealityDataNotFound: 404,
  WebhookNotFound: 404,
  AssociationNotFound: 404,
  MethodNotAllowed: 405,
  RequestTimeout: 408,
  DetectorAlreadyExists: 409,
  DetectorVersionAlreadyExists: 409,
  RequestTooLarge: 413,
  UnsupportedMediaType: 415,
  InvalidRealityDataAnalysisRequest: 422,
  InvalidRealityDataRequest: 422,
  InvalidWebhookRequest: 422,
  TooManyRequests: 429,
  RateLimitExceeded: 429,
  HeadersTooLarge: 431,
  InternalServerError: 500,
  ServiceUnavailable: 503,
} as const
export type ErrorCode = keyof typeof errorStatus

/** Messages of the published pages, word for word: existing clients may show or compare them. */
export const publishedMessage = {
  HeaderNotFound: 'Header Authorization was not found in the request. Access denied.',
  DetectorNotFound: 'Requested detector is not available.',
  JobNotFound: 'Requested job is not available.',
  ProgressNotFound: 'Requested progress is not available.',
  JobProgressNotFound: 'Requested job progress is not available.',
  iTwinNotFound: 'Requested iTwin is not available.',
  WebhookNotFound: 'Requested webhook is not available.',
  AssociationNotFound: 'Requested association between reality data and iTwin is not available.',
  TooManyRequests: 'More requests were received than the subscription rate-limit allows.',
  RateLimitExceeded:
    'The client sent more requests than allowed by this API for the current tier of the client.',
  InsufficientPermissions: 'The user has insufficient permissions for the requested operation.',
} as const satisfies Partial<Record<ErrorCode, string>>

/** Codes of the entries in `error.details`. */
export const detailCodes = [
  'InvalidProperty',
  'InvalidValue',
  'InvalidParameter',
  'InvalidChange',
  'MissingRequiredProperty',
  'InvalidRequestBody',
] as const
export type DetailCode = (typeof detailCodes)[number]

export const ErrorDetail = Type.Object(
  {
    code: Type.String({ description: 'What kind of fault this is.', examples: [...detailCodes] }),
    message: Type.String({ description: 'One sentence for people.' }),
    target: Type.Optional(Type.String({ description: 'The property, parameter or header at fault.' })),
  },
  { additionalProperties: false },
)
export type ErrorDetail = Static<typeof ErrorDetail>

export const ErrorBody = Type.Object(
  {
    code: Type.String({ description: 'One of the codes of this service.' }),
    message: Type.String({ description: 'One sentence for people.' }),
    target: Type.Optional(Type.String({ description: 'What is at fault, when exactly one thing is.' })),
    details: Type.Optional(Type.Array(ErrorDetail, { description: 'One entry for each fault found.' })),
  },
  { additionalProperties: false },
)

/** The body of every answer that is not a success. Proxies in between may still answer otherwise. */
export const ErrorResponse = Type.Object(
  { error: ErrorBody },
  { additionalProperties: false, title: 'ErrorResponse' },
)
export type ErrorResponse = Static<typeof ErrorResponse>

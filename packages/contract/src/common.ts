// Schemas and answers that several operations share.
import { Type } from 'typebox'
import { largestTimeLimitMinutes } from './job-times.ts'
import { registrations } from './job-types/change-detection.ts'
import { type ErrorCode, ErrorResponse, errorStatus, publishedMessage } from './errors.ts'
import type { OperationResponse, ResponseHeader } from './operation.ts'

/** A GUID in any letter case, as the service issues it in lower case. */
export const guidPattern = '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$'
export const Guid = Type.String({ pattern: guidPattern, examples: ['7e5a3ab9-4d4c-4b25-9b19-8f8e1f0f2f10'] })

/** ISO 8601 in UTC with whole seconds, e.g. `2026-03-30T15:14:55Z`. */
export const DateTime = Type.String({ format: 'date-time', examples: ['2026-03-30T15:14:55Z'] })

export const Link = Type.Object({ href: Type.String() }, { additionalProperties: false })

const correlationHeader: ResponseHeader = {
  description: 'Names this request in the logs; sent back as it came when the client sets it.',
  schema: Type.String(),
}
export const commonHeaders: Record<string, ResponseHeader> = { 'x-correlation-id': correlationHeader }

/** An error answer with the examples given; the first example of a published code carries its published message. */
export function errorResponse(
  description: string,
  examples: Record<string, { code: ErrorCode; message: string; target?: string; details?: unknown[] }>,
  headers: Record<string, ResponseHeader> = {},
): OperationResponse {
  return {
    description,
    schema: ErrorResponse,
    headers: { ...commonHeaders, ...headers },
    examples: Object.fromEntries(Object.entries(examples).map(([name, error]) => [name, { error }])),
  }
}

export function publishedError(code: keyof typeof publishedMessage & ErrorCode) {
  return { code, message: publishedMessage[code] }
}

const wwwAuthenticate: ResponseHeader = {
  description: 'The Bearer challenge of RFC 6750, with the class of fault and the scopes that would do.',
  schema: Type.String(),
  example: 'Bearer error="invalid_token"',
}

/** The 401 of every operation: no header at all, or anything wrong with the token. */
export const unauthorizedResponse: OperationResponse = errorResponse(
  'No Authorization header, or a token that is malformed, expired, forged, issued by someone else or without a required scope.',
  {
    'no Authorization header': publishedError('HeaderNotFound'),
    'expired token': { code: 'Unauthorized', message: 'Access denied: the access token has expired.' },
  },
  { 'WWW-Authenticate': wwwAuthenticate },
)

/** What every operation on jobs takes beside the token. */
export function acceptHeader(version: 'v1' | 'v2') {
  const description = `Recommended: \`application/vnd.bentley.itwin-platform.${version}+json\`.`
  return Type.Object({ accept: Type.Optional(Type.String({ description })) })
}

/** A setting of the job like those in the body, for versions that have no place for it there. */
export const timeLimitHeader = {
  'alidade-time-limit': Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: largestTimeLimitMinutes,
      description:
        'Ours beside the published API: minutes that this job may take, over all its attempts; then it fails as `TimedOut`. ' +
        '0 for no limit. A setting of the job like those in the body; absent, the limit of the service holds.',
    }),
  ),
}

/** Options that the published API has no place for; `header` of their declaration names them. */
export const ownOptionHeaders = {
  'alidade-registration': Type.Optional(
    Type.Enum([...registrations], {
      description:
        'Ours beside the published API, an option of change detection: `translation` or `rigid` registers the later survey ' +
        'to the earlier one by what has not changed, before they are compared. Default `none`.',
    }),
  ),
}

const tierHeaders: Record<string, ResponseHeader> = {
  'Retry-After': { description: 'Whole seconds to wait.', schema: Type.Integer({ minimum: 1 }), example: 12 },
  'ITwinPlatform-RateLimited-Tier': {
    description: 'The tier whose limit was reached.',
    schema: Type.String(),
  },
  'ITwinPlatform-RateLimited-API': { description: 'The API that was called.', schema: Type.String() },
  'ITwinPlatform-RateLimited-Operation': {
    description: 'The operation that was called.',
    schema: Type.String(),
  },
  'ITwinPlatform-RateLimited-Application': {
    description: 'The client id of the token.',
    schema: Type.String(),
  },
}

/** The 429 of every operation; v1 analysis and Reality Management use different codes. */
export function tooManyResponse(code: 'TooManyRequests' | 'RateLimitExceeded'): OperationResponse {
  return errorResponse(
    'The client sent more requests than its limit allows.',
    { 'limit reached': publishedError(code) },
    tierHeaders,
  )
}

/** Status of an error code, for declarations and handlers alike. */
export function statusOf(code: ErrorCode): number {
  return errorStatus[code]
}

// The WWW-Authenticate header of a 401 (RFC 6750, section 3).
import { ApiError, publishedApiError } from '../http/api-error.ts'

/**
 * `scopes`: any one of them would do. `fault` is absent when the request carried no credentials at all (section 3.1).
 */
export function bearerChallenge(
  fault: 'invalid_token' | 'insufficient_scope' | undefined,
  scopes: readonly string[] = [],
): string {
  const parts = [
    ...(fault === undefined ? [] : [`error="${fault}"`]),
    ...(scopes.length === 0 ? [] : [`scope="${scopes.join(' ')}"`]),
  ]
  return parts.length === 0 ? 'Bearer' : `Bearer ${parts.join(', ')}`
}

export function headerNotFound(scopes?: readonly string[]): ApiError {
  return publishedApiError('HeaderNotFound', { 'www-authenticate': bearerChallenge(undefined, scopes) })
}

/** `fault` is a clause that names the class of fault, never the token: `the access token has expired`. */
export function unauthorized(fault: string, scopes?: readonly string[], cause?: unknown): ApiError {
  return new ApiError('Unauthorized', `Access denied: ${fault}.`, {
    cause,
    headers: { 'www-authenticate': bearerChallenge('invalid_token', scopes) },
  })
}

export function insufficientScope(scopes: readonly string[]): ApiError {
  const named = scopes.map((scope) => `'${scope}'`).join(' or ')
  return new ApiError('Unauthorized', `Access denied: the access token lacks the scope ${named}.`, {
    headers: { 'www-authenticate': bearerChallenge('insufficient_scope', scopes) },
  })
}

// Where the Authorization header comes from.

export interface TokenRequest {
  /** True after the service refused the last token: a cached one will not do. */
  readonly refresh: boolean
  readonly signal?: AbortSignal
}

/**
 * Gives an access token whenever a request needs one; it may cache. Either the bare token or `Bearer <token>`:
 * the header always carries the scheme. Surrounding white space, e.g. the line end of a token file, is dropped.
 */
export type TokenProvider = (request: TokenRequest) => string | Promise<string>

/** Throws TypeError if the provider did not give one printable word. The message never shows the token. */
export function authorizationHeader(token: unknown): string {
  if (typeof token !== 'string')
    throw new TypeError(`the token provider gave ${typeof token}, expected a string`)
  const bare = token.trim().replace(/^bearer\s+/i, '')
  if (!/^[\x21-\x7e]+$/.test(bare)) {
    throw new TypeError(
      bare === ''
        ? 'the token provider gave an empty token'
        : 'the token provider gave a token with spaces or characters that no header may carry',
    )
  }
  return `Bearer ${bare}`
}

// Who is asking: what the rest of the server knows of a token.
import type { JSONWebKeySet } from 'jose'

export interface Caller {
  /** The tenant: everything a caller may see carries the same one. */
  org: string
  userId: string
  /** Empty when the token carries none. */
  email: string
  /** The application; rate limits count by it. */
  clientId: string
  scopes: string[]
  /** True when the token carries the role `admin`. */
  admin: boolean
}

export interface TokenVerifier {
  /**
   * The caller that the value of an Authorization header stands for.
   * Throws ApiError `HeaderNotFound` when there is no header, `Unauthorized` for anything else about the token.
   */
  verify(authorizationHeader: string | undefined): Promise<Caller>
  /** The same without waiting, for a token that was verified before and still holds; undefined: ask `verify`. */
  recall?(authorizationHeader: string | undefined): Caller | undefined
  /** Public keys of the issuers that are part of this service. */
  publicKeys?(): JSONWebKeySet
}

// Any OpenID Connect issuer: its public keys are fetched, kept, renewed, and outlive an outage of the issuer.
import { type CryptoKey, createLocalJWKSet, errors, type JSONWebKeySet } from 'jose'
import { ApiError } from '../http/api-error.ts'
import { unauthorized } from './bearer-challenge.ts'
import { type ClaimNames, defaultClaimNames } from './claims.ts'
import type { SignatureHeader, TokenIssuer } from './token-verifier.ts'

export interface OidcIssuerOptions {
  /** The exact `iss` of its tokens; its keys are found at `<issuer>/.well-known/openid-configuration`. */
  issuer: string
  audience: readonly string[]
  /** Where the keys are, for issuers without discovery. */
  jwksUrl?: string
  claimNames?: Partial<ClaimNames>
  fetch?: typeof fetch
  now?: () => Date
  /** Told when keys could not be fetched. */
  onFault?: (error: unknown) => void
}

/** Keys are fetched anew after this long, in milliseconds; nobody waits for it. */
export const keyRenewalMs = 5 * 60_000
/** How long keys serve on from the first time that the issuer could not be reached, in milliseconds. */
export const outageGraceMs = 60 * 60_000
/** Least time between two fetches, so that forged key ids cannot make us hammer the issuer, in milliseconds. */
export const refetchPauseMs = 10_000
const fetchTimeoutMs = 5000
const maxAnswerChars = 1024 * 1024

type KeySource = Pick<OidcIssuerOptions, 'issuer' | 'jwksUrl' | 'fetch'>
type KeySet = ReturnType<typeof createLocalJWKSet>

export function oidcIssuer(options: OidcIssuerOptions): TokenIssuer {
  const now = () => (options.now?.() ?? new Date()).getTime()
  let keys: { set: KeySet; fetchedMs: number } | undefined
  let askedMs = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  /** Since when the keys cannot be had. */
  let outageSinceMs: number | undefined

  /** Fetches the keys, once for all who ask at the same time; a failure leaves the old ones. */
  function renew(): Promise<void> {
    if (asking !== undefined) return asking
    if (now() - askedMs < refetchPauseMs) return Promise.resolve()
    askedMs = now()
    asking = fetchKeys(options)
      .then((set) => {
        keys = { set, fetchedMs: now() }
        outageSinceMs = undefined
      })
      .catch((error: unknown) => {
        outageSinceMs ??= askedMs
        options.onFault?.(error)
      })
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  const outageTooLong = () => outageSinceMs !== undefined && now() - outageSinceMs > outageGraceMs

  async function usableKeys(): Promise<KeySet> {
    const ageMs = keys === undefined ? Number.POSITIVE_INFINITY : now() - keys.fetchedMs
    if (ageMs > keyRenewalMs) {
      const renewal = renew()
      // Nobody asked for long, so these may have been taken back long ago; if they cannot be had anew, they serve.
      const old = ageMs > outageGraceMs && outageSinceMs === undefined
      if (keys === undefined || old || outageTooLong()) await renewal
    }
    if (outageTooLong()) keys = undefined
    if (keys === undefined) {
      // Not 401: the token may be good, and a client that throws it away would only come back with another one.
      const message = 'Tokens cannot be checked now, because the keys of their issuer cannot be fetched.'
      throw new ApiError('ServiceUnavailable', message, {
        headers: { 'retry-after': String(refetchPauseMs / 1000) },
      })
    }
    return keys.set
  }

  return {
    issuer: options.issuer,
    audience: options.audience,
    claimNames: { ...defaultClaimNames, ...options.claimNames },
    async key(header) {
      const found = await findKey(await usableKeys(), header)
      if (found !== undefined) return found
      await renew()
      const rotated = await findKey(await usableKeys(), header)
      if (rotated === undefined) throw unauthorized('the access token is signed with an unknown key')
      return rotated
    },
  }
}

/** How many keys for signatures the issuer publishes now; throws with the reason when it cannot be told. */
export async function countIssuerKeys(options: KeySource): Promise<number> {
  return (await fetchKeys(options)).jwks().keys.length
}

async function findKey(set: KeySet, header: SignatureHeader): Promise<CryptoKey | undefined> {
  try {
    return await set({ ...header })
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return undefined
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      throw unauthorized('the access token does not say which key signed it', [], error)
    }
    throw unauthorized('the key that signed the access token cannot be used', [], error)
  }
}

async function fetchKeys(options: KeySource): Promise<KeySet> {
  const url = options.jwksUrl ?? (await discoverJwksUrl(options))
  const found = (await fetchJson(url, options.fetch)) as Partial<JSONWebKeySet> | null
  if (!Array.isArray(found?.keys)) throw new TypeError(`expected a JSON Web Key Set at ${url}`)
  // Shared secrets and keys for encryption have no business here; an empty set is a fault, not a rotation.
  const usable = found.keys.filter(({ kty, use }) => kty !== 'oct' && (use === undefined || use === 'sig'))
  if (usable.length === 0) throw new TypeError(`expected at least one key for signatures at ${url}, got none`)
  return createLocalJWKSet({ keys: usable })
}

async function discoverJwksUrl({ issuer, fetch }: KeySource): Promise<string> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const found = (await fetchJson(url, fetch)) as { issuer?: unknown; jwks_uri?: unknown } | null
  // OpenID Connect Discovery 1.0, section 4.3: the two must be the same, or somebody else is answering.
  if (found?.issuer !== issuer) {
    throw new TypeError(`expected issuer '${issuer}' in ${url}, got '${String(found?.issuer)}'`)
  }
  if (typeof found.jwks_uri !== 'string' || !/^https?:\/\//i.test(found.jwks_uri)) {
    throw new TypeError(`expected an http URL as jwks_uri in ${url}, got '${String(found.jwks_uri)}'`)
  }
  return found.jwks_uri
}

async function fetchJson(url: string, fetchIt: typeof fetch = fetch): Promise<unknown> {
  const response = await fetchIt(url, {
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(fetchTimeoutMs),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`expected 200 from ${url}, got ${response.status}`)
  }
  const text = await response.text()
  if (text.length > maxAnswerChars)
    throw new RangeError(`expected at most ${maxAnswerChars} characters from ${url}`)
  return JSON.parse(text)
}

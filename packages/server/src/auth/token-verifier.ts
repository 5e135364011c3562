// From an Authorization header to the caller: the one place that decides whether a token is believed.
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose'
import { ApiError } from '../http/api-error.ts'
import { headerNotFound, unauthorized } from './bearer-challenge.ts'
import type { TokenVerifier } from './caller.ts'
import { type ClaimNames, callerOf } from './claims.ts'
import { TokenMemory } from './token-memory.ts'

/** Asymmetric ones only: with a shared secret, whoever can verify a token can also make one. */
export const allowedAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

/** How far clocks may be apart, in seconds. */
export const clockToleranceSeconds = 60

/** What a token may say it is (RFC 8725, 3.11); others are signed by the same key for another end. */
const acceptedTypes = ['jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']

/** The end of the year 9999. A token that holds longer was not meant to end. */
const latestExpirySeconds = 253_402_300_799

/** What a token says about its signature; nothing else of its header is ever used (`jku`, `jwk`, `x5u`, `x5c`). */
export interface SignatureHeader {
  alg: string
  kid?: string
}

/** Somebody whose tokens are believed. */
export interface TokenIssuer {
  /** The exact `iss` of its tokens. */
  readonly issuer: string
  /** One of these must be in `aud`. */
  readonly audience: readonly string[]
  readonly claimNames: ClaimNames
  /** The public key for a signature; throws ApiError when there is none. */
  key(header: SignatureHeader): Promise<CryptoKey>
  /** Its public keys, where it is part of this service and nobody else shows them. */
  jwks?(): JSONWebKeySet
  /** For issuers that can take a token back. */
  revocations?: {
    isRevoked(claims: JWTPayload): boolean
    /** Changes with every revocation: what was remembered under another number is forgotten. */
    revision(): number
  }
}

export interface TokenVerifierOptions {
  issuers: readonly TokenIssuer[]
  now: () => Date
  /** Characters of verified tokens that are remembered; default 100 million, which is a hundred thousand tokens. */
  rememberedCharacters?: number
}

/** A verifier that believes the given issuers, chosen by the token's `iss`. */
export function createTokenVerifier({
  issuers,
  now,
  rememberedCharacters = 100_000_000,
}: TokenVerifierOptions) {
  const issuerNamed = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
  if (issuerNamed.size !== issuers.length) {
    throw new RangeError(
      `expected issuers of different names, got ${issuers.map((i) => i.issuer).join(', ')}`,
    )
  }
  const memory = new TokenMemory(rememberedCharacters)
  const revision = () => issuers.reduce((sum, issuer) => sum + (issuer.revocations?.revision() ?? 0), 0)

  const verifier: Required<TokenVerifier> = {
    recall(authorizationHeader) {
      if (authorizationHeader === undefined) return undefined
      return memory.recall(authorizationHeader, revision(), now().getTime())
    },

    async verify(authorizationHeader) {
      if (authorizationHeader === undefined) throw headerNotFound()
      const revisionBefore = revision()
      const known = memory.recall(authorizationHeader, revisionBefore, now().getTime())
      if (known !== undefined) return known
      const token = bearerToken(authorizationHeader)
      const { issuer, header } = claimedIssuer(token, issuerNamed)
      const key = await issuer.key(header)
      const claims = await checkedClaims(token, key, issuer, now())
      if (issuer.revocations?.isRevoked(claims)) throw unauthorized('the access token was revoked')
      const caller = callerOf(claims, issuer.issuer, issuer.claimNames)
      if (caller === undefined) throw unauthorized('the access token names neither a user nor a client')
      memory.keep(authorizationHeader, caller, (claims.exp as number) * 1000, revisionBefore)
      return caller
    },

    publicKeys: () => ({ keys: issuers.flatMap((issuer) => issuer.jwks?.().keys ?? []) }),
  }
  return verifier
}

function bearerToken(header: string): string {
  const [, token] = /^bearer +(\S+) *$/i.exec(header) ?? []
  if (token === undefined) throw unauthorized('the Authorization header does not hold one Bearer token')
  return token
}

/** What the token says of itself, before anything of it is believed. */
function claimedIssuer(token: string, issuers: Map<string, TokenIssuer>) {
  let alg: string | undefined
  let kid: string | undefined
  let typ: unknown
  let iss: string | undefined
  // What decodes as well with padding or line breaks would let one token be written in many ways.
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw unauthorized('the access token is malformed')
  try {
    ;({ alg, kid, typ } = decodeProtectedHeader(token))
    ;({ iss } = decodeJwt(token))
  } catch (error) {
    throw unauthorized('the access token is malformed', [], error)
  }
  if (alg === undefined || !(allowedAlgorithms as readonly string[]).includes(alg)) {
    throw unauthorized('the access token is not signed with an accepted algorithm')
  }
  if (typ !== undefined && !acceptedTypes.includes(String(typ).toLowerCase())) {
    throw unauthorized('the token is no access token')
  }
  const issuer = iss === undefined ? undefined : issuers.get(iss)
  if (issuer === undefined)
    throw unauthorized('the access token comes from an issuer that is not accepted here')
  return { issuer, header: kid === undefined ? { alg } : { alg, kid: String(kid) } }
}

async function checkedClaims(token: string, key: CryptoKey, issuer: TokenIssuer, currentDate: Date) {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [...allowedAlgorithms],
      issuer: issuer.issuer,
      audience: [...issuer.audience],
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate,
    })
    if (!((payload.exp as number) <= latestExpirySeconds)) {
      throw unauthorized('the access token does not say when it expires')
    }
    return payload
  } catch (error) {
    if (error instanceof ApiError) throw error
    throw unauthorized(faultOf(error), [], error)
  }
}

function faultOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the access token has expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'the access token is meant for another audience'
    if (error.claim === 'nbf') return 'the access token is not valid yet'
    if (error.claim === 'exp') return 'the access token does not say when it expires'
    return `the claim '${error.claim}' of the access token is not accepted`
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'the signature of the access token does not fit'
  }
  // A key of another kind than the algorithm needs ends here too, as a TypeError.
  if (error instanceof errors.JOSEError || error instanceof TypeError) return 'the access token is malformed'
  throw error
}

// The issuer that comes with Alidade: keys are files of the data folder, so that `alidade token` can make a token
// without talking to the server, and the server needs no other service to verify it.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  SignJWT,
} from 'jose'
import { databaseSecrets, folderSecrets, type Secrets } from '../config/secret-key.ts'
import type { Database } from '../store/database.ts'
import { unauthorized } from './bearer-challenge.ts'
import { defaultClaimNames } from './claims.ts'
import { openDatabaseTokenLedger } from './database-token-ledger.ts'
import { parseDurationSeconds } from './duration.ts'
import { FolderTokenLedger, type IssuedToken, type TokenLedger } from './token-ledger.ts'
import type { TokenIssuer } from './token-verifier.ts'

export const builtinIssuerName = 'urn:alidade:builtin'
export const builtinAudience = 'urn:alidade'

/**
 * Ed25519: on this project's two-core machine a check costs no more than one of ES256, its signatures need no random
 * numbers, and the whole key is 32 bytes. (RSA is checked faster still; an RSA issuer is what OIDC is for.)
 */
const algorithm = 'EdDSA'

export interface TokenRequest {
  /** Scopes between spaces; default `itwin-platform`. */
  scope?: string | undefined
  /** The user; default `local-user`. */
  subject?: string | undefined
  /** The tenant; without one, the tenant of everybody whose token names none. */
  org?: string | undefined
  /** The application, which rate limits count by; default `alidade-cli`. */
  client?: string | undefined
  email?: string | undefined
  /** `admin` is the one role that means something. */
  role?: string | undefined
  /** Like `30m`, `1h` (the default), `7d`. */
  expiresIn?: string | undefined
}

export interface BuiltinIssuer extends TokenIssuer {
  /** Public keys, for others that want to verify its tokens. */
  jwks(): JSONWebKeySet
  /** Throws RangeError when a part of the request makes no sense. */
  issueToken(request?: TokenRequest): Promise<{ token: string; issued: IssuedToken }>
  /** Tokens in the order in which they were made, expired ones too. */
  listTokens(): Promise<(IssuedToken & { revoked: boolean })[]>
  /** Servers refuse the token within two seconds. False when no token with this id was made here. */
  revokeToken(jti: string): Promise<boolean>
}

/** Where the key is kept; what stands there decides which tokens a service with this data folder accepts. */
export function signingKeyPath(dataDir: string): string {
  return folderSecrets(dataDir).place(signingKeyName)
}

const signingKeyName = 'token-signing-key.json'

/** Opens the issuer of a data folder; the first to open it makes the key, whoever comes at the same time finds it. */
export async function openBuiltinIssuer(
  dataDir: string,
  options: { now?: () => Date } = {},
): Promise<BuiltinIssuer> {
  const ledger = new FolderTokenLedger(join(dataDir, 'keys'))
  return openIssuer({ secrets: folderSecrets(dataDir), ledger, ...options })
}

/** Opens the issuer that all processes on one database share. */
export async function openDatabaseIssuer(
  database: Database,
  options: { now?: () => Date; onError: (error: unknown) => void },
): Promise<BuiltinIssuer> {
  const ledger = await openDatabaseTokenLedger(database, options.onError)
  return openIssuer({ secrets: databaseSecrets(database), ledger, ...options })
}

interface IssuerParts {
  secrets: Secrets
  ledger: TokenLedger
  now?: () => Date
}

async function openIssuer({ secrets, ledger, now = () => new Date() }: IssuerParts): Promise<BuiltinIssuer> {
  const privateJwk = await signingKey(secrets)
  const { d: _secret, ...publicJwk } = privateJwk
  const privateKey = (await importJWK(privateJwk, algorithm)) as CryptoKey
  const publicKey = (await importJWK(publicJwk, algorithm)) as CryptoKey
  const kid = privateJwk.kid as string

  return {
    issuer: builtinIssuerName,
    audience: [builtinAudience],
    claimNames: defaultClaimNames,
    revocations: {
      isRevoked: ({ jti }) => jti !== undefined && ledger.isRevoked(jti),
      revision: () => ledger.revision(),
    },

    async key(header) {
      if (header.kid !== kid) throw unauthorized('the access token is signed with an unknown key')
      return publicKey
    },

    jwks: () => ({ keys: [publicJwk] }),

    async issueToken(request = {}) {
      const issuedAt = Math.floor(now().getTime() / 1000)
      const expiresAt = issuedAt + parseDurationSeconds(request.expiresIn ?? '1h')
      const issued: IssuedToken = {
        jti: randomUUID(),
        subject: request.subject ?? 'local-user',
        ...(request.org === undefined ? {} : { org: request.org }),
        client: request.client ?? 'alidade-cli',
        ...(request.email === undefined ? {} : { email: request.email }),
        scope: request.scope ?? 'itwin-platform',
        ...(request.role === undefined ? {} : { role: request.role }),
        issuedDateTime: isoSeconds(issuedAt),
        expiresDateTime: isoSeconds(expiresAt),
      }
      const { org, email, role } = issued
      const claims = {
        client_id: issued.client,
        scope: issued.scope,
        ...(org === undefined ? {} : { org }),
        ...(email === undefined ? {} : { email }),
        ...(role === undefined ? {} : { roles: [role] }),
      }
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt' })
        .setIssuer(builtinIssuerName)
        .setAudience(builtinAudience)
        .setSubject(issued.subject)
        .setJti(issued.jti)
        .setIssuedAt(issuedAt)
        .setNotBefore(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(privateKey)
      await ledger.recordIssued(issued)
      return { token, issued }
    },

    async listTokens() {
      const issued = await ledger.issued()
      return issued.map((token) => ({ ...token, revoked: ledger.isRevoked(token.jti) }))
    },

    async revokeToken(jti) {
      const issued = await ledger.issued()
      if (!issued.some((token) => token.jti === jti)) return false
      await ledger.recordRevoked(jti, now())
      return true
    },
  }
}

function isoSeconds(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

async function signingKey(secrets: Secrets): Promise<JWK> {
  const text = await secrets.readOrCreate(signingKeyName, async () => {
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const jwk = await exportJWK(privateKey)
    const kid = await calculateJwkThumbprint(jwk)
    return `${JSON.stringify({ ...jwk, kid, alg: algorithm, use: 'sig' }, null, 2)}\n`
  })
  const jwk = JSON.parse(text.toString('utf8')) as JWK
  if (jwk.kty !== 'OKP' || typeof jwk.d !== 'string' || typeof jwk.kid !== 'string') {
    throw new TypeError(
      `expected an Ed25519 private key with a kid in ${secrets.place(signingKeyName)}, got kty '${jwk.kty}'`,
    )
  }
  return jwk
}

// An OpenID Connect issuer on a loopback port, for tests: its keys rotate and it can go down and come back.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose'

export interface SigningKey {
  kid: string
  alg: string
  privateKey: CryptoKey
  publicJwk: JWK
}

export async function makeSigningKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A token signed with `key`; the claims given replace the good ones, and undefined takes one away. */
export async function signToken(
  key: SigningKey,
  claims: Record<string, unknown>,
  nowSeconds: number,
  header: Record<string, unknown> = {},
): Promise<string> {
  const good: JWTPayload = {
    sub: 'ada',
    client_id: 'survey-app',
    org: 'acme',
    scope: 'itwin-platform',
    iat: nowSeconds,
    exp: nowSeconds + 3600,
  }
  const kept = Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined)
  return new SignJWT(Object.fromEntries(kept))
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT', ...header })
    .sign(key.privateKey)
}

export interface OidcServer {
  issuer: string
  jwksUrl: string
  /** What the issuer publishes; replace to rotate. */
  keys: JWK[]
  /** Status of every answer; 200 unless the issuer is down. */
  status: number
  /** Requests for keys so far. */
  keyRequests: number
  close(): Promise<void>
}

export async function startOidcServer(keys: SigningKey[]): Promise<OidcServer> {
  const http: Server = createServer((request, response) => {
    if (request.url === '/keys') oidc.keyRequests++
    const body =
      request.url === '/keys'
        ? { keys: oidc.keys }
        : request.url === '/.well-known/openid-configuration'
          ? { issuer: oidc.issuer, jwks_uri: oidc.jwksUrl }
          : undefined
    response.writeHead(body === undefined ? 404 : oidc.status, { 'content-type': 'application/json' })
    response.end(oidc.status === 200 ? JSON.stringify(body ?? {}) : '<html>down</html>')
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const oidc: OidcServer = {
    issuer,
    jwksUrl: `${issuer}/keys`,
    keys: keys.map((key) => key.publicJwk),
    status: 200,
    keyRequests: 0,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  return oidc
}

import { createHmac } from 'node:crypto'
import { type CryptoKey, exportSPKI, importJWK } from 'jose'
import { beforeAll, expect, test } from 'vitest'
import { ApiError } from '../http/api-error.ts'
import { defaultClaimNames } from './claims.ts'
import { makeSigningKey, type SigningKey, signToken } from './oidc-server.fixture.ts'
import { createTokenVerifier, type TokenIssuer } from './token-verifier.ts'

const issuer = 'https://login.example.org'
const audience = 'alidade'
const now = new Date('2026-04-02T08:00:00Z')
const nowSeconds = now.getTime() / 1000
const good = { iss: issuer, aud: audience }

let key: SigningKey
let publicKey: CryptoKey
beforeAll(async () => {
  key = await makeSigningKey('k1')
  publicKey = (await importJWK(key.publicJwk, 'RS256')) as CryptoKey
})

/** An issuer with one key, which counts how often it was asked for it. */
function oneKeyIssuer(parts: Partial<TokenIssuer> = {}) {
  const asked = { times: 0 }
  const tokenIssuer: TokenIssuer = {
    issuer,
    audience: [audience],
    claimNames: defaultClaimNames,
    key: async () => {
      asked.times++
      return publicKey
    },
    ...parts,
  }
  return { tokenIssuer, asked }
}

function verifierAt(clock: { now: Date }, parts: Partial<TokenIssuer> = {}) {
  const { tokenIssuer, asked } = oneKeyIssuer(parts)
  return { ...createTokenVerifier({ issuers: [tokenIssuer], now: () => clock.now }), asked }
}

async function refusal(header: string | undefined, clock = { now }): Promise<ApiError> {
  const refused = await verifierAt(clock)
    .verify(header)
    .catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(ApiError)
  return refused as ApiError
}

test('a good token stands for its user, tenant, client, scopes and role', async () => {
  const claims = {
    ...good,
    email: 'ada@example.org',
    scope: 'realitydata:read realitydataanalysis:read',
    roles: ['admin'],
  }
  const token = await signToken(key, claims, nowSeconds)
  expect(await verifierAt({ now }).verify(`Bearer ${token}`)).toEqual({
    org: 'acme',
    userId: 'ada',
    email: 'ada@example.org',
    clientId: 'survey-app',
    scopes: ['realitydata:read', 'realitydataanalysis:read'],
    admin: true,
  })
})

test('a token without tenant, client and e-mail belongs to the tenant of its issuer, and its user is its client', async () => {
  const token = await signToken(key, { ...good, org: undefined, client_id: undefined }, nowSeconds)
  expect(await verifierAt({ now }).verify(`Bearer ${token}`)).toMatchObject({
    org: issuer,
    userId: 'ada',
    clientId: 'ada',
    email: '',
    admin: false,
  })
})

test('scopes come as scope or scp, as words or as a list', async () => {
  const verifier = verifierAt({ now })
  for (const claims of [
    { scope: 'a b' },
    { scope: ['a', 'b'] },
    { scope: undefined, scp: 'a b' },
    { scope: undefined, scp: ['a', 'b'] },
  ]) {
    const token = await signToken(key, { ...good, ...claims }, nowSeconds)
    expect((await verifier.verify(`Bearer ${token}`)).scopes).toEqual(['a', 'b'])
  }
})

test('the names of claims and scopes can be mapped, also into objects', async () => {
  const claimNames = {
    ...defaultClaimNames,
    org: ['tid'],
    roles: ['realm_access.roles'],
    scopeNames: { 'Jobs.Read': 'realitydataanalysis:read' },
  }
  const claims = { ...good, tid: 't-1', realm_access: { roles: ['admin'] }, scope: 'Jobs.Read' }
  const token = await signToken(key, claims, nowSeconds)
  expect(await verifierAt({ now }, { claimNames }).verify(`Bearer ${token}`)).toMatchObject({
    org: 't-1',
    admin: true,
    scopes: ['realitydataanalysis:read'],
  })
})

test('the scheme is matched without case', async () => {
  const token = await signToken(key, good, nowSeconds)
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    expect((await verifierAt({ now }).verify(`${scheme} ${token}`)).userId).toBe('ada')
  }
})

test('no Authorization header is HeaderNotFound with the published message', async () => {
  const { code, message, status, headers } = await refusal(undefined)
  expect({ code, message, status }).toEqual({
    code: 'HeaderNotFound',
    message: 'Header Authorization was not found in the request. Access denied.',
    status: 401,
  })
  expect(headers).toEqual({ 'www-authenticate': 'Bearer' })
})

test.each(['', 'Bearer', 'Bearer ', 'Basic YTpi', 'Token abc', 'Bearer a b', 'abc'])(
  'an Authorization header of "%s" holds no Bearer token',
  async (header) => {
    expect((await refusal(header)).message).toBe(
      'Access denied: the Authorization header does not hold one Bearer token.',
    )
  },
)

const malformed = 'the access token is malformed'
const forgeries: [string, string, () => Promise<string>][] = [
  ['not a JWT', malformed, async () => 'abc'],
  ['three empty parts', malformed, async () => '..'],
  ['a header that is no JSON', malformed, async () => `${b64('no')}.${b64('{}')}.x`],
  ['claims that are no object', malformed, async () => `${b64('{"alg":"RS256"}')}.${b64('[1]')}.x`],
  [
    'alg none',
    'the access token is not signed with an accepted algorithm',
    async () => `${b64(JSON.stringify({ alg: 'none' }))}.${payload()}.`,
  ],
  [
    'alg None in other letters',
    'the access token is not signed with an accepted algorithm',
    async () => `${b64(JSON.stringify({ alg: 'NONE' }))}.${payload()}.`,
  ],
  [
    'HS256 keyed with the public key in PEM',
    'the access token is not signed with an accepted algorithm',
    async () => hs256(await exportSPKI(publicKey)),
  ],
  [
    'HS256 keyed with the public key as a JWK',
    'the access token is not signed with an accepted algorithm',
    async () => hs256(JSON.stringify(key.publicJwk)),
  ],
  [
    'HS256 keyed with the modulus',
    'the access token is not signed with an accepted algorithm',
    async () => hs256(Buffer.from(key.publicJwk.n ?? '', 'base64url')),
  ],
  [
    'another key under the same kid',
    'the signature of the access token does not fit',
    async () => signToken(await makeSigningKey('k1'), good, nowSeconds),
  ],
  [
    'a key of its own in the header',
    'the signature of the access token does not fit',
    async () => {
      const own = await makeSigningKey('k1')
      return signToken(own, good, nowSeconds, { jwk: own.publicJwk })
    },
  ],
  [
    'a key elsewhere in the header',
    'the signature of the access token does not fit',
    async () =>
      signToken(await makeSigningKey('k1'), good, nowSeconds, {
        jku: 'http://127.0.0.1:1/keys',
        x5u: 'http://127.0.0.1:1/cert',
      }),
  ],
  [
    'an algorithm of another kind of key',
    malformed,
    async () => signToken(await makeSigningKey('k1', 'ES256'), good, nowSeconds),
  ],
  [
    'changed claims under the old signature',
    'the signature of the access token does not fit',
    async () => {
      const [header, , signature] = (await signToken(key, good, nowSeconds)).split('.')
      return `${header}.${payload({ org: 'another' })}.${signature}`
    },
  ],
  ['no signature', 'the signature of the access token does not fit', async () => withoutSignature()],
  [
    'an extension that is critical and unknown',
    malformed,
    async () => {
      const [, body] = (await signToken(key, good, nowSeconds)).split('.')
      return `${b64(JSON.stringify({ alg: 'RS256', kid: 'k1', crit: ['x'], x: 1 }))}.${body}.AAAA`
    },
  ],
  [
    'another issuer',
    'the access token comes from an issuer that is not accepted here',
    async () => signToken(key, { ...good, iss: 'https://evil.example.org' }, nowSeconds),
  ],
  [
    'the issuer with a slash more',
    'the access token comes from an issuer that is not accepted here',
    async () => signToken(key, { ...good, iss: `${issuer}/` }, nowSeconds),
  ],
  [
    'no issuer',
    'the access token comes from an issuer that is not accepted here',
    async () => signToken(key, { ...good, iss: undefined }, nowSeconds),
  ],
  [
    'another audience',
    'the access token is meant for another audience',
    async () => signToken(key, { ...good, aud: 'other' }, nowSeconds),
  ],
  [
    'no audience',
    'the access token is meant for another audience',
    async () => signToken(key, { ...good, aud: undefined }, nowSeconds),
  ],
  [
    'an end 61 seconds ago',
    'the access token has expired',
    async () => signToken(key, { ...good, exp: nowSeconds - 61 }, nowSeconds),
  ],
  [
    'a beginning in 61 seconds',
    'the access token is not valid yet',
    async () => signToken(key, { ...good, nbf: nowSeconds + 61 }, nowSeconds),
  ],
  [
    'no end',
    'the access token does not say when it expires',
    async () => signToken(key, { ...good, exp: undefined }, nowSeconds),
  ],
  [
    'an end that is no number',
    'the access token does not say when it expires',
    async () => signToken(key, { ...good, exp: 'tomorrow' }, nowSeconds),
  ],
  [
    'neither user nor client',
    'the access token names neither a user nor a client',
    async () => signToken(key, { ...good, sub: undefined, client_id: undefined }, nowSeconds),
  ],
]

test.each(forgeries)('a token with %s is Unauthorized: %s', async (_name, fault, forge) => {
  const token = await forge()
  const { code, status, message, target, details, headers } = await refusal(`Bearer ${token}`)
  expect({ code, status, target, details }).toEqual({
    code: 'Unauthorized',
    status: 401,
    target: undefined,
    details: undefined,
  })
  expect(message).toContain(fault)
  expect(message).not.toContain(token)
  expect(headers).toEqual({ 'www-authenticate': 'Bearer error="invalid_token"' })
})

test('clocks may be 60 seconds apart', async () => {
  const token = await signToken(key, { ...good, exp: nowSeconds - 59, nbf: nowSeconds + 59 }, nowSeconds)
  expect((await verifierAt({ now }).verify(`Bearer ${token}`)).userId).toBe('ada')
})

test('a token that was verified is recalled without its key, until it expires', async () => {
  const clock = { now }
  const verifier = verifierAt(clock)
  const header = `Bearer ${await signToken(key, good, nowSeconds)}`
  expect(verifier.recall(header)).toBeUndefined()
  const caller = await verifier.verify(header)
  clock.now = new Date(now.getTime() + 3599_000)
  expect(verifier.recall(header)).toBe(caller)
  expect(await verifier.verify(header)).toBe(caller)
  expect(verifier.asked.times).toBe(1)
  clock.now = new Date(now.getTime() + 3600_000)
  expect(verifier.recall(header)).toBeUndefined()
  clock.now = new Date(now.getTime() + 3661_000)
  await expect(verifier.verify(header)).rejects.toThrow('expired')
})

test('a token that was refused is not remembered', async () => {
  const verifier = verifierAt({ now })
  const header = `Bearer ${await signToken(key, { ...good, aud: 'other' }, nowSeconds)}`
  for (let i = 0; i < 3; i++) await expect(verifier.verify(header)).rejects.toThrow('another audience')
  expect(verifier.recall(header)).toBeUndefined()
})

test('a revocation makes the verifier forget every token and refuse the revoked one', async () => {
  const revoked = new Set<string>()
  const verifier = verifierAt(
    { now },
    { revocations: { isRevoked: ({ jti }) => revoked.has(String(jti)), revision: () => revoked.size } },
  )
  const first = `Bearer ${await signToken(key, { ...good, jti: '1' }, nowSeconds)}`
  const second = `Bearer ${await signToken(key, { ...good, jti: '2' }, nowSeconds)}`
  await verifier.verify(first)
  await verifier.verify(second)
  revoked.add('1')
  expect(verifier.recall(first)).toBeUndefined()
  await expect(verifier.verify(first)).rejects.toThrow('revoked')
  expect((await verifier.verify(second)).userId).toBe('ada')
})

test('of several issuers the one that the token names is asked', async () => {
  const other = await makeSigningKey('k2')
  const otherPublic = (await importJWK(other.publicJwk, 'RS256')) as CryptoKey
  const verifier = createTokenVerifier({
    issuers: [
      oneKeyIssuer().tokenIssuer,
      oneKeyIssuer({ issuer: 'https://b.example.org', key: async () => otherPublic }).tokenIssuer,
    ],
    now: () => now,
  })
  const ofB = { ...good, iss: 'https://b.example.org' }
  expect((await verifier.verify(`Bearer ${await signToken(key, good, nowSeconds)}`)).userId).toBe('ada')
  expect((await verifier.verify(`Bearer ${await signToken(other, ofB, nowSeconds)}`)).userId).toBe('ada')
  const crossed = `Bearer ${await signToken(key, ofB, nowSeconds)}`
  await expect(verifier.verify(crossed)).rejects.toThrow('signature')
})

test('a fault that is not the token is not hidden as one', async () => {
  const verifier = verifierAt({ now }, { key: () => Promise.reject(new Error('disk')) })
  await expect(verifier.verify(`Bearer ${await signToken(key, good, nowSeconds)}`)).rejects.toThrow('disk')
})

function b64(text: string): string {
  return Buffer.from(text).toString('base64url')
}

function payload(claims: Record<string, unknown> = {}): string {
  const all = { ...good, sub: 'ada', scope: 'itwin-platform', exp: nowSeconds + 3600, ...claims }
  return b64(JSON.stringify(all))
}

function hs256(secret: string | Buffer): string {
  const body = `${b64(JSON.stringify({ alg: 'HS256', kid: 'k1' }))}.${payload()}`
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
}

async function withoutSignature(): Promise<string> {
  return `${(await signToken(key, good, nowSeconds)).split('.').slice(0, 2).join('.')}.`
}

import { afterEach, expect, test } from 'vitest'
import { ApiError } from '../http/api-error.ts'
import { keyRenewalMs, oidcIssuer, outageGraceMs, refetchPauseMs } from './oidc-issuer.ts'
import {
  makeSigningKey,
  type OidcServer,
  type SigningKey,
  signToken,
  startOidcServer,
} from './oidc-server.fixture.ts'
import { createTokenVerifier } from './token-verifier.ts'

const open: OidcServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** A running issuer, a verifier that believes it, and the verifier's clock. Nothing is remembered between checks. */
async function setUp(options: { jwksUrl?: boolean } = {}) {
  const key = await makeSigningKey('k1')
  const server = await startOidcServer([key])
  open.push(server)
  const clock = { ms: Date.parse('2026-04-02T08:00:00Z') }
  const faults: unknown[] = []
  const now = () => new Date(clock.ms)
  const issuer = oidcIssuer({
    issuer: server.issuer,
    audience: ['alidade'],
    now,
    onFault: (fault) => faults.push(fault),
    ...(options.jwksUrl ? { jwksUrl: server.jwksUrl } : {}),
  })
  const verifier = createTokenVerifier({ issuers: [issuer], now, rememberedCharacters: 0 })
  const verify = async (by: SigningKey, claims: Record<string, unknown> = {}) => {
    const all = { iss: server.issuer, aud: 'alidade', ...claims }
    return verifier.verify(`Bearer ${await signToken(by, all, clock.ms / 1000)}`)
  }
  return { key, server, clock, faults, verify }
}

test('keys are found by discovery', async () => {
  const { key, verify } = await setUp()
  expect((await verify(key)).userId).toBe('ada')
})

test('keys are found at an explicit URL', async () => {
  const { key, verify } = await setUp({ jwksUrl: true })
  expect((await verify(key)).userId).toBe('ada')
})

test('keys are fetched once for many tokens, also when they come at the same time', async () => {
  const { key, server, verify } = await setUp()
  await Promise.all(Array.from({ length: 20 }, () => verify(key)))
  await verify(key)
  expect(server.keyRequests).toBe(1)
})

test('a token signed with a new key is accepted at once, by one fetch', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  const rotated = await makeSigningKey('k2')
  server.keys = [rotated.publicJwk]
  clock.ms += refetchPauseMs
  expect((await verify(rotated)).userId).toBe('ada')
  expect(server.keyRequests).toBe(2)
  await expect(verify(key)).rejects.toThrow('unknown key')
})

test('forged key ids cannot make us hammer the issuer', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  for (let i = 0; i < 50; i++) {
    clock.ms += 100
    const forged = { ...key, kid: `'; drop table keys; --/../../${i}` }
    await expect(verify(forged)).rejects.toThrow('unknown key')
  }
  expect(server.keyRequests).toBe(1)
  expect((await verify(key)).userId).toBe('ada')
})

test('keys are renewed while they serve, and a key taken back stops serving', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  const rotated = await makeSigningKey('k2')
  server.keys = [rotated.publicJwk]
  clock.ms += keyRenewalMs + 1000
  await verify(key) // Served with the old keys; the new ones are on their way.
  await expect.poll(() => verify(key).catch((error: Error) => error.message)).toContain('unknown key')
})

test('keys outlive an outage of the issuer by an hour, and not for ever', async () => {
  const { key, server, clock, faults, verify } = await setUp()
  await verify(key)
  clock.ms += keyRenewalMs
  server.status = 503
  const outageBeganMs = clock.ms
  for (let minute = 1; minute <= 60; minute++) {
    clock.ms = outageBeganMs + minute * 60_000
    expect((await verify(key)).userId).toBe('ada')
  }
  expect(faults.length).toBeGreaterThan(0)
  // Noticed a minute after it began.
  clock.ms = outageBeganMs + 60_000 + outageGraceMs + 1000
  const refused = await verify(key).catch((error: unknown) => error as ApiError)
  expect(refused).toBeInstanceOf(ApiError)
  expect(refused).toMatchObject({ code: 'ServiceUnavailable', headers: { 'retry-after': '10' } })
})

test('keys outlive by an hour also an outage that begins when nobody has asked for them for long', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  clock.ms += 24 * 60 * 60_000
  server.status = 503
  expect((await verify(key)).userId).toBe('ada')
  clock.ms += outageGraceMs
  expect((await verify(key)).userId).toBe('ada')
  clock.ms += 1000
  await expect(verify(key)).rejects.toThrow('cannot be checked now')
})

test('keys that nobody asked for in an hour are fetched anew before they serve', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  const rotated = await makeSigningKey('k2')
  server.keys = [rotated.publicJwk]
  clock.ms += outageGraceMs + 1000
  await expect(verify(key)).rejects.toThrow('unknown key')
})

test('service resumes when the issuer is back, at the latest after the pause between fetches', async () => {
  const { key, server, clock, verify } = await setUp()
  server.status = 500
  await expect(verify(key)).rejects.toThrow('cannot be checked now')
  server.status = 200
  await expect(verify(key)).rejects.toThrow('cannot be checked now')
  clock.ms += refetchPauseMs
  expect((await verify(key)).userId).toBe('ada')
})

test('an issuer that cannot be connected to is an outage like any other', async () => {
  const { key, server, clock, verify } = await setUp()
  await verify(key)
  await server.close()
  clock.ms += keyRenewalMs + 1000
  expect((await verify(key)).userId).toBe('ada')
})

test('an empty or broken set of keys does not replace good ones', async () => {
  const { key, server, clock, faults, verify } = await setUp()
  await verify(key)
  server.keys = []
  clock.ms += keyRenewalMs + 1000
  await verify(key)
  await expect.poll(() => faults.length).toBe(1)
  expect((await verify(key)).userId).toBe('ada')
  expect(String(faults[0])).toContain('expected at least one key for signatures')
})

test('shared secrets that an issuer publishes by mistake are not used', async () => {
  const { key, server, verify } = await setUp()
  server.keys = [{ kty: 'oct', k: 'c2VjcmV0', kid: 'k1' }]
  await expect(verify(key)).rejects.toThrow('cannot be checked now')
})

test('somebody else who answers for the issuer is not believed', async () => {
  const key = await makeSigningKey('k1')
  const server = await startOidcServer([key])
  open.push(server)
  const faults: unknown[] = []
  // The same server under another name: its document names the issuer it really is.
  const name = server.issuer.replace('127.0.0.1', 'localhost')
  const issuer = oidcIssuer({ issuer: name, audience: ['alidade'], onFault: (fault) => faults.push(fault) })
  await expect(issuer.key({ alg: 'RS256', kid: 'k1' })).rejects.toThrow('cannot be checked now')
  expect(String(faults[0])).toMatch(/expected issuer 'http:\/\/localhost:\d+'|ECONNREFUSED|fetch failed/)
})

test('a token without a key id is checked with the only key, and refused where there are several', async () => {
  const { key, server, clock, verify } = await setUp()
  const nameless = { ...key, kid: undefined as unknown as string }
  expect((await verify(nameless)).userId).toBe('ada')
  server.keys = [key.publicJwk, (await makeSigningKey('k2')).publicJwk]
  clock.ms += keyRenewalMs + 1000
  await verify(nameless)
  await expect.poll(() => verify(nameless).catch((error: Error) => error.message)).toContain('which key')
})

test('the tokens of an issuer of each algorithm are accepted', async () => {
  const { server, clock, verify } = await setUp()
  const keys = await Promise.all(
    ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'].map((alg) => makeSigningKey(alg, alg)),
  )
  server.keys = keys.map(({ publicJwk }) => publicJwk)
  clock.ms += refetchPauseMs
  for (const key of keys) expect((await verify(key)).userId).toBe('ada')
})

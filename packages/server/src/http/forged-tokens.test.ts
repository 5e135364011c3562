// Forged and expired tokens against the real routes: each is 401 with the published code and a sentence that names its
// class of fault, nothing is looked up for it, and nobody learns from the answer whether a job exists.
import { createPrivateKey, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, type JWK } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  builtinAudience,
  builtinIssuerName,
  openBuiltinIssuer,
  signingKeyPath,
} from '../auth/builtin-issuer.ts'
import { type Forgery, forgedTokens } from '../auth/forged-tokens.fixture.ts'
import { oidcIssuer } from '../auth/oidc-issuer.ts'
import {
  makeSigningKey,
  type OidcServer,
  type SigningKey,
  signToken,
  startOidcServer,
} from '../auth/oidc-server.fixture.ts'
import { createTokenVerifier } from '../auth/token-verifier.ts'
import { openRealityDataRows } from '../store/reality-data-rows.ts'
import { openTestStore, type TestStore } from '../store/test-store.ts'
import { startApp, type TestApp } from './app.fixture.ts'
import { v1Routes } from './v1/routes.ts'

const now = new Date('2026-04-02T08:00:00Z')
const nowSeconds = now.getTime() / 1000
const jobs = '/realitydataanalysis/jobs'

let folder: string
let oidc: OidcServer
let oidcKeys: Record<'RS256' | 'ES256', SigningKey>
let builtinKey: JWK
let store: TestStore
let server: TestApp
let jobId: string
let genuineToken: string
/** What was asked of the store. */
let lookups: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-forged-'))
  oidcKeys = { RS256: await makeSigningKey('rsa-1', 'RS256'), ES256: await makeSigningKey('ec-1', 'ES256') }
  oidc = await startOidcServer(Object.values(oidcKeys))
  const builtin = await openBuiltinIssuer(folder, { now: () => now })
  builtinKey = JSON.parse(await readFile(signingKeyPath(folder), 'utf8')) as JWK
  genuineToken = (await builtin.issueToken({ org: 'acme', subject: 'ada' })).token
  store = await openTestStore()
  const realityData = openRealityDataRows({ database: store.database, now: () => now, newId: randomUUID })
  const recorded = new Proxy(store.jobs, {
    get(target, name, receiver) {
      lookups.push(String(name))
      return Reflect.get(target, name, receiver) as unknown
    },
  })
  const external = oidcIssuer({ issuer: oidc.issuer, audience: ['alidade'], now: () => now })
  server = await startApp(
    async (app) =>
      v1Routes(app, {
        ...{ store: recorded, realityData, publicUrl: () => 'https://reality.example.org', now: () => now },
        inspectJob: async () => ({ faults: [], warnings: [] }),
        tokenKey: new Uint8Array(32),
      }),
    {
      verifier: createTokenVerifier({ issuers: [builtin, external], now: () => now }),
      failuresPerMinute: 1e6,
    },
  )
  const iTwinId = randomUUID()
  await store.database.query('insert into itwin values ($1, $2, $3)', [iTwinId, 'acme', now])
  const settings = { type: 'changeDetection', name: 'a', inputs: [], outputs: [], options: {} } as const
  const owner = { org: 'acme', userId: 'ada', email: '', clientId: 'c' }
  const created = { ...settings, inputs: [], outputs: [], optionsSent: undefined, costParameters: undefined }
  jobId = (await store.jobs.create(owner, iTwinId, created)).id
  lookups = []
})
afterAll(async () => {
  await server.close()
  await oidc.close()
  await store.remove()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  status: number
  challenge: string | undefined
  text: string
}

/** As `fetch`, which refuses to send some of these headers. */
function ask(method: string, path: string, authorization: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': 'application/json' }
    const request = httpRequest(server.url + path, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, challenge: response.headers['www-authenticate'], text })
      })
    })
    request.on('error', reject)
    request.end()
  })
}

const issuers: [string, () => Promise<Forgery[]>][] = [
  [
    'the built-in issuer',
    async () =>
      forgedTokens({
        ...{
          issuer: builtinIssuerName,
          audience: builtinAudience,
          alg: 'EdDSA',
          kid: String(builtinKey.kid),
        },
        ...{ privateKey: privateKeyOf(builtinKey), nowSeconds },
        other: { issuer: oidc.issuer, ...(await signerOf('RS256')) },
      }),
  ],
  ...(['RS256', 'ES256'] as const).map((alg): [string, () => Promise<Forgery[]>] => [
    `an OpenID Connect issuer with ${alg}`,
    async () =>
      forgedTokens({
        ...{ issuer: oidc.issuer, audience: 'alidade', nowSeconds, ...(await signerOf(alg)), alg },
        other: {
          ...{ issuer: builtinIssuerName, kid: String(builtinKey.kid), alg: 'EdDSA' },
          privateKey: privateKeyOf(builtinKey),
        },
      }),
  ]),
]

describe.each(issuers)('of %s', (_name, forge) => {
  test('over 100 forgeries are each Unauthorized at once, whatever is asked for, and nothing is looked up', async () => {
    const forgeries = await forge()
    expect(forgeries.length).toBeGreaterThan(100)
    const operations = [
      ['GET', jobs],
      ['POST', jobs],
      ['GET', `${jobs}/${jobId}`],
      ['PATCH', `${jobs}/${jobId}`],
      ['DELETE', `${jobs}/${jobId}`],
    ] as const
    const times: number[] = []
    for (const [i, { name, authorization, fault }] of forgeries.entries()) {
      const began = performance.now()
      const known = await ask('GET', `${jobs}/${jobId}/progress`, authorization)
      times.push(performance.now() - began)
      expect([known.status, JSON.parse(known.text)], name).toEqual([
        401,
        { error: { code: 'Unauthorized', message: fault } },
      ])
      expect(known.challenge, name).toBe(
        'Bearer error="invalid_token", scope="itwin-platform realitydataanalysis:read"',
      )
      // Byte for byte what is answered where there is no such job.
      expect(await ask('GET', `${jobs}/${randomUUID()}/progress`, authorization), name).toEqual(known)
      const [method, path] = operations[i % operations.length]!
      const other = await ask(method, path, authorization)
      expect([other.status, other.text], name).toEqual([401, known.text])
    }
    expect(lookups).toEqual([])
    // A machine that is busy elsewhere may hold up a few.
    expect(times.filter((ms) => ms >= 1000).length).toBeLessThan(5)
  }, 60_000)
})

test('a good token, of whichever issuer, is believed, and is what makes the service look', async () => {
  const claims = { iss: oidc.issuer, aud: 'alidade' }
  const good = [
    genuineToken,
    await signToken(oidcKeys.RS256, claims, nowSeconds),
    await signToken(oidcKeys.ES256, claims, nowSeconds),
  ]
  for (const token of good) {
    lookups = []
    const answer = await ask('GET', `${jobs}/${jobId}/progress`, `Bearer ${token}`)
    expect([answer.status, lookups]).toEqual([200, ['progress']])
  }
})

test('a token without the scope is Unauthorized with the scopes that would do, and nothing is looked up', async () => {
  lookups = []
  const { token } = await (await openBuiltinIssuer(folder, { now: () => now })).issueToken({
    scope: 'openid',
  })
  const answer = await ask('GET', `${jobs}/${jobId}/progress`, `Bearer ${token}`)
  expect([answer.status, answer.challenge, lookups]).toEqual([
    401,
    'Bearer error="insufficient_scope", scope="itwin-platform realitydataanalysis:read"',
    [],
  ])
})

test('a token of 1 MB is refused before it is looked at', async () => {
  const answer = await server.raw(
    `GET ${jobs} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'a.'.repeat(500_000)}\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1.1 431 .*HeadersTooLarge/s)
})

function privateKeyOf(jwk: JWK) {
  return createPrivateKey({ key: { ...jwk } as never, format: 'jwk' })
}

async function signerOf(alg: 'RS256' | 'ES256') {
  const { kid, privateKey } = oidcKeys[alg]
  return { kid, alg, privateKey: privateKeyOf(await exportJWK(privateKey)) }
}

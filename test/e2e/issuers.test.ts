// Whose tokens a service accepts, and how many requests, through the real command: an OpenID Connect issuer beside
// the built-in one, with a new key and an outage; the limits by client and by address.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  makeSigningKey,
  type OidcServer,
  type SigningKey,
  signToken,
  startOidcServer,
} from '../../packages/server/src/auth/oidc-server.fixture.ts'
import { createClient } from '../../packages/client/src/index.ts'
import { type OpenidProvider, startOpenidProvider } from './openid-provider.ts'
import { type ServiceProcess, startServiceProcess } from './service-process.ts'
import { createChangeJob } from './survey-job.ts'

const rateLimit = 40

describe('a service that accepts an OpenID Connect issuer and its own', () => {
  let oidc: OidcServer
  let service: ServiceProcess
  let first: SigningKey
  beforeAll(async () => {
    first = await makeSigningKey('first', 'RS256')
    oidc = await startOidcServer([first])
    service = await startServiceProcess(
      ...['--issuer', oidc.issuer, '--issuer', 'builtin', '--audience', 'alidade'],
      ...['--rate-limit', String(rateLimit), '--trust-proxy', 'loopback'],
    )
  }, 60_000)
  afterAll(async () => {
    await service?.remove()
    await oidc.close()
  })

  /** A token of the OpenID Connect issuer, of a new client unless one is named. */
  function oidcToken(claims: Record<string, unknown> = {}, key = first): Promise<string> {
    const good = { iss: oidc.issuer, aud: 'alidade', client_id: randomUUID(), org: undefined, ...claims }
    return signToken(key, good, Math.floor(Date.now() / 1000))
  }

  function ask(path: string, token: string, init: RequestInit = {}): Promise<Response> {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...init.headers }
    return fetch(service.url + path, { ...init, headers })
  }
  const jobs = '/realitydataanalysis/jobs'

  async function createRealityData(token: string, iTwinId: string): Promise<Response> {
    const body = JSON.stringify({ displayName: 'Quarry', type: 'LAS', iTwinId })
    return ask('/reality-management/reality-data', token, { method: 'POST', body })
  }

  test('tokens of both issuers are accepted, scopes as text or as a list', async () => {
    const accepted = [
      await service.token(),
      await oidcToken(),
      await oidcToken({ scope: 'openid realitydataanalysis:read' }),
      await oidcToken({ scope: undefined, scp: ['openid', 'realitydataanalysis:read'] }),
      await oidcToken({ scope: undefined, scp: 'realitydataanalysis:read' }),
    ]
    for (const token of accepted) expect((await ask(jobs, token)).status).toBe(200)
    const readOnly = await oidcToken({ scope: undefined, scp: ['realitydataanalysis:read'] })
    const refused = await ask(jobs, readOnly, { method: 'POST', body: '{}' })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope')
  })

  test('a token for somebody else, of somebody else, or too old is refused with its class of fault', async () => {
    const hourAgo = Math.floor(Date.now() / 1000) - 3600
    for (const [token, fault] of [
      [await oidcToken({ aud: 'another service' }), 'audience'],
      [await oidcToken({ iss: 'https://elsewhere.example' }), 'issuer'],
      [await oidcToken({ exp: hourAgo }), 'expired'],
      [await oidcToken({}, await makeSigningKey('first')), 'signature'],
    ] as const) {
      const answer = await ask(jobs, token)
      expect([answer.status, answer.headers.get('www-authenticate')], fault).toEqual([
        401,
        'Bearer error="invalid_token", scope="itwin-platform realitydataanalysis:read"',
      ])
      expect(((await answer.json()) as { error: unknown }).error).toEqual({
        code: 'Unauthorized',
        message: expect.stringContaining(fault),
      })
    }
  })

  test('without a tenant in the token colleagues of one issuer share what they make, and nobody else sees it', async () => {
    const iTwinId = randomUUID()
    const made = await createRealityData(await oidcToken({ sub: 'ada' }), iTwinId)
    const { realityData } = (await made.json()) as { realityData: { id: string } }
    const path = `/reality-management/reality-data/${realityData.id}`
    const seen = async (token: string) => (await ask(path, token)).status
    expect(await seen(await oidcToken({ sub: 'grace' }))).toBe(200)
    expect(await seen(await oidcToken({ sub: 'ada', org: 'acme' }))).toBe(404)
    expect(await seen(await service.token('--subject', 'ada'))).toBe(404)
    // The iTwin belongs to the tenant of that issuer from now on.
    expect((await createRealityData(await service.token(), iTwinId)).status).toBe(422)
  })

  test('a client above its limit is told so with everything a client needs, others are not', async () => {
    const busy = await oidcToken({ client_id: 'busy-app' })
    const statuses = new Map<number, number>()
    let refused: Response | undefined
    // More than twice the limit: the minute may turn in between.
    for (let i = 0; i < 2 * rateLimit + 1; i++) {
      const answer = await ask(jobs, busy)
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      if (answer.status === 429) refused = answer
      else await answer.body?.cancel()
    }
    expect([...statuses.keys()].sort()).toEqual([200, 429])
    expect(statuses.get(200)).toBeGreaterThanOrEqual(rateLimit)
    expect(await refused!.json()).toEqual({
      error: {
        code: 'TooManyRequests',
        message: 'More requests were received than the subscription rate-limit allows.',
      },
    })
    expect(Number(refused!.headers.get('retry-after'))).toSatisfy((s: number) => s >= 1 && s <= 60)
    expect(refused!.headers.get('itwinplatform-ratelimited-application')).toBe('busy-app')
    expect((await ask(jobs, await oidcToken({ client_id: 'calm-app' }))).status).toBe(200)
  })

  test('an address whose tokens keep failing is not heard any more, its neighbours and known tokens are', async () => {
    const known = await oidcToken()
    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } })
    expect((await ask(jobs, known, from('192.0.2.7'))).status).toBe(200)
    const statuses: number[] = []
    // Twice the cap of 600 and one: the minute may turn in between.
    for (let i = 0; i < 1201 && statuses.at(-1) !== 429; i++) {
      const answer = await ask(jobs, `forged-${i}`, from('192.0.2.7'))
      await answer.body?.cancel()
      statuses.push(answer.status)
    }
    expect([statuses.length > 600, statuses.at(0), statuses.at(-1)]).toEqual([true, 401, 429])
    const unread = await ask(jobs, await oidcToken(), from('192.0.2.7'))
    expect([unread.status, unread.headers.get('itwinplatform-ratelimited-tier')]).toEqual([429, 'Address'])
    expect((await ask(jobs, known, from('192.0.2.7'))).status).toBe(200)
    expect((await ask(jobs, await oidcToken(), from('192.0.2.8'))).status).toBe(200)
  }, 30_000)

  test('a new key is found when the first token of it arrives; the issuer may be down after that', async () => {
    const second = await makeSigningKey('second', 'ES256')
    oidc.keys = [first.publicJwk, second.publicJwk]
    const token = await oidcToken({}, second)
    // Keys are fetched at most every ten seconds.
    const status = async () => (await ask(jobs, token)).status
    await expect.poll(status, { timeout: 15_000, interval: 500 }).toBe(200)
    oidc.status = 500
    for (const key of [first, second]) expect((await ask(jobs, await oidcToken({}, key))).status).toBe(200)
    expect(oidc.keyRequests).toBeLessThan(10)
  }, 30_000)

  test('the log has a line for each request, and neither tokens nor what was forged', async () => {
    const lines = () => service.log().split('\n').slice(0, -1)
    const refused = () =>
      lines()
        .map((line) => JSON.parse(line))
        .filter(({ msg, status }) => msg === 'request' && status === 401)
    // Lines are written together, a moment later.
    await expect.poll(() => refused().length).toBeGreaterThanOrEqual(600)
    for (const { correlationId } of refused()) expect(correlationId).toMatch(/^[0-9a-f-]{36}$/)
    expect(service.log()).not.toMatch(/eyJ[\w-]+\.[\w-]+\.|forged-/)
  })
})

describe('an issuer without a discovery document', () => {
  test('its keys come from --jwks-url, any audience named will do, and the built-in issuer is off', async () => {
    const key = await makeSigningKey('only', 'EdDSA')
    const oidc = await startOidcServer([key])
    const issuer = 'https://login.example.org'
    const service = await startServiceProcess(
      ...['--issuer', issuer, '--audience', 'a,b', '--jwks-url', oidc.jwksUrl],
    )
    try {
      const claims = { iss: issuer, aud: ['x', 'b'] }
      const token = await signToken(key, claims, Math.floor(Date.now() / 1000))
      const ask = (headers: Record<string, string>) =>
        fetch(`${service.url}/realitydataanalysis/jobs`, { headers })
      expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200)
      // The built-in issuer was not asked for.
      expect((await ask({ authorization: `Bearer ${await service.token()}` })).status).toBe(401)
      expect(await (await fetch(`${service.url}/alidade/jwks.json`)).json()).toEqual({ keys: [] })
    } finally {
      await service.remove()
      await oidc.close()
    }
  }, 60_000)
})

describe('a service that accepts an OpenID Connect provider as it is installed elsewhere', () => {
  const audience = 'https://alidade.example.org/api'
  let provider: OpenidProvider
  let service: ServiceProcess
  beforeAll(async () => {
    provider = await startOpenidProvider(audience)
    service = await startServiceProcess('--issuer', provider.issuer, '--audience', audience)
  }, 60_000)
  afterAll(async () => {
    await service?.remove()
    await provider.close()
  })

  test('a client gets a token by its credentials and creates, submits and deletes jobs with it', async () => {
    const token = await provider.accessToken()
    const client = createClient({ baseUrl: service.url, token: () => token })
    const iTwinId = randomUUID()
    const surveys = []
    for (const displayName of ['March', 'April']) {
      surveys.push((await client.realityData.create({ displayName, type: 'LAS', iTwinId })).id)
    }
    const id = await createChangeJob(client, iTwinId, surveys)
    const job = await client.jobs.get(id)
    expect(job).toMatchObject({ id, state: 'unsubmitted', iTwinId })
    expect(await client.jobs.progress(id)).toEqual({ percentage: 0, state: 'unsubmitted', step: '' })
    // Nothing was uploaded: this far the token goes, and no further because of what is in the request.
    await expect(client.jobs.submit(id)).rejects.toMatchObject({ status: 422 })
    await client.jobs.delete(id)
    await expect(client.jobs.get(id)).rejects.toMatchObject({ status: 404 })
  })

  test('its token for reading reads and changes nothing, its token for another service does nothing', async () => {
    const ask = async (token: string, method = 'GET') => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const answer = await fetch(`${service.url}/realitydataanalysis/jobs`, { method, headers })
      return [answer.status, answer.headers.get('www-authenticate')?.split(',')[0]]
    }
    const reading = await provider.accessToken({ scope: 'realitydataanalysis:read' })
    expect(await ask(reading)).toEqual([200, undefined])
    expect(await ask(reading, 'POST')).toEqual([401, 'Bearer error="insufficient_scope"'])
    const elsewhere = await provider.accessToken({ resource: 'https://another.example.org/api' })
    expect(await ask(elsewhere)).toEqual([401, 'Bearer error="invalid_token"'])
  })

  test('while the provider is away its tokens are checked on', async () => {
    const token = await provider.accessToken()
    await provider.close()
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${service.url}/realitydataanalysis/jobs`, { headers })).status).toBe(200)
  })
})

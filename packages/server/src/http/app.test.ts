import { defineOperation, ErrorResponse, getJob, getJobProgress, jobTypes, patchJob } from '@alidade/contract'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import { pino } from 'pino'
import { Compile } from 'typebox/compile'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { builtinIssuerName } from '../auth/builtin-issuer.ts'
import { startApp, type TestApp } from './app.fixture.ts'
import { registerOperation } from './operation-route.ts'

let server: TestApp
let logged: Record<string, unknown>[] = []
const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(JSON.parse(line)) })
const broken = defineOperation({
  id: 'broken',
  method: 'GET',
  path: '/alidade/broken',
  tag: 'Test',
  summary: 'Fails',
  remarks: 'Always.',
  scopes: ['itwin-platform'],
  responses: { 204: { description: 'Never.' } },
})

beforeAll(async () => {
  server = await startApp(
    async (app) => {
      registerOperation(app, getJobProgress, () => ({
        status: 200,
        body: { progress: { percentage: 1, state: 'active', step: '' } },
      }))
      registerOperation(app, getJob, () => ({ status: 200, body: { job: {} as never } }))
      registerOperation(app, patchJob, ({ request }) => {
        request.log.warn('a line of the handler')
        return { status: 200, body: { job: {} as never } }
      })
      registerOperation(app, broken, () => {
        throw new TypeError('the secret plan')
      })
    },
    { log },
  )
})
afterAll(() => server.close())
beforeEach(() => {
  logged = []
})

const errorResponse = Compile(ErrorResponse)
/** The status and code of an answer that must be our error object, with a correlation id. */
async function fault(response: Response) {
  const text = await response.text()
  const body: unknown = text === '' ? undefined : JSON.parse(text)
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(errorResponse.Check(body)).toBe(true)
  return { status: response.status, ...(body as ErrorResponse).error }
}

test.each([
  '/',
  '/nothing',
  '/realitydataanalysis',
  '/realitydataanalysis/jobs/x/progress/more',
  '/docs/../x',
])('the unknown path %s is 404 NotFound', async (path) => {
  expect(await fault(await fetch(server.url + path))).toMatchObject({ status: 404, code: 'NotFound' })
})

test('an unknown path is 404 whatever the body, and no matter how it is asked', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'PURGE']) {
    const body = method === 'PURGE' ? null : '{'
    const headers = { 'content-type': 'application/xml' }
    const response = await fetch(`${server.url}/nothing`, { method, body, headers })
    expect(await fault(response)).toMatchObject({ status: 404, code: 'NotFound' })
  }
})

test.each(['POST', 'PUT', 'DELETE', 'PROPFIND', 'QUERY', 'MKCOL'])(
  '%s on a path that only reads is 405 with Allow',
  async (method) => {
    const response = await fetch(`${server.url}/RealityDataAnalysis/jobs/x/progress/`, { method })
    expect(await fault(response)).toMatchObject({ status: 405, code: 'MethodNotAllowed' })
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS')
  },
)

test('Allow names the methods of all operations of the path', async () => {
  const response = await fetch(`${server.url}/realitydataanalysis/jobs/x`, { method: 'POST' })
  expect(response.headers.get('allow')).toBe('GET, HEAD, PATCH, OPTIONS')
})

test('OPTIONS answers with Allow, without a token; on an unknown path it is 404', async () => {
  const response = await fetch(`${server.url}/realitydataanalysis/jobs/x/progress`, { method: 'OPTIONS' })
  expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS'])
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  expect((await fetch(`${server.url}/nothing`, { method: 'OPTIONS' })).status).toBe(404)
})

test('HEAD on an unknown path is 404 without a body', async () => {
  const response = await fetch(`${server.url}/nothing`, { method: 'HEAD' })
  expect([response.status, await response.text()]).toEqual([404, ''])
})

test.each(['%zz', '%', '%ff', '%C0%AF', 'a%E0%80'])(
  'the bad percent-escape %s in a path is 400',
  async (sequence) => {
    const { raw } = server
    for (const method of ['GET', 'POST']) {
      const answer = await raw(
        `${method} /realitydataanalysis/jobs/${sequence}/progress HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
      )
      expect(answer).toMatch(/^HTTP\/1.1 400 /)
      expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').error.code).toBe('BadRequest')
      expect(answer).toMatch(/\r\nx-correlation-id: [0-9a-f-]{36}\r\n/)
    }
  },
)

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'BadRequest'],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'BadRequest'],
  ['a space in the path', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'BadRequest'],
  ['a header without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', 400, 'BadRequest'],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    400,
    'BadRequest',
  ],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    'BadRequest',
  ],
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400, 'BadRequest'],
  ['a URL of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'HeadersTooLarge'],
  [
    'a header of 20 kB',
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${'a'.repeat(20_000)}\r\n\r\n`,
    431,
    'HeadersTooLarge',
  ],
  [
    'a $filter of 1 MB',
    `GET /realitydataanalysis/jobs?$filter=${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    431,
    'HeadersTooLarge',
  ],
])('%s is answered with our JSON', async (_name, bytes, status, code) => {
  const answer = await server.raw(bytes)
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
  expect(head.toLowerCase()).toContain('content-type: application/json; charset=utf-8')
  expect(head.toLowerCase()).toMatch(/x-correlation-id: [0-9a-f-]{36}/)
  expect(errorResponse.Check(JSON.parse(body))).toBe(true)
  expect(JSON.parse(body).error.code).toBe(code)
  const [, id] = /x-correlation-id: (\S+)/i.exec(head) ?? []
  expect(logged).toEqual([expect.objectContaining({ correlationId: id, status })])
})

test('a path segment of 10,000 characters is a parameter like any other', async () => {
  const path = `/realitydataanalysis/jobs/${'a'.repeat(10_000)}/progress`
  expect((await fetch(server.url + path, { headers: await server.bearer() })).status).toBe(200)
})

test('an expectation that we do not know is passed over', async () => {
  const answer = await server.raw(
    'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the-spanish-inquisition\r\nConnection: close\r\n\r\n',
  )
  expect(answer).toMatch(/^HTTP\/1.1 200 /)
})

test('a fault of ours is 500 and shows an id only, under which the log has the error', async () => {
  const response = await fetch(`${server.url}/alidade/broken`, { headers: await server.bearer() })
  const id = response.headers.get('x-correlation-id') ?? ''
  const { status, code, message } = await fault(response)
  expect({ status, code }).toEqual({ status: 500, code: 'InternalServerError' })
  expect(message).toContain(id)
  expect(message).not.toContain('secret')
  const line = logged.find(({ level }) => level === 50)
  expect(line).toMatchObject({ correlationId: id, err: { message: 'the secret plan' } })
})

test.each(['my-id', 'a b ~!', 'x'.repeat(128)])('the sane correlation id "%s" is sent back', async (id) => {
  for (const path of ['/healthz', '/nothing']) {
    const response = await fetch(server.url + path, { headers: { 'x-correlation-id': id } })
    expect(response.headers.get('x-correlation-id')).toBe(id)
  }
  expect(logged.map(({ correlationId }) => correlationId)).toEqual([id, id])
})

test.each(['x'.repeat(129), 'ü', '\ttab\tin'])('the correlation id "%s" is replaced', async (id) => {
  const response = await fetch(`${server.url}/healthz`, { headers: { 'x-correlation-id': id } })
  expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/)
})

test('each request is one line in the log, and the lines of its handler carry the same id', async () => {
  const headers = { ...(await server.bearer({ client: 'survey-app' })), 'x-correlation-id': 'here-i-am' }
  await fetch(`${server.url}/realitydataanalysis/jobs/x`, {
    method: 'PATCH',
    body: '{}',
    headers: { ...headers, 'content-type': 'application/json' },
  })
  await expect.poll(() => logged.length).toBe(2)
  expect(logged.map(({ msg, correlationId }) => [msg, correlationId])).toEqual([
    ['a line of the handler', 'here-i-am'],
    ['request', 'here-i-am'],
  ])
  expect(logged[1]).toMatchObject({
    method: 'PATCH',
    url: '/realitydataanalysis/jobs/x',
    status: 200,
    client: 'survey-app',
    milliseconds: expect.any(Number),
  })
})

test('the line of a request carries what the logger puts into every line, and its level counts', async () => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  const named = pino({ base: { host: 'a "b"' } }, stream)
  const quiet = pino({ level: 'warn' }, { write: () => expect.fail('expected no line') })
  for (const log of [named, quiet]) {
    const other = await startApp(async () => {}, { log })
    try {
      await fetch(`${other.url}/healthz?a="b"`, { headers: { 'x-correlation-id': '"c"' } })
    } finally {
      await other.close()
    }
  }
  const [line] = lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
  expect(line).toEqual({
    ...{ level: 30, time: expect.any(Number), host: 'a "b"', correlationId: '"c"', msg: 'request' },
    ...{ method: 'GET', url: '/healthz?a=%22b%22', status: 200, milliseconds: expect.any(Number) },
  })
  expect(Math.abs(line.time - Date.now())).toBeLessThan(60_000)
})

test('the log holds neither tokens nor signatures', async () => {
  const headers = await server.bearer()
  const token = headers.authorization.split(' ')[1] ?? ''
  await fetch(`${server.url}/alidade/broken?sp=rl&sig=SeCrEt%3D&se=2026`, { headers })
  await fetch(`${server.url}/nothing?SIG=SeCrEt&s%69g=SeCrEt&access_token=SeCrEt`, { headers })
  await fetch(`${server.url}/realitydataanalysis/jobs/x?sig=SeCrEt`, {
    headers: { authorization: `${headers.authorization}x` },
  })
  await expect.poll(() => logged.filter(({ msg }) => msg === 'request').length).toBe(3)
  const all = JSON.stringify(logged)
  expect(all).not.toContain('SeCrEt')
  expect(all).not.toContain(token.slice(-30))
  expect(all.toLowerCase()).not.toContain('authorization')
  expect(all).toContain('/alidade/broken?sp=rl&sig=***&se=2026')
})

test('/healthz and /readyz answer without a token', async () => {
  for (const path of ['/healthz', '/readyz']) expect((await fetch(server.url + path)).status).toBe(200)
})

test('the job types are shown without a token: names in both versions, inputs, outputs, options, steps', async () => {
  const shown: unknown = await (await fetch(`${server.url}/alidade/job-types`)).json()
  const { v1, v2, options, steps } = jobTypes.changeDetection
  const { jobTypes: all } = shown as { jobTypes: { v1?: string; v2?: string; steps?: string[] }[] }
  expect(all).toContainEqual(expect.objectContaining({ v1, v2, options, steps }))
  // Those without steps are not delivered.
  expect(all.filter((type) => type.steps !== undefined).map((type) => type.v1)).toEqual([
    'segmentation3D',
    'extractGround',
    v1,
  ])
  expect(all.flatMap((type) => type.v2 ?? [])).toContain('TrainingS3D')
})

test('with the public keys of the built-in issuer others can check its tokens, and make none', async () => {
  const { authorization } = await server.bearer({ subject: 'ada' })
  const keys = (await (await fetch(`${server.url}/alidade/jwks.json`)).json()) as JSONWebKeySet
  const currentDate = server.clock.now
  const verified = await jwtVerify(authorization.slice(7), createLocalJWKSet(keys), { currentDate })
  expect(verified.payload).toMatchObject({ sub: 'ada', iss: builtinIssuerName })
  for (const key of keys.keys)
    expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x'])
})

test('without CORS configured no answer allows another origin', async () => {
  const response = await fetch(`${server.url}/healthz`, { headers: { origin: 'https://web.example.org' } })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

test('with CORS configured a page of a listed origin can call and read what it needs, others cannot', async () => {
  const open = await startApp(
    async (app) => {
      registerOperation(app, getJob, () => ({ status: 200, body: { job: {} as never } }))
    },
    { corsOrigins: ['https://web.example.org'] },
  )
  try {
    const url = `${open.url}/realitydataanalysis/jobs/x`
    const origin = 'https://web.example.org'
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization,x-ms-blob-type',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin)
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization,x-ms-blob-type')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
    // Also an error can be read, or a page could not tell why.
    const refused = await fetch(url, { headers: { origin } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe(origin)
    const exposed = (refused.headers.get('access-control-expose-headers') ?? '').toLowerCase()
    for (const name of ['etag', 'retry-after', 'location', 'x-correlation-id', 'x-ms-version']) {
      expect(exposed).toContain(name)
    }
    const stranger = await fetch(url, { headers: { origin: 'https://evil.example.org' } })
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
  } finally {
    await open.close()
  }
})

test('with CORS configured paths and methods that do not exist are told as without', async () => {
  const open = await startApp(
    async (app) => {
      registerOperation(app, getJob, () => ({ status: 200, body: { job: {} as never } }))
    },
    { corsOrigins: '*' },
  )
  try {
    const origin = 'https://web.example.org'
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const unknown = await fetch(`${open.url}/nothing`, { method, headers: { origin } })
      expect(await fault(unknown)).toMatchObject({ status: 404, code: 'NotFound' })
    }
    const url = `${open.url}/realitydataanalysis/jobs/x`
    const wrong = await fetch(url, { method: 'PUT', headers: { origin } })
    expect(await fault(wrong)).toMatchObject({ status: 405, code: 'MethodNotAllowed' })
    expect(wrong.headers.get('access-control-allow-origin')).toBe('*')
    const options = await fetch(url, { method: 'OPTIONS' })
    expect([options.status, wrong.headers.get('allow'), options.headers.get('allow')]).toEqual([
      204,
      'GET, HEAD, OPTIONS',
      'GET, HEAD, OPTIONS',
    ])
  } finally {
    await open.close()
  }
})

test('a request that is under way when the server closes is still answered', async () => {
  let release = () => {}
  const waiting = new Promise<void>((resolve) => {
    release = resolve
  })
  let entered = () => {}
  const underWay = new Promise<void>((resolve) => {
    entered = resolve
  })
  const closing = await startApp(async (app) => {
    registerOperation(app, broken, async () => {
      entered()
      await waiting
      return { status: 204 }
    })
  })
  const answer = fetch(`${closing.url}/alidade/broken`, { headers: await closing.bearer() })
  await underWay
  const closed = closing.close()
  release()
  expect((await answer).status).toBe(204)
  await closed
  await expect(fetch(`${closing.url}/healthz`)).rejects.toThrow()
})

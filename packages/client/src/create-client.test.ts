import { expect, test } from 'vitest'
import { createClient } from './create-client.ts'
import {
  ConflictError,
  ForbiddenError,
  InvalidRequestError,
  NotFoundError,
  RateLimitedError,
  ServiceError,
  UnauthorizedError,
} from './service-error.ts'
import { type ScriptedAnswer, startScriptedServer } from './testing/scripted-server.ts'
import { virtualClock } from './testing/virtual-clock.ts'
import type { TokenRequest } from './token.ts'

const job = { id: 'job-1', name: 'Quarry', state: 'unsubmitted' }
const token = () => 'secret-token'

async function errorOf(answer: ScriptedAnswer): Promise<ServiceError> {
  await using server = await startScriptedServer(() => answer)
  const client = createClient({ baseUrl: server.url, token })
  const error = await client.jobs.get('job-1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ServiceError)
  return error as ServiceError
}

test('creates, reads, changes, submits, cancels and deletes a job by the published calls', async () => {
  await using server = await startScriptedServer(({ method }) =>
    method === 'DELETE' ? { status: 204 } : { status: method === 'POST' ? 201 : 200, body: { job } },
  )
  const { jobs } = createClient({ baseUrl: `${server.url}/`, token })
  const create = {
    type: 'changeDetection',
    name: 'Quarry',
    iTwinId: 'b4b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a11',
    inputs: [{ type: 'pointClouds1', id: 'a' }],
    outputs: ['objects3D'],
  }
  expect(await jobs.create(create)).toEqual(job)
  expect(await jobs.get('job-1')).toEqual(job)
  await jobs.patch('job-1', { options: { minPoints: 100 } })
  await jobs.submit('job-1')
  await jobs.cancel('job-1')
  expect(await jobs.delete('job-1')).toBeUndefined()

  expect(server.requests.map(({ method, url, body }) => `${method} ${url} ${body}`)).toEqual([
    `POST /realitydataanalysis/jobs ${JSON.stringify(create)}`,
    'GET /realitydataanalysis/jobs/job-1 ',
    'PATCH /realitydataanalysis/jobs/job-1 {"options":{"minPoints":100}}',
    'PATCH /realitydataanalysis/jobs/job-1 {"state":"active"}',
    'PATCH /realitydataanalysis/jobs/job-1 {"state":"cancelled"}',
    'DELETE /realitydataanalysis/jobs/job-1 ',
  ])
  for (const { headers } of server.requests) {
    expect(headers.accept).toBe('application/vnd.bentley.itwin-platform.v1+json')
    expect(headers.authorization).toBe('Bearer secret-token')
  }
  expect(server.requests[0]!.headers['content-type']).toBe('application/json')
})

test('options that the published API has no place for go as headers, in both versions', async () => {
  await using server = await startScriptedServer(() => ({ status: 201, body: { job } }))
  const { jobs, v2 } = createClient({ baseUrl: server.url, token })
  const headers = { 'alidade-registration': 'rigid' }
  await jobs.create({ type: 'changeDetection' } as Parameters<typeof jobs.create>[0], { headers })
  await v2.jobs.create({ type: 'ChangeDetection' } as Parameters<typeof v2.jobs.create>[0], { headers })
  expect(server.requests.map(({ headers }) => headers['alidade-registration'])).toEqual(['rigid', 'rigid'])
})

test('a list follows the next links, but only their query: the token goes nowhere else', async () => {
  await using server = await startScriptedServer([
    {
      body: {
        jobs: [{ id: '1' }, { id: '2' }],
        _links: {
          next: { href: 'http://elsewhere.invalid/x/jobs?$filter=a%20eq%20b&continuationToken=p%2B2' },
        },
      },
    },
    { body: { jobs: [{ id: '3' }] } },
  ])
  const client = createClient({ baseUrl: `${server.url}/behind/a/proxy`, token })
  const ids: string[] = []
  for await (const { id } of client.jobs.list({ filter: 'a eq b', top: 2 })) ids.push(id)
  expect(ids).toEqual(['1', '2', '3'])
  const [first, second] = server.requests.map(({ url }) => new URL(url, server.url))
  expect(first!.pathname).toBe('/behind/a/proxy/realitydataanalysis/jobs')
  expect(Object.fromEntries(first!.searchParams)).toEqual({ $filter: 'a eq b', $top: '2' })
  expect(second!.pathname).toBe(first!.pathname)
  expect(Object.fromEntries(second!.searchParams)).toEqual({ $filter: 'a eq b', continuationToken: 'p+2' })
})

test('a list that links a page to itself ends with an error instead of running for ever', async () => {
  await using server = await startScriptedServer(() => ({
    body: { jobs: [], _links: { next: { href: '/jobs?continuationToken=x' } } },
  }))
  const jobs = createClient({ baseUrl: server.url, token }).jobs.list()
  await expect(jobs.next()).rejects.toMatchObject({ code: 'UnexpectedAnswer' })
  expect(server.requests).toHaveLength(2)
})

test('reality data are created, read, listed, changed and deleted; access gives the container URL', async () => {
  const realityData = { id: 'rd-1', displayName: 'March', type: 'LAZ' }
  const href = 'http://localhost/alidade-blobs/rd-1?sig=abc'
  await using server = await startScriptedServer([
    { status: 201, body: { realityData } },
    { body: { realityData } },
    { body: { realityData: [realityData] } },
    { body: { realityData } },
    { status: 204 },
    { body: { type: 'AzureBlobSasUrl', access: 'Read', _links: { containerUrl: { href } } } },
    { body: { type: 'AzureBlobSasUrl', access: 'Write', _links: { containerUrl: { href } } } },
    { body: { type: 'AzureBlobSasUrl', access: 'Write', _links: { containerUrl: null } } },
  ])
  const calls = createClient({ baseUrl: server.url, token }).realityData
  expect(await calls.create({ displayName: 'March', type: 'LAZ' })).toEqual(realityData)
  expect(await calls.get('rd-1', { iTwinId: 'i' })).toEqual(realityData)
  const listed = []
  for await (const one of calls.list({ iTwinId: 'i', types: ['LAS', 'LAZ'], top: 5 })) listed.push(one)
  expect(listed).toEqual([realityData])
  await calls.update('rd-1', { rootDocument: 'march.laz' })
  await calls.delete('rd-1')
  expect(await calls.readAccess('rd-1')).toBe(href)
  expect(await calls.writeAccess('rd-1')).toBe(href)
  await expect(calls.writeAccess('rd-1')).rejects.toMatchObject({ code: 'UnexpectedAnswer', status: 200 })
  expect(server.requests.map(({ method, url, body }) => `${method} ${url} ${body}`).slice(0, 7)).toEqual([
    'POST /reality-management/reality-data {"displayName":"March","type":"LAZ"}',
    'GET /reality-management/reality-data/rd-1?iTwinId=i ',
    'GET /reality-management/reality-data?iTwinId=i&types=LAS%2CLAZ&%24top=5 ',
    'PATCH /reality-management/reality-data/rd-1 {"rootDocument":"march.laz"}',
    'DELETE /reality-management/reality-data/rd-1 ',
    'GET /reality-management/reality-data/rd-1/readaccess ',
    'GET /reality-management/reality-data/rd-1/writeaccess ',
  ])
  expect(server.requests[2]!.headers.prefer).toBe('return=representation')
})

test('after a 401 the token is asked for again and the request repeated once, body included', async () => {
  const asked: boolean[] = []
  const provider = ({ refresh }: TokenRequest) => {
    asked.push(refresh)
    return refresh ? 'fresh' : 'stale'
  }
  await using server = await startScriptedServer(({ headers }) =>
    headers.authorization === 'Bearer fresh' ? { body: { job } } : { status: 401 },
  )
  await createClient({ baseUrl: server.url, token: provider }).jobs.submit('job-1')
  expect(asked).toEqual([false, true])
  expect(server.requests.map(({ body }) => body)).toEqual(['{"state":"active"}', '{"state":"active"}'])
})

test('a second 401 is an error and not asked again', async () => {
  await using server = await startScriptedServer(() => ({ status: 401 }))
  const call = createClient({ baseUrl: server.url, token }).jobs.get('job-1')
  await expect(call).rejects.toMatchObject({ status: 401, code: 'UnexpectedAnswer' })
  expect(server.requests).toHaveLength(2)
})

test.each(['abc', 'Bearer abc', 'bearer  abc', ' abc\n'])(
  'the token %j is sent as Bearer abc',
  async (given) => {
    await using server = await startScriptedServer(() => ({ body: { job } }))
    await createClient({ baseUrl: server.url, token: async () => given }).jobs.get('job-1')
    expect(server.requests[0]!.headers.authorization).toBe('Bearer abc')
  },
)

test('a token that no header may carry is refused without showing it', async () => {
  const client = createClient({ baseUrl: 'http://localhost:1', token: () => 'hush\nhush' })
  const error: Error = await client.jobs.get('job-1').catch((thrown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).not.toContain('hush')
})

test('a token provider that fails is a typed error with its cause', async () => {
  const cause = new Error('identity service down')
  const client = createClient({ baseUrl: 'http://localhost:1', token: () => Promise.reject(cause) })
  await expect(client.jobs.get('job-1')).rejects.toMatchObject({
    name: 'ServiceError',
    code: 'TokenUnavailable',
    status: undefined,
    cause,
    retryable: true,
  })
})

test('an error of the service keeps all its members', async () => {
  const error = await errorOf({
    status: 422,
    headers: { 'x-correlation-id': 'c-7', 'retry-after': '12' },
    body: {
      error: {
        code: 'InvalidRealityDataAnalysisRequest',
        message: 'Cannot create job.',
        target: 'type',
        details: [
          { code: 'InvalidValue', message: 'No.', target: 'type' },
          { code: 'Other', message: 'Oh.' },
          null,
        ],
      },
    },
  })
  expect(error).toBeInstanceOf(InvalidRequestError)
  expect({ ...error }).toEqual({
    name: 'InvalidRequestError',
    request: 'GET /realitydataanalysis/jobs/job-1',
    status: 422,
    code: 'InvalidRealityDataAnalysisRequest',
    target: 'type',
    details: [
      { code: 'InvalidValue', message: 'No.', target: 'type' },
      { code: 'Other', message: 'Oh.' },
    ],
    retryAfterSeconds: 12,
    correlationId: 'c-7',
  })
  expect(error.message).toBe('Cannot create job.')
  expect(error.retryable).toBe(false)
})

test.each<[string, ScriptedAnswer, number, string]>([
  [
    'an HTML 502',
    { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad\n Gateway</h1>' },
    502,
    'text/html "<h1>Bad Gateway</h1>"',
  ],
  ['an empty 401', { status: 401 }, 401, 'empty body'],
  ['{}', { status: 500, body: {} }, 500, '"{}"'],
  ['{"error":null}', { status: 404, body: { error: null } }, 404, '"{\\"error\\":null}"'],
  ['a code that is null', { status: 403, body: { error: { code: null, message: 'No.' } } }, 403, 'No.'],
  ['an error that is a text', { status: 400, body: { error: 'invalid_request' } }, 400, 'invalid_request'],
  ['cut JSON', { status: 500, body: '{"error":{"code":"Int' }, 500, '{\\"error\\":{\\"code\\":\\"Int'],
  ['an array', { status: 500, body: [] }, 500, '"[]"'],
  ['a success of {}', { body: {} }, 200, 'expected a JSON object with an object "job"'],
  ['a success that is HTML', { body: '<html>Sign in</html>' }, 200, 'Sign in'],
  ['a success without a body', { status: 204 }, 204, 'empty body'],
])('%s is a typed error that carries the status and says what came', async (_, answer, status, words) => {
  const error = await errorOf(answer)
  expect(error.status).toBe(status)
  expect(error.code).toBe('UnexpectedAnswer')
  expect(error.message).toContain(words)
})

test('an answer that breaks off carries its status and the cause', async () => {
  const error = await errorOf({ body: '{"job":', cut: 100 })
  expect(error).toMatchObject({ code: 'NetworkError', status: 200, retryable: true })
  expect(error.cause).toBeInstanceOf(Error)
})

test('no answer at all has no status, a cause, and says what the platform said', async () => {
  await using server = await startScriptedServer([])
  const { url } = server
  await server[Symbol.asyncDispose]()
  const client = createClient({ baseUrl: url, token })
  const error: ServiceError = await client.jobs.get('job-1').catch((thrown) => thrown)
  expect(error).toMatchObject({ name: 'ServiceError', code: 'NetworkError', status: undefined })
  expect(error.cause).toBeInstanceOf(Error)
  expect(error.message).toContain('ECONNREFUSED')
})

test('an error shows neither tokens nor signatures that a body repeats, and not more than its beginning', async () => {
  const body = `token secret-token jwt eyJhbGciOi.eyJzdWIi.abc-_ head Bearer xyz.123 url ?sp=r&sig=a%2Fb ${'long '.repeat(500)}`
  const error = await errorOf({ status: 500, body })
  for (const secret of ['secret-token', 'eyJ', 'xyz.123', 'a%2Fb'])
    expect(error.message).not.toContain(secret)
  expect(error.message).toContain('[removed]')
  expect(error.message.length).toBeLessThan(400)
})

test('a server that never answers meets the time limit', async () => {
  await using server = await startScriptedServer(() => ({ silent: true }))
  const client = createClient({ baseUrl: server.url, token, timeoutSeconds: 0.05 })
  await expect(client.jobs.get('job-1')).rejects.toMatchObject({ code: 'RequestTimedOut', status: undefined })
})

test('an abort rejects with the reason of the signal, not with a ServiceError', async () => {
  const controller = new AbortController()
  const reason = new Error('changed my mind')
  await using server = await startScriptedServer(() => {
    setImmediate(() => controller.abort(reason))
    return { silent: true }
  })
  const client = createClient({ baseUrl: server.url, token })
  await expect(client.jobs.get('job-1', { signal: controller.signal })).rejects.toBe(reason)
})

test('ids are escaped, and ids that would change the path are refused', async () => {
  await using server = await startScriptedServer(() => ({ body: { job } }))
  const { jobs } = createClient({ baseUrl: server.url, token })
  await jobs.get('a/b?c')
  expect(server.requests[0]!.url).toBe('/realitydataanalysis/jobs/a%2Fb%3Fc')
  for (const id of ['', '.', '..']) await expect(jobs.get(id)).rejects.toBeInstanceOf(TypeError)
  expect(server.requests).toHaveLength(1)
})

test.each(['ftp://host', 'http://user:pw@host', 'http://host/?a=b', 'host'])(
  'the base URL %s is refused',
  (baseUrl) => {
    expect(() => createClient({ baseUrl, token })).toThrow(TypeError)
  },
)

test.each([
  [400, InvalidRequestError],
  [401, UnauthorizedError],
  [403, ForbiddenError],
  [404, NotFoundError],
  [409, ConflictError],
  [422, InvalidRequestError],
  [500, ServiceError],
])('the class of an error tells its kind: %s is a %o', async (status, Class) => {
  const error = await errorOf({ status, body: { error: { code: 'Any', message: 'Any.' } } })
  expect(error.constructor).toBe(Class)
  expect(error).toMatchObject({ name: Class.name, code: 'Any', status })
})

const limited = { code: 'TooManyRequests', message: 'Too many.' }

test('429 and 503 are sent again after what Retry-After says, or after 1, 2, 4 ... s; a POST with its body too', async () => {
  await using server = await startScriptedServer([
    { status: 429, headers: { 'retry-after': '7' }, body: { error: limited } },
    { status: 503 },
    { status: 503 },
    { status: 201, body: { job } },
  ])
  const clock = virtualClock()
  const client = createClient({ baseUrl: server.url, token, clock })
  const create = { type: 't', name: 'n', iTwinId: 'i', inputs: [], outputs: [] }
  expect(await client.jobs.create(create)).toEqual(job)
  expect(clock.sleptSeconds).toEqual([7, 2, 4])
  expect(server.requests.map(({ method, body }) => `${method} ${body}`)).toEqual(
    Array(4).fill(`POST ${JSON.stringify(create)}`),
  )
})

test('who is limited for good learns when to come again', async () => {
  await using server = await startScriptedServer(() => ({
    status: 429,
    headers: { 'retry-after': '30' },
    body: { error: limited },
  }))
  const clock = virtualClock()
  const client = createClient({ baseUrl: server.url, token, clock, maxRetries: 2 })
  const error = await client.jobs.get('job-1').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(RateLimitedError)
  expect(error).toMatchObject({ code: 'TooManyRequests', retryAfterSeconds: 30 })
  expect(clock.sleptSeconds).toEqual([30, 30])
})

test('nobody is made to wait for an hour, and nothing but 429 and 503 is sent again', async () => {
  await using server = await startScriptedServer([
    { status: 503, headers: { 'retry-after': '3600' } },
    { status: 500 },
    { status: 502 },
  ])
  const clock = virtualClock()
  const client = createClient({ baseUrl: server.url, token, clock })
  for (const status of [503, 500, 502])
    await expect(client.jobs.get('job-1')).rejects.toMatchObject({ status })
  expect(clock.sleptSeconds).toEqual([])
})

test('an abort ends the pause before another try', async () => {
  await using server = await startScriptedServer(() => ({ status: 429, headers: { 'retry-after': '100' } }))
  const controller = new AbortController()
  const reason = new Error('enough')
  const clock = {
    now: () => Date.now(),
    sleep: async () => {
      controller.abort(reason)
      await new Promise(() => {})
    },
  }
  const client = createClient({ baseUrl: server.url, token, clock })
  await expect(client.jobs.get('job-1', { signal: controller.signal })).rejects.toBe(reason)
})

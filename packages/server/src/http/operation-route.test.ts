import { createJob, defineOperation, type ErrorResponse, getJobProgress, listJobs } from '@alidade/contract'
import { Type } from 'typebox'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ApiError } from './api-error.ts'
import { startApp, type TestApp } from './app.fixture.ts'
import { registerOperation } from './operation-route.ts'

/** Answers with what the handler was given. */
const echo = defineOperation({
  id: 'echo',
  method: 'POST',
  path: '/reality-management/echo/:name',
  tag: 'Test',
  summary: 'Echo',
  remarks: 'Answers with what came.',
  scopes: ['itwin-platform', 'realitydata:modify'],
  params: Type.Object({ name: Type.String({ maxLength: 40 }) }),
  query: Type.Object({
    $top: Type.Optional(Type.Integer({ minimum: 1, default: 7 })),
    $filter: Type.Optional(Type.String()),
    deep: Type.Optional(Type.Boolean()),
    continuationToken: Type.Optional(Type.String()),
  }),
  headers: Type.Object({ prefer: Type.Optional(Type.String()) }),
  responses: { 200: { description: 'What came.', schema: Type.Unknown() } },
})
const remove = defineOperation({
  id: 'remove',
  method: 'DELETE',
  path: '/reality-management/echo/:name',
  tag: 'Test',
  summary: 'Delete',
  remarks: 'Deletes nothing.',
  scopes: ['itwin-platform', 'realitydata:modify'],
  responses: { 204: { description: 'Gone.' } },
})

let server: TestApp
let handled: string[] = []
let createdBody: unknown
beforeAll(async () => {
  server = await startApp(async (app) => {
    registerOperation(app, getJobProgress, ({ params }) => {
      handled.push('progress')
      if (params.jobId === 'missing')
        throw new ApiError('ProgressNotFound', 'Requested progress is not available.')
      return {
        status: 200,
        body: { progress: { percentage: 56, state: 'active', step: 'Read_Clouds' } },
        headers: { etag: '"1"' },
      }
    })
    registerOperation(app, listJobs, () => ({ status: 200, body: { jobs: [] } }), {
      faultMessage: 'Cannot list jobs.',
    })
    registerOperation(
      app,
      createJob,
      ({ body }) => {
        handled.push('create')
        createdBody = body
        return { status: 201, body: { job: { name: body.name } as never } }
      },
      { faultMessage: 'Cannot create job.' },
    )
    registerOperation(app, echo, ({ params, query, headers, caller }) => ({
      status: 200,
      body: { params, query, headers, user: caller.userId },
    }))
    registerOperation(app, remove, () => ({ status: 204 }))
  })
})
afterAll(() => server.close())
beforeEach(() => {
  handled = []
  createdBody = undefined
})

const progressPath = '/realitydataanalysis/jobs/cc3d35cc-416a-4262-9714-b359da70b419/progress'
const goodJob = {
  type: 'changeDetection',
  name: 'Quarry',
  iTwinId: 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01',
  inputs: [{ type: 'pointClouds1', id: 'a' }],
  outputs: ['objects3D'],
}

async function call(path: string, init: RequestInit = {}) {
  const headers = new Headers(init.headers)
  if (!headers.has('authorization')) headers.set('authorization', (await server.bearer()).authorization)
  const response = await fetch(server.url + path, { ...init, headers })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

async function post(body: unknown, contentType: string | undefined = 'application/json') {
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
  const headers: Record<string, string> = contentType === undefined ? {} : { 'content-type': contentType }
  return call('/realitydataanalysis/jobs', { method: 'POST', body: bytes, headers })
}

test('no cache keeps an answer or a refusal, unless the handler says what may be kept', async () => {
  for (const [path, status] of [
    ['/realitydataanalysis/jobs', 200],
    ['/realitydataanalysis/jobs/missing/progress', 404],
    ['/nothing', 404],
  ] as const) {
    const answer = await call(path)
    expect([answer.status, answer.headers.get('cache-control')], path).toEqual([status, 'no-store'])
  }
  const refused = await fetch(`${server.url}${progressPath}`)
  expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, 'no-store'])
})

test('a handler is given what was checked, and its answer is sent as JSON with its headers', async () => {
  const answer = await call(progressPath)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(answer.headers.get('etag')).toBe('"1"')
  expect(answer.text).toBe('{"progress":{"percentage":56,"state":"active","step":"Read_Clouds"}}')
})

test('HEAD answers like GET, without a body', async () => {
  const answer = await call(progressPath, { method: 'HEAD' })
  expect({ status: answer.status, text: answer.text, etag: answer.headers.get('etag') }).toEqual({
    status: 200,
    text: '',
    etag: '"1"',
  })
})

test('an ApiError of a handler is answered with its code and message', async () => {
  const answer = await call('/realitydataanalysis/jobs/missing/progress')
  expect(answer.status).toBe(404)
  expect(answer.body).toEqual({
    error: { code: 'ProgressNotFound', message: 'Requested progress is not available.' },
  })
})

test('without Authorization header the answer is 401 HeaderNotFound with a challenge, and nothing is looked up', async () => {
  const response = await fetch(server.url + progressPath)
  expect(response.status).toBe(401)
  expect(await response.json()).toEqual({
    error: {
      code: 'HeaderNotFound',
      message: 'Header Authorization was not found in the request. Access denied.',
    },
  })
  expect(response.headers.get('www-authenticate')).toBe(
    'Bearer scope="itwin-platform realitydataanalysis:read"',
  )
  expect(handled).toEqual([])
})

test('a bad token is 401 Unauthorized with a challenge that names the fault and the scopes', async () => {
  const answer = await call(progressPath, { headers: { authorization: 'Bearer abc' } })
  expect(answer.status).toBe(401)
  expect(answer.body).toEqual({
    error: { code: 'Unauthorized', message: 'Access denied: the access token is malformed.' },
  })
  expect(answer.headers.get('www-authenticate')).toBe(
    'Bearer error="invalid_token", scope="itwin-platform realitydataanalysis:read"',
  )
})

test('any one of the scopes of the operation is enough', async () => {
  for (const scope of [
    'itwin-platform',
    'realitydataanalysis:read',
    'realitydataanalysis:read realitydata:read',
  ]) {
    expect((await call(progressPath, { headers: await server.bearer({ scope }) })).status).toBe(200)
  }
})

test.each(['realitydataanalysis:modify', 'realitydata:read', 'ITWIN-PLATFORM', 'itwin-platform2', ''])(
  'the scope "%s" is not enough to read progress: 401, before anything is looked up',
  async (scope) => {
    const answer = await call(progressPath, { headers: await server.bearer({ scope }) })
    expect(answer.status).toBe(401)
    expect(answer.body.error.code).toBe('Unauthorized')
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_scope", scope="itwin-platform realitydataanalysis:read"',
    )
    expect(handled).toEqual([])
  },
)

test('a token that was verified before is still held to the scopes of each operation', async () => {
  const headers = await server.bearer({ scope: 'realitydataanalysis:read' })
  expect((await call(progressPath, { headers })).status).toBe(200)
  const refused = await call('/realitydataanalysis/jobs', { method: 'POST', headers })
  expect(refused.status).toBe(401)
  expect(refused.body.error.message).toContain(
    "lacks the scope 'itwin-platform' or 'realitydataanalysis:modify'",
  )
  expect(handled).toEqual(['progress'])
})

test('the token is judged before the body is', async () => {
  const response = await fetch(`${server.url}/realitydataanalysis/jobs`, { method: 'POST', body: '{' })
  expect(response.status).toBe(401)
})

test.each([
  '/RealityDataAnalysis/JOBS/x/PROGRESS',
  '/realitydataanalysis/jobs/x/progress/',
  '//realitydataanalysis//jobs/x//progress',
])('%s is the progress of job x, without a redirect', async (path) => {
  const response = await fetch(server.url + path, { headers: await server.bearer(), redirect: 'error' })
  expect(response.status).toBe(200)
})

test('an escaped slash stays in its segment, and parameters keep their letter case', async () => {
  const answer = await call('/reality-management/ECHO/%40Bentley%2Fname', { method: 'POST' })
  expect(answer.body.params).toEqual({ name: '@Bentley/name' })
})

test('query names are matched without case and escaped, plus is a space, and defaults are filled in', async () => {
  const answer = await call('/reality-management/echo/x?%24FILTER=state+eq%20active&Deep=TRUE', {
    method: 'POST',
  })
  expect(answer.body.query).toEqual({ $filter: 'state eq active', deep: true, $top: 7 })
})

test('a repeated query name is joined with commas, an empty value is absent, an unknown name is left out', async () => {
  const answer = await call(
    '/reality-management/echo/x?$filter=a&$FILTER=b&$filter=&continuationToken=&colour=red',
    {
      method: 'POST',
    },
  )
  expect(answer.body.query).toEqual({ $filter: 'a,b', $top: 7 })
})

test('declared headers reach the handler, others do not', async () => {
  const headers = { ...(await server.bearer()), Prefer: 'return=minimal', 'x-other': '1' }
  const answer = await call('/reality-management/echo/x', { method: 'POST', headers })
  expect(answer.body.headers).toEqual({ prefer: 'return=minimal' })
})

test.each([
  ['0', "Parameter '$top' must be at least 1, got 0."],
  ['1001', "Parameter '$top' must be at most 1000, got 1001."],
  ['ten', "Parameter '$top' must be an integer, got 'ten'."],
  ['1.5', "Parameter '$top' must be an integer, got 1.5."],
  ['1e3', "Parameter '$top' must be an integer, got '1e3'."],
  ['5&$top=6', "Parameter '$top' must be an integer, got '5,6'."],
])('$top=%s is 422 with one detail and the same target on top', async (top, message) => {
  const answer = await call(`/realitydataanalysis/jobs?$top=${top}`)
  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({
    error: {
      code: 'InvalidRealityDataAnalysisRequest',
      message: 'Cannot list jobs.',
      target: '$top',
      details: [{ code: 'InvalidParameter', message, target: '$top' }],
    },
  })
})

test('faults of Reality Management have its own code', async () => {
  const answer = await call(`/reality-management/echo/${'x'.repeat(41)}?$top=0`, { method: 'POST' })
  expect(answer.status).toBe(422)
  expect(answer.body.error.code).toBe('InvalidRealityDataRequest')
  expect(answer.body.error.details.map(({ target }: { target: string }) => target)).toEqual(['name', '$top'])
  expect(answer.body.error).not.toHaveProperty('target')
})

test.each(['%zz', '%ff', '%E2%28%A1', '%'])('the percent-escape %s in a query is 400', async (sequence) => {
  const answer = await call(`/realitydataanalysis/jobs?$filter=${sequence}`)
  expect(answer.status).toBe(400)
  expect(answer.body.error.code).toBe('BadRequest')
})

test('a body at fault is 422 with one detail for each fault and no target on top', async () => {
  const answer = await post({
    name: 5,
    iTwinId: 'x',
    inputs: [{ type: 'a', id: 'b' }, { type: 'a' }],
    outputs: [],
  })
  expect(answer.status).toBe(422)
  expect(answer.body).toEqual({
    error: {
      code: 'InvalidRealityDataAnalysisRequest',
      message: 'Cannot create job.',
      details: expect.arrayContaining([
        { code: 'MissingRequiredProperty', message: "Property 'type' is required.", target: 'type' },
        { code: 'InvalidProperty', message: "Property 'name' must be a string, got 5.", target: 'name' },
        {
          code: 'InvalidProperty',
          message: "Property 'iTwinId' must be a GUID, got 'x'.",
          target: 'iTwinId',
        },
        {
          code: 'MissingRequiredProperty',
          message: "Property 'inputs[1].id' is required.",
          target: 'inputs[1].id',
        },
        {
          code: 'InvalidProperty',
          message: "Property 'outputs' must have at least 1 item, got an empty array.",
          target: 'outputs',
        },
      ]),
    },
  })
  expect((answer.body as ErrorResponse).error.details).toHaveLength(5)
  expect(handled).toEqual([])
})

test('one fault in a body is named as the target on top too', async () => {
  const answer = await post({ ...goodJob, inputs: [{ type: 'a', id: 'b', colour: 'red' }] })
  expect(answer.body.error).toMatchObject({
    target: 'inputs[0].colour',
    details: [{ code: 'InvalidProperty', message: "Property 'inputs[0].colour' is not known." }],
  })
})

test('members that are null count as absent, however deep', async () => {
  const options = { a: null, b: { c: null, d: 1 }, e: [{ f: null }] }
  const answer = await post({ ...goodJob, options, costEstimationParameters: null })
  expect(answer.status).toBe(201)
  expect(createdBody).toEqual({ ...goodJob, options: { b: { d: 1 }, e: [{}] } })
  expect((await post({ ...goodJob, name: null })).body.error.target).toBe('name')
})

test('__proto__ in a body is harmless', async () => {
  const body = JSON.stringify({ ...goodJob, options: { x: 1 } }).replace(
    '"x":1',
    '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"x":1',
  )
  expect((await post(body)).status).toBe(201)
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
  const { options } = createdBody as { options: { polluted?: number } }
  expect(options.polluted).toBeUndefined()
  expect(Object.getPrototypeOf(options)).toBe(Object.prototype)
})

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'Application/JSON',
  'application/vnd.bentley.itwin-platform.v1+json',
  'application/problem+json; charset=utf-8',
  undefined,
])('a JSON body of type %s is taken', async (contentType) => {
  expect((await post(goodJob, contentType)).status).toBe(201)
})

test.each([
  'text/plain',
  'application/xml',
  'application/jsonp',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  'text/json',
  'nonsense',
])('a body of type %s is 415', async (contentType) => {
  const answer = await post(goodJob, contentType)
  expect(answer.status).toBe(415)
  expect(answer.body.error).toMatchObject({ code: 'UnsupportedMediaType', target: 'Content-Type' })
})

test.each(['{', '{"a":}', "{'a':1}", '{"a":1}x', 'undefined', 'NaN'])('the body %s is 400', async (body) => {
  const answer = await post(body)
  expect(answer.status).toBe(400)
  expect(answer.body).toEqual({
    error: { code: 'BadRequest', message: 'The request body is not valid JSON.' },
  })
})

test.each(['', ' ', 'null', '[]', '"x"', '5'])(
  'the body %s where an object is needed is 422 InvalidRequestBody',
  async (body) => {
    const answer = await post(body)
    expect(answer.status).toBe(422)
    expect(answer.body.error.details).toMatchObject([{ code: 'InvalidRequestBody' }])
    expect(answer.body.error).not.toHaveProperty('target')
  },
)

test('a body nested a hundred thousand levels deep is 400', async () => {
  const body = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const answer = await post(body)
  expect(answer.status).toBe(400)
  expect(answer.body.error.message).toContain('nested deeper than 64')
})

test('a body above 1 MB is 413, with a length or in chunks, and one of 1 MB is read', async () => {
  const padded = JSON.stringify(goodJob)
  const exact = padded + ' '.repeat(1024 * 1024 - padded.length)
  expect((await post(exact)).status).toBe(201)
  const answer = await post(`${exact} `)
  expect(answer.status).toBe(413)
  expect(answer.body.error.code).toBe('RequestTooLarge')
  const chunked = await call('/realitydataanalysis/jobs', {
    method: 'POST',
    body: new Blob([`${exact} `]).stream(),
    duplex: 'half',
    headers: { 'content-type': 'application/json' },
  } as RequestInit)
  expect(chunked.status).toBe(413)
})

test('an empty body of type JSON is accepted where no body is needed', async () => {
  const headers = { 'content-type': 'application/json' }
  expect((await call(progressPath, { headers })).status).toBe(200)
  expect((await call('/reality-management/echo/x', { method: 'DELETE', headers })).status).toBe(204)
  expect((await call('/reality-management/echo/x', { method: 'POST', headers })).status).toBe(200)
})

test('204 has neither body nor content type', async () => {
  const answer = await call('/reality-management/echo/x', { method: 'DELETE' })
  expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' })
  expect(answer.headers.get('content-type')).toBeNull()
})

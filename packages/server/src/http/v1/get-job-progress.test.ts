// The published page of "Get job progress", sentence by sentence, in its order. Against a real server on loopback
// with a real store and real tokens; only the clock is ours.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient, ServiceError } from '@alidade/client'
import {
  getJobProgress,
  type JobState,
  jobErrorMessage,
  jobStates,
  pollIntervalsSeconds,
} from '@alidade/contract'
import { generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { builtinAudience, builtinIssuerName } from '../../auth/builtin-issuer.ts'
import type { RequestedSettings } from '../../store/job-record.ts'
import { startV1TestServer, type V1TestServer } from './v1-test-server.ts'

const owner = { org: 'acme', userId: 'ada', email: 'ada@example.org', clientId: 'sdk' }
const iTwinId = 'fb06eb47-4f3d-4a7d-9a1c-3f4f9e2d8a01'
const settings: RequestedSettings = {
  type: 'changeDetection',
  name: 'Quarry',
  inputs: [
    { name: 'modelA', realityDataId: randomUUID() },
    { name: 'modelB', realityDataId: randomUUID() },
  ],
  outputs: ['objects3D'],
  options: {},
  optionsSent: undefined,
  costParameters: undefined,
}
const rateLimitPerMinute = 30
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

let server: V1TestServer
beforeAll(async () => {
  server = await startV1TestServer({ rateLimitPerMinute })
  await server.realityData.claimITwin('acme', iTwinId)
})
afterAll(() => server.stop())
// A minute for each test, since that is what requests are counted in.
beforeEach(() => {
  server.clock.now = new Date(server.clock.now.getTime() + minuteMs)
})

const path = (jobId: string) => `/realitydataanalysis/jobs/${jobId}/progress`
const get = (jobId: string, asking?: Parameters<V1TestServer['ask']>[2]) =>
  server.ask('GET', path(jobId), asking)
const notAvailable = {
  error: { code: 'ProgressNotFound', message: 'Requested progress is not available.' },
}

async function unsubmittedJob(): Promise<string> {
  return (await server.jobs.create(owner, iTwinId, settings)).id
}

async function waitingJob(): Promise<string> {
  const id = await unsubmittedJob()
  await server.jobs.submit('acme', id, [])
  return id
}

/** A job that a worker has begun, with the progress that it has reported. */
async function runningJob(percentage: number, step: string) {
  const id = await waitingJob()
  for (;;) {
    // Jobs of earlier tests may still be on the queue before it.
    const job = await server.jobs.claim('agent')
    if (job === undefined) throw new Error(`expected job ${id} on the queue`)
    if (job.id !== id) continue
    const attempt = { jobId: id, attempt: job.attempt }
    await server.jobs.report(attempt, { percentage, step })
    return { id, attempt }
  }
}

async function endedJob(state: 'success' | 'failed' | 'cancelled'): Promise<string> {
  const { id, attempt } = await runningJob(56.9, 'Compare_Clouds')
  if (state === 'success') {
    await server.jobs.report(attempt, { percentage: 99.9, step: 'Write_Results' })
    await server.jobs.succeed(attempt, { processingUnits: 0.1 })
  } else if (state === 'failed') await server.jobs.fail(attempt, [jobErrorMessage('Internal', 'a test')])
  else await server.jobs.cancel('acme', id)
  return id
}

describe('Reality Analysis, GET /jobs/{jobId}/progress', () => {
  test('the path is that of the published service, whatever its letter case and slashes', async () => {
    expect(`${getJobProgress.method} ${getJobProgress.path}`).toBe(
      'GET /realitydataanalysis/jobs/:jobId/progress',
    )
    const { id } = await runningJob(7, 'Read_Clouds')
    for (const spelling of [
      path(id),
      `${path(id)}/`,
      `/RealityDataAnalysis/Jobs/${id.toUpperCase()}/Progress`,
      `//realitydataanalysis//jobs/${id}/progress`,
    ]) {
      const answer = await server.ask('GET', spelling)
      expect([answer.status, answer.json], spelling).toEqual([
        200,
        { progress: { percentage: 7, state: 'active', step: 'Read_Clouds' } },
      ])
    }
  })

  test('the API definition can be downloaded, without a token, and has the operation', async () => {
    const { status, json } = await server.ask('GET', '/realitydataanalysis/openapi.json', {
      authorization: null,
    })
    expect(status).toBe(200)
    const operation = json.paths['/realitydataanalysis/jobs/{jobId}/progress'].get
    expect(operation).toMatchObject({ operationId: 'jobs-progress', summary: 'Get job progress' })
    expect(Object.keys(operation.responses)).toEqual(['200', '304', '401', '404', '429', 'default'])
  })

  test('it retrieves the progress of the job, and only reads: other methods are not allowed', async () => {
    const id = await waitingJob()
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await server.ask(method, path(id))
      expect([answer.status, answer.json.error.code], method).toEqual([405, 'MethodNotAllowed'])
      expect(answer.headers.allow, method).toMatch(/\bGET\b/)
    }
  })

  test('the parameter is the job id: every job has a progress of its own', async () => {
    const [first, second] = [await runningJob(11, 'Read_Clouds'), await runningJob(22, 'Compare_Clouds')]
    expect((await get(first.id)).json.progress).toMatchObject({ percentage: 11, step: 'Read_Clouds' })
    expect((await get(second.id)).json.progress).toMatchObject({ percentage: 22, step: 'Compare_Clouds' })
  })
})

describe('Remarks', () => {
  test('the progression is valid when the job is active: it follows the work and never goes back', async () => {
    const { id, attempt } = await runningJob(3, 'Read_Clouds')
    const seen = [(await get(id)).json.progress.percentage]
    for (const percentage of [3.7, 41.2, 12, 41.99, 99.9999]) {
      await server.jobs.report(attempt, { percentage, step: 'Compare_Clouds' })
      seen.push((await get(id)).json.progress.percentage)
    }
    expect(seen).toEqual([3, 3, 41, 41, 41, 99])
  })

  test.each(['success', 'failed', 'cancelled'] as const)(
    'the final progress of a job in state %s is not available any more 30 days after its end',
    async (state) => {
      const ended = server.clock.now
      const id = await endedJob(state)
      const before = await get(id)
      expect(before.json.progress.state).toBe(state)
      try {
        server.clock.now = new Date(ended.getTime() + 30 * dayMs - minuteMs)
        expect((await get(id)).text).toBe(before.text)
        server.clock.now = new Date(ended.getTime() + 30 * dayMs - 1)
        expect((await get(id)).status).toBe(200)
        server.clock.now = new Date(ended.getTime() + 30 * dayMs)
        const after = await get(id)
        expect([after.status, after.json]).toEqual([404, notAvailable])
        // The record of the job stays.
        expect((await server.ask('GET', `/realitydataanalysis/jobs/${id}`)).json.job.state).toBe(state)
      } finally {
        server.clock.now = ended
      }
    },
  )

  test('the 30 days count from the end: a job that is active for longer keeps its progress', async () => {
    const started = server.clock.now
    const { id } = await runningJob(56, 'Compare_Clouds')
    try {
      server.clock.now = new Date(started.getTime() + 45 * dayMs)
      expect((await get(id)).json.progress).toMatchObject({ percentage: 56, state: 'active' })
    } finally {
      server.clock.now = started
    }
  })

  test('the intervals of the back-off are 15, 30, 60 and 120 seconds', () => {
    expect(pollIntervalsSeconds).toEqual([15, 30, 60, 120])
    expect(getJobProgress.remarks).toContain('15, 30, 60 and 120 seconds')
  })

  /** Waits with our client on a clock of its own, during whose n-th pause `pauses[n]` happens; returns the pauses. */
  async function waitThrough(id: string, pauses: (() => Promise<unknown>)[]): Promise<number[]> {
    const slept: number[] = []
    const clock = {
      now: () => 0,
      sleep: async (milliseconds: number) => {
        const pause = pauses[slept.push(milliseconds / 1000) - 1]
        if (pause === undefined) throw new Error(`no pause number ${slept.length} was planned`)
        await pause()
      },
    }
    const token = (await server.authorization()).slice('Bearer '.length)
    await createClient({ baseUrl: server.url, token: () => token, clock }).waitForJob(id)
    return slept
  }
  const nothing = async () => {}

  test('the first and the second query are 15 seconds apart, the next ones 30, 60, 120 and again 120', async () => {
    const { id, attempt } = await runningJob(5, 'Read_Clouds')
    const end = () => server.jobs.fail(attempt, [jobErrorMessage('Internal', 'a test')])
    expect(await waitThrough(id, [nothing, nothing, nothing, nothing, end])).toEqual([15, 30, 60, 120, 120])
  })

  test('if the percentage changes the sequence is restarted', async () => {
    const { id, attempt } = await runningJob(5, 'Read_Clouds')
    const advance = () => server.jobs.report(attempt, { percentage: 6, step: 'Read_Clouds' })
    const nextStep = () => server.jobs.report(attempt, { percentage: 6.9, step: 'Compare_Clouds' })
    const end = () => server.jobs.fail(attempt, [jobErrorMessage('Internal', 'a test')])
    expect(await waitThrough(id, [nothing, advance, nothing, nextStep, end])).toEqual([15, 30, 15, 30, 60])
  })

  test('a poll that asks with the last ETag is told 304 until something changes', async () => {
    const { id, attempt } = await runningJob(56.2, 'Compare_Clouds')
    const { etag = '' } = (await get(id)).headers
    expect(etag).toBe('"56-active-Compare_Clouds"')
    for (const header of [etag, `W/${etag}`, `"other", ${etag}`, `"a,b",W/"c" ,  W/${etag}`, '*', ' * ']) {
      const answer = await get(id, { headers: { 'if-none-match': header } })
      expect([answer.status, answer.text, answer.headers.etag], header).toEqual([304, '', etag])
      expect(answer.headers['cache-control']).toBe('private, no-cache')
    }
    for (const header of ['"56-active"', '56-active-Compare_Clouds', '"*"', '"other"', '']) {
      expect((await get(id, { headers: { 'if-none-match': header } })).status, header).toBe(200)
    }
    await server.jobs.report(attempt, { percentage: 56.9, step: 'Compare_Clouds' })
    expect((await get(id, { headers: { 'if-none-match': etag } })).status).toBe(304)
    await server.jobs.report(attempt, { percentage: 57, step: 'Compare_Clouds' })
    expect((await get(id, { headers: { 'if-none-match': etag } })).status).toBe(200)
  })
})

describe('Authentication', () => {
  test.each(['realitydataanalysis:read', 'itwin-platform'])(
    'a valid bearer token with scope %s is enough, alone or among others',
    async (scope) => {
      const id = await waitingJob()
      for (const scopes of [scope, `openid ${scope} email`]) {
        const authorization = await server.authorization({ scope: scopes })
        expect((await get(id, { authorization })).status, scopes).toBe(200)
        const lowerCase = authorization.replace('Bearer', 'bearer')
        expect((await get(id, { authorization: lowerCase })).status, scopes).toBe(200)
      }
    },
  )
})

describe('Request parameters', () => {
  test('jobId is required: without one there is nothing at the path', async () => {
    const answer = await server.ask('GET', '/realitydataanalysis/jobs//progress')
    expect([answer.status, answer.json.error.code]).toEqual([404, 'JobNotFound'])
  })
})

describe('Request headers', () => {
  test('Authorization is required', async () => {
    expect((await get(await waitingJob(), { authorization: null })).status).toBe(401)
  })

  test.each([undefined, 'application/vnd.bentley.itwin-platform.v1+json', '*/*', 'text/html', 'nonsense'])(
    'Accept is recommended, no more: %s is answered with JSON of version 1',
    async (accept) => {
      const { id } = await runningJob(56, 'Prepare_Production')
      const answer = await get(id, { headers: accept === undefined ? {} : { accept } })
      expect(answer.status).toBe(200)
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(answer.json).toEqual({
        progress: { percentage: 56, state: 'active', step: 'Prepare_Production' },
      })
    },
  )
})

describe('Response 200 OK', () => {
  test('the body is the documented one, member for member', async () => {
    const { id } = await runningJob(56, 'Prepare_Production')
    const { json } = await get(id)
    expect(json).toStrictEqual({ progress: { percentage: 56, state: 'active', step: 'Prepare_Production' } })
    expect(json).toStrictEqual(getJobProgress.responses[200].examples.running)
  })

  test('every answer carries a correlation id, the one of the client where it sent one', async () => {
    const id = await waitingJob()
    expect((await get(id)).headers['x-correlation-id']).toMatch(/./)
    const sent = { headers: { 'x-correlation-id': 'tour-42' } }
    expect((await get(id, sent)).headers['x-correlation-id']).toBe('tour-42')
    expect((await get(randomUUID(), sent)).headers['x-correlation-id']).toBe('tour-42')
  })
})

describe('Response 401 Unauthorized', () => {
  const challenge = 'scope="itwin-platform realitydataanalysis:read"'

  test('the access token was not provided: the published body, whether or not there is such a job', async () => {
    for (const id of [await waitingJob(), randomUUID(), 'no-guid']) {
      const answer = await get(id, { authorization: null })
      expect(answer.status).toBe(401)
      expect(answer.json).toStrictEqual({
        error: {
          code: 'HeaderNotFound',
          message: 'Header Authorization was not found in the request. Access denied.',
        },
      })
      expect(answer.headers['www-authenticate']).toBe(`Bearer ${challenge}`)
    }
  })

  test('the access token was issued by the wrong issuer', async () => {
    const { privateKey } = await generateKeyPair('EdDSA')
    const signed = (issuer: string) =>
      new SignJWT({ scope: 'itwin-platform', org: 'acme' })
        .setProtectedHeader({ alg: 'EdDSA', kid: 'theirs' })
        .setIssuer(issuer)
        .setAudience(builtinAudience)
        .setSubject('ada')
        .setIssuedAt(server.clock.now)
        .setExpirationTime(new Date(server.clock.now.getTime() + 60 * minuteMs))
        .sign(privateKey)
    await expectUnauthorized(await signed('https://elsewhere.example'), /issuer/)
    // One that calls itself by our issuer's name has not its key.
    await expectUnauthorized(await signed(builtinIssuerName), /unknown key/)
  })

  test('the access token does not have the required scopes', async () => {
    for (const scope of ['realitydataanalysis:modify', 'realitydata:read', 'openid', 'itwin-platform-more']) {
      const authorization = await server.authorization({ scope })
      const answer = await get(await waitingJob(), { authorization })
      expect([answer.status, answer.json.error.code], scope).toEqual([401, 'Unauthorized'])
      expect(answer.json.error.message).toMatch(/scope/)
      expect(answer.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", ${challenge}`)
    }
  })

  test('the request headers were malformed', async () => {
    const valid = (await server.authorization()).slice('Bearer '.length)
    for (const authorization of ['Bearer', 'Bearer  ', `Basic ${valid}`, valid, `Bearer ${valid} ${valid}`]) {
      const answer = await get(await waitingJob(), { authorization })
      expect([answer.status, answer.json.error.code], authorization).toEqual([401, 'Unauthorized'])
    }
    await expectUnauthorized('not.a.token', /malformed/)
    await expectUnauthorized(valid.slice(0, -10), /./)
    const [header, payload] = valid.split('.')
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    await expectUnauthorized(`${unsigned}.${payload}.`, /algorithm/)
    await expectUnauthorized(`${header}.${payload}.${'A'.repeat(86)}`, /signature/)
  })

  test('the access token has expired', async () => {
    const issued = server.clock.now
    const token = (await server.authorization({ expiresIn: '1h' })).slice('Bearer '.length)
    const id = await waitingJob()
    expect((await get(id, { authorization: `Bearer ${token}` })).status).toBe(200)
    try {
      server.clock.now = new Date(issued.getTime() + 2 * 60 * minuteMs)
      await expectUnauthorized(token, /^Access denied: the access token has expired\.$/)
    } finally {
      server.clock.now = issued
    }
  })

  async function expectUnauthorized(token: string, message: RegExp): Promise<void> {
    const answer = await get(await waitingJob(), { authorization: `Bearer ${token}` })
    expect([answer.status, answer.json.error.code]).toEqual([401, 'Unauthorized'])
    expect(Object.keys(answer.json.error)).toEqual(['code', 'message'])
    expect(answer.json.error.message).toMatch(message)
    expect(answer.text).not.toContain(token)
    expect(answer.headers['www-authenticate']).toBe(`Bearer error="invalid_token", ${challenge}`)
  }
})

describe('Response 404 Not Found', () => {
  test('the body is the published one, byte for byte the same for every reason', async () => {
    const ended = server.clock.now
    const expired = await endedJob('success')
    const running = (await runningJob(3, 'Read_Clouds')).id
    server.clock.now = new Date(ended.getTime() + 31 * dayMs)
    try {
      const foreign = { authorization: await server.authorization({ org: 'another tenant' }) }
      const answers = [
        await get(randomUUID()),
        await get('no-guid'),
        await get('%27%3b--'),
        await get(`${running}0`),
        await get(expired),
        await get(running, foreign),
        await get(running, { ...foreign, headers: { 'if-none-match': '*' } }),
      ]
      for (const answer of answers) {
        expect(answer.status).toBe(404)
        expect(answer.text).toBe(JSON.stringify(notAvailable))
        expect(answer.headers.etag).toBeUndefined()
      }
    } finally {
      server.clock.now = ended
    }
  })
})

describe('Response 429 Too many requests', () => {
  test('a client that sent too many requests is told so, and when to come back', async () => {
    const before = server.clock.now
    const ask = async (client: string) =>
      get(randomUUID(), { authorization: await server.authorization({ client }) })
    try {
      server.clock.now = new Date('2026-04-03T08:00:47.200Z')
      for (let i = 0; i < rateLimitPerMinute; i++) expect((await ask('sdk')).status).toBe(404)
      const answer = await ask('sdk')
      expect(answer.status).toBe(429)
      expect(answer.json).toStrictEqual({
        error: {
          code: 'TooManyRequests',
          message: 'More requests were received than the subscription rate-limit allows.',
        },
      })
      // Response headers: retry-after, in whole seconds.
      expect(answer.headers['retry-after']).toBe('13')
      expect(answer.headers['itwinplatform-ratelimited-operation']).toBe('jobs-progress')
      expect(answer.headers['itwinplatform-ratelimited-application']).toBe('sdk')
      expect((await ask('another client')).status).toBe(404)
      server.clock.now = new Date('2026-04-03T08:01:00.200Z')
      expect((await ask('sdk')).status).toBe(404)
    } finally {
      server.clock.now = before
    }
  })
})

describe('Job state', () => {
  const jobIn: Record<JobState, () => Promise<string>> = {
    unsubmitted: unsubmittedJob,
    active: waitingJob,
    success: () => endedJob('success'),
    failed: () => endedJob('failed'),
    cancelled: () => endedJob('cancelled'),
  }
  const expected: Record<JobState, { percentage: number; step: string }> = {
    unsubmitted: { percentage: 0, step: '' },
    active: { percentage: 0, step: 'Wait_In_Queue' },
    success: { percentage: 100, step: 'Write_Results' },
    failed: { percentage: 56, step: 'Compare_Clouds' },
    cancelled: { percentage: 56, step: 'Compare_Clouds' },
  }
  test.each(jobStates)('a job can be in state %s', async (state) => {
    expect((await get(await jobIn[state]())).json).toStrictEqual({ progress: { state, ...expected[state] } })
  })

  test('there are five states and no other', () => {
    expect(jobStates).toEqual(['unsubmitted', 'active', 'success', 'failed', 'cancelled'])
  })
})

describe('Progress', () => {
  test('percentage is a number: whole percents, rounded down, 100 only after success', async () => {
    for (const [exact, shown] of [
      [0.99, 0],
      [1, 1],
      [56.999, 56],
      [99.999, 99],
    ] as const) {
      const { id } = await runningJob(exact, 'Read_Clouds')
      const { text } = await get(id)
      expect(text).toContain(`"percentage":${shown},`)
    }
    expect((await get(await endedJob('success'))).text).toContain('"percentage":100,')
  })

  test('state is the current one', async () => {
    const id = await unsubmittedJob()
    const stateNow = async () => (await get(id)).json.progress.state
    expect(await stateNow()).toBe('unsubmitted')
    await server.jobs.submit('acme', id, [])
    expect(await stateNow()).toBe('active')
    await server.jobs.cancel('acme', id)
    expect(await stateNow()).toBe('cancelled')
  })

  test('step is always a string, the name of the current step', async () => {
    const { id, attempt } = await runningJob(1, 'Prepare_Production')
    expect((await get(id)).json.progress.step).toBe('Prepare_Production')
    await server.jobs.report(attempt, { percentage: 10, step: 'Read_Clouds' })
    expect((await get(id)).json.progress.step).toBe('Read_Clouds')
    expect((await get(await unsubmittedJob())).json.progress.step).toBe('')
  })
})

describe('Progress response', () => {
  test('it holds the progress and nothing else', async () => {
    const { json } = await get(await waitingJob())
    expect(Object.keys(json)).toEqual(['progress'])
    expect(Object.keys(json.progress)).toEqual(['percentage', 'state', 'step'])
  })
})

describe('Error', () => {
  test('code and message are strings, and the published bodies have no target', async () => {
    for (const answer of [
      await get(await waitingJob(), { authorization: null }),
      await get(await waitingJob(), { authorization: 'Bearer x' }),
      await get(randomUUID()),
    ]) {
      expect(answer.json).toEqual({ error: { code: expect.any(String), message: expect.any(String) } })
    }
  })
})

describe('Error response', () => {
  test('an error holds its information and nothing else, as JSON', async () => {
    const answer = await get(randomUUID())
    expect(Object.keys(answer.json)).toEqual(['error'])
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  test('clients do not count on it: a failure in between without one is an error with its status', async () => {
    for (const [status, body] of [
      [502, '<html>Bad Gateway</html>'],
      [401, ''],
      [500, '{"error":null}'],
      [404, '{"error":{"code":null}}'],
    ] as const) {
      const proxy = createServer((_request, response) => response.writeHead(status).end(body))
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      try {
        const baseUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
        const { jobs } = createClient({ baseUrl, token: () => 'token' })
        const error = await jobs.progress(randomUUID()).catch((thrown: unknown) => thrown)
        expect(error, body).toBeInstanceOf(ServiceError)
        expect(error).toMatchObject({ status, code: 'UnexpectedAnswer' })
      } finally {
        proxy.close()
      }
    }
  })
})

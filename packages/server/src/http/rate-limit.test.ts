import { defineOperation, getJobProgress } from '@alidade/contract'
import { afterEach, expect, test } from 'vitest'
import { startApp, type TestApp } from './app.fixture.ts'
import { registerOperation } from './operation-route.ts'
import { addressKey, MinuteCounter, secondsToNextMinute } from './rate-limit.ts'

const open: TestApp[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const other = defineOperation({
  id: 'other',
  method: 'GET',
  path: '/reality-management/other',
  tag: 'Test',
  summary: 'Another API',
  remarks: 'Counts for the same client.',
  scopes: ['itwin-platform'],
  responses: { 204: { description: 'Nothing.' } },
})

async function start(options: Parameters<typeof startApp>[1]) {
  const server = await startApp(async (app) => {
    registerOperation(app, getJobProgress, () => ({
      status: 200,
      body: { progress: { percentage: 1, state: 'active', step: '' } },
    }))
    registerOperation(app, other, () => ({ status: 204 }))
  }, options)
  open.push(server)
  const get = async (headers: Record<string, string>, path = '/realitydataanalysis/jobs/x/progress') => {
    const response = await fetch(server.url + path, { headers })
    await response.clone().text()
    return response
  }
  return { ...server, get }
}

test('a client above its limit is 429 TooManyRequests on the analysis API, until the minute is over', async () => {
  const { bearer, clock, get } = await start({ rateLimitPerMinute: 3 })
  clock.now = new Date('2026-04-02T08:00:17.5Z')
  const headers = await bearer({ client: 'survey-app' })
  for (let i = 0; i < 3; i++) expect((await get(headers)).status).toBe(200)
  const refused = await get(headers)
  expect(refused.status).toBe(429)
  expect(await refused.json()).toEqual({
    error: {
      code: 'TooManyRequests',
      message: 'More requests were received than the subscription rate-limit allows.',
    },
  })
  expect(refused.headers.get('retry-after')).toBe('43')
  expect(refused.headers.get('itwinplatform-ratelimited-tier')).toBe('Standard')
  expect(refused.headers.get('itwinplatform-ratelimited-api')).toBe('realitydataanalysis')
  expect(refused.headers.get('itwinplatform-ratelimited-operation')).toBe('jobs-progress')
  expect(refused.headers.get('itwinplatform-ratelimited-application')).toBe('survey-app')
  clock.now = new Date('2026-04-02T08:01:00Z')
  expect((await get(headers)).status).toBe(200)
})

test('the code elsewhere is RateLimitExceeded, and a client has one limit for all APIs', async () => {
  const { bearer, get } = await start({ rateLimitPerMinute: 1 })
  const headers = await bearer()
  expect((await get(headers)).status).toBe(200)
  const refused = await get(headers, '/reality-management/other')
  expect(refused.status).toBe(429)
  expect(await refused.json()).toEqual({
    error: {
      code: 'RateLimitExceeded',
      message: 'The client sent more requests than allowed by this API for the current tier of the client.',
    },
  })
})

test('clients do not use up the limit of each other, and several tokens of one client share theirs', async () => {
  const { bearer, get } = await start({ rateLimitPerMinute: 1 })
  expect((await get(await bearer({ client: 'a', subject: 'ada' }))).status).toBe(200)
  expect((await get(await bearer({ client: 'b' }))).status).toBe(200)
  expect((await get(await bearer({ client: 'a', subject: 'bea' }))).status).toBe(429)
})

test('a limit of 0 is no limit', async () => {
  const { bearer, get } = await start({ rateLimitPerMinute: 0 })
  const headers = await bearer()
  for (let i = 0; i < 50; i++) expect((await get(headers)).status).toBe(200)
})

test('a client id of any characters does not break the answer', async () => {
  const { bearer, get } = await start({ rateLimitPerMinute: 1 })
  const headers = await bearer({ client: 'Vermessung Müller\r\nx: 1' })
  await get(headers)
  const refused = await get(headers)
  expect(refused.status).toBe(429)
  expect(refused.headers.get('itwinplatform-ratelimited-application')).toBe('Vermessung M?ller??x: 1')
})

test('an address with too many bad tokens is refused unread; who was verified there before goes on', async () => {
  const { bearer, clock, get } = await start({ failuresPerMinute: 20 })
  const good = await bearer()
  expect((await get(good)).status).toBe(200)
  for (let i = 0; i < 20; i++) {
    expect((await get(i % 2 === 0 ? { authorization: 'Bearer junk' } : {})).status).toBe(401)
  }
  const refused = await get({ authorization: 'Bearer junk' })
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  expect((await get(await bearer({ subject: 'new' }))).status).toBe(429)
  expect((await get(good)).status).toBe(200)
  clock.now = new Date(clock.now.getTime() + 60_000)
  expect((await get({ authorization: 'Bearer junk' })).status).toBe(401)
})

test.each([
  { trustProxy: false, refused: [429, 429] },
  { trustProxy: true, refused: [429, 401] },
])('with trustProxy $trustProxy, forwarded addresses count accordingly', async ({ trustProxy, refused }) => {
  const { get } = await start({ trustProxy, failuresPerMinute: 20 })
  const junk = (address: string) => get({ authorization: 'Bearer x', 'x-forwarded-for': address })
  for (let i = 0; i < 20; i++) expect((await junk('203.0.113.1')).status).toBe(401)
  expect([(await junk('203.0.113.1')).status, (await junk('203.0.113.2')).status]).toEqual(refused)
})

test('counts are those of the current minute, and memory is bounded', () => {
  const counter = new MinuteCounter(2)
  expect([counter.add('a', 0), counter.add('a', 59_999), counter.add('a', 60_000)]).toEqual([1, 2, 1])
  counter.add('b', 60_000)
  counter.add('c', 60_000)
  expect(counter.size).toBe(2)
  expect([counter.count('a', 60_000), counter.count('c', 60_000)]).toEqual([0, 1])
})

test('the wait is whole seconds, at least one', () => {
  expect([0, 500, 59_000, 59_999, 60_000].map(secondsToNextMinute)).toEqual([60, 60, 1, 1, 60])
})

test('IPv6 addresses of one /64 count together', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2:aaaa::1'))
  expect(addressKey('2001:db8:1:3::1')).not.toBe(addressKey('2001:db8:1:2::1'))
  expect(addressKey('2001:db8::1')).not.toBe(addressKey('2001:db9::1'))
  expect(addressKey('::ffff:203.0.113.1')).not.toBe(addressKey('::ffff:203.0.113.2'))
  expect(addressKey('203.0.113.1')).toBe('203.0.113.1')
})

import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { createClient } from './create-client.ts'
import { ServiceError } from './service-error.ts'
import { type ScriptedAnswer, startScriptedServer } from './testing/scripted-server.ts'
import { virtualClock } from './testing/virtual-clock.ts'
import type { WaitOptions } from './wait-for-job.ts'

const at = (percentage: unknown, state: unknown = 'active', step = 'Read_Clouds'): ScriptedAnswer => ({
  body: { progress: { percentage, state, step } },
})
const done = at(100, 'success', 'Write_Results')

async function waitThrough(script: readonly ScriptedAnswer[], options: WaitOptions = {}) {
  await using server = await startScriptedServer(script)
  const clock = virtualClock()
  const client = createClient({ baseUrl: server.url, token: () => 'secret-token', clock })
  const outcome = await client.waitForJob('job-1', options).catch((error: unknown) => error)
  return { outcome, slept: clock.sleptSeconds, requests: server.requests }
}

test('polls at once, and a job that has ended is not waited for', async () => {
  const { outcome, slept, requests } = await waitThrough([done])
  expect(outcome).toEqual({ percentage: 100, state: 'success', step: 'Write_Results' })
  expect(slept).toEqual([])
  expect(requests.map((r) => r.url)).toEqual(['/realitydataanalysis/jobs/job-1/progress'])
})

test('while the percentage stays the gaps are 15, 30, 60, 120, 120 seconds', async () => {
  const { slept } = await waitThrough([at(3), at(3), at(3), at(3), at(3), at(3), done])
  expect(slept).toEqual([15, 30, 60, 120, 120, 120])
})

test('a changed percentage starts the sequence again', async () => {
  const { slept } = await waitThrough([at(3), at(3), at(3), at(4), at(4), at(5), at(6), at(6), at(6), done])
  //                                       3   3   3   4   4   5   6   6   6
  expect(slept).toEqual([15, 30, 60, 15, 30, 15, 15, 30, 60])
})

test('a new step or state alone does not start the sequence again', async () => {
  const { slept } = await waitThrough([
    at(0, 'unsubmitted', ''),
    at(0, 'active', 'Wait_In_Queue'),
    at(0, 'active', 'Prepare_Production'),
    at(0, 'active', 'Read_Clouds'),
    at(0, 'cancelled', 'Read_Clouds'),
  ])
  expect(slept).toEqual([15, 30, 60, 120])
})

test.each<[string, ScriptedAnswer]>([
  [
    'an HTML 502',
    { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad Gateway</html>' },
  ],
  ['a 503 without a body', { status: 503 }],
  ['a 429', { status: 429, body: { error: { code: 'TooManyRequests', message: 'Too many.' } } }],
  ['a 408', { status: 408 }],
  ['a broken connection', { hangUp: true }],
  ['an answer cut short', { body: '{"progress":{"perc', cut: 40 }],
  ['cut JSON', { body: '{"progress":{"perc' }],
  ['{}', { body: {} }],
  ['null', { body: 'null' }],
  ['a progress that is null', { body: { progress: null } }],
  ['a percentage that is null', at(null)],
  ['an unknown state', at(7, 'resting')],
  ['a 304 nobody asked for', { status: 304 }],
])('%s neither advances nor restarts the sequence', async (_, failed) => {
  const { slept, outcome } = await waitThrough([at(3), at(3), at(3), failed, failed, at(3), at(3), done])
  //                                                        3   3   3 fail fail 3    3
  expect(slept).toEqual([15, 30, 60, 60, 60, 120, 120])
  expect(outcome).toMatchObject({ state: 'success' })
})

test('a change seen after failed polls starts the sequence again', async () => {
  const { slept } = await waitThrough([at(3), at(3), { hangUp: true }, at(4), at(4), done])
  expect(slept).toEqual([15, 30, 30, 15, 30])
})

test('a first poll that fails is repeated after the first gap', async () => {
  const { slept } = await waitThrough([{ status: 500 }, { status: 500 }, at(3), at(3), done])
  expect(slept).toEqual([15, 15, 15, 30])
})

test('Retry-After makes a gap longer and never shorter', async () => {
  const limited = (value: string) => ({ status: 429, headers: { 'retry-after': value } })
  const { slept } = await waitThrough([
    limited('45'),
    limited('5'),
    at(3),
    { ...at(3), headers: { 'retry-after': '200' } },
    at(3),
    done,
  ])
  expect(slept).toEqual([45, 15, 15, 200, 60])
})

test('Retry-After may be a date', async () => {
  const afterNinetySeconds = 'Thu, 02 Apr 2026 08:01:30 GMT'
  const { slept } = await waitThrough([{ status: 503, headers: { 'retry-after': afterNinetySeconds } }, done])
  expect(slept).toEqual([90])
})

test('the last ETag is sent along, and 304 counts as unchanged', async () => {
  const { slept, requests, outcome } = await waitThrough([
    { ...at(3), headers: { etag: '"3-a"' } },
    { status: 304 },
    { status: 304, headers: { etag: '"3-a"' } },
    { ...at(4), headers: { etag: '"4-a"' } },
    { status: 304 },
    done,
  ])
  expect(requests.map((r) => r.headers['if-none-match'])).toEqual([
    undefined,
    '"3-a"',
    '"3-a"',
    '"3-a"',
    '"4-a"',
    '"4-a"',
  ])
  expect(slept).toEqual([15, 30, 60, 15, 30])
  expect(outcome).toMatchObject({ percentage: 100 })
})

test('numeric strings, other letter cases and a missing step are understood', async () => {
  const { outcome, slept } = await waitThrough([
    at('56', 'Active'),
    at(56, 'ACTIVE'),
    { body: { progress: { percentage: '100', state: 'Success' } } },
  ])
  expect(outcome).toEqual({ percentage: 100, state: 'success', step: '' })
  expect(slept).toEqual([15, 30])
})

test.each([
  [403, 1],
  [404, 1],
  [422, 1],
  [410, 1],
  [401, 2],
])('status %i ends the wait with a typed error after %i requests', async (status, expected) => {
  const refused = { status, body: { error: { code: 'SomeCode', message: 'Some words.' } } }
  const { outcome, slept, requests } = await waitThrough([refused, refused, done])
  expect(outcome).toBeInstanceOf(ServiceError)
  expect(outcome).toMatchObject({ status, code: 'SomeCode', message: 'Some words.' })
  expect(requests).toHaveLength(expected)
  expect(slept).toEqual([])
})

test('failed polls in a row end the wait at the limit, and an answer sets the count back', async () => {
  const failed = { status: 502 }
  const { outcome, slept } = await waitThrough(
    [failed, failed, at(1), failed, failed, at(1), failed, failed, failed],
    { maxFailedPolls: 3 },
  )
  expect(outcome).toBeInstanceOf(ServiceError)
  expect(outcome).toMatchObject({ status: 502, message: expect.stringContaining('3 failed polls in a row') })
  expect(slept).toHaveLength(8)
})

test('onProgress hears of each change once, onFailedPoll of each failed poll', async () => {
  const heard: string[] = []
  await waitThrough([at(1), at(1), at(1, 'active', 'Compare_Clouds'), { status: 500 }, at(2), at(2), done], {
    onProgress: ({ percentage, state, step }) => {
      heard.push(`${percentage} ${state} ${step}`)
    },
    onFailedPoll: ({ status }) => {
      heard.push(`failed ${status}`)
    },
  })
  expect(heard).toEqual([
    '1 active Read_Clouds',
    '1 active Compare_Clouds',
    'failed 500',
    '2 active Read_Clouds',
    '100 success Write_Results',
  ])
})

test('what onProgress throws ends the wait', async () => {
  const { outcome } = await waitThrough([at(1), done], {
    onProgress: () => {
      throw new Error('the screen is gone')
    },
  })
  expect(outcome).toMatchObject({ message: 'the screen is gone' })
})

test('other intervals can be given, and nonsense is refused', async () => {
  const { slept } = await waitThrough([at(1), at(1), at(1), done], { intervalsSeconds: [0.5, 1] })
  expect(slept).toEqual([0.5, 1, 1])
  for (const intervalsSeconds of [[], [0], [-1], [Number.NaN]]) {
    expect((await waitThrough([done], { intervalsSeconds })).outcome).toBeInstanceOf(RangeError)
  }
})

test('an abort during a gap ends the wait at once and leaves no listener', async () => {
  await using server = await startScriptedServer(() => at(3))
  const client = createClient({ baseUrl: server.url, token: () => 't' })
  const controller = new AbortController()
  const reason = new Error('enough')
  const onProgress = () => void setImmediate(() => controller.abort(reason))
  const startedAt = performance.now()
  await expect(client.waitForJob('j', { signal: controller.signal, onProgress })).rejects.toBe(reason)
  expect(performance.now() - startedAt).toBeLessThan(5000)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('an abort during a poll that is not answered ends the wait at once and leaves no listener', async () => {
  const controller = new AbortController()
  await using server = await startScriptedServer(() => {
    setImmediate(() => controller.abort())
    return { silent: true }
  })
  const client = createClient({ baseUrl: server.url, token: () => 't' })
  await expect(client.waitForJob('j', { signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

test('an abort during a gap ends the wait even if the clock does not listen', async () => {
  await using server = await startScriptedServer(() => at(3))
  const controller = new AbortController()
  const clock = {
    now: () => 0,
    sleep: () => {
      controller.abort()
      return new Promise<void>(() => {})
    },
  }
  const client = createClient({ baseUrl: server.url, token: () => 't', clock })
  await expect(client.waitForJob('j', { signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  })
})

test('a signal aborted before the start sends no request', async () => {
  const { requests } = await waitThrough([done], { signal: AbortSignal.abort() })
  expect(requests).toEqual([])
})

test('a long wait leaves no listener on the signal', async () => {
  const controller = new AbortController()
  let most = 0
  const { outcome } = await waitThrough([...Array.from({ length: 50 }, (_, i) => at(i)), done], {
    signal: controller.signal,
    onProgress: () => {
      most = Math.max(most, getEventListeners(controller.signal, 'abort').length)
    },
  })
  expect(outcome).toMatchObject({ state: 'success' })
  expect(most).toBeLessThanOrEqual(2)
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

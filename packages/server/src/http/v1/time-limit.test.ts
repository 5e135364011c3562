// The header alidade-time-limit: a setting of the job that the published bodies have no place for.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startV1TestServer, type V1TestServer } from './v1-test-server.ts'

let server: V1TestServer
let inputs: { type: string; id: string }[]
beforeAll(async () => {
  server = await startV1TestServer()
  const owner = { org: 'acme', userId: 'ada' }
  const [a, b] = await Promise.all(
    [1, 2].map(() => server.realityData.create(owner, undefined, { displayName: 'Quarry', type: 'LAS' })),
  )
  inputs = [
    { type: 'pointClouds1', id: a!.id },
    { type: 'pointClouds2', id: b!.id },
  ]
})
afterAll(() => server.stop())

const jobs = '/realitydataanalysis/jobs'
const iTwinId = randomUUID()
const limited = (minutes: string) => ({ 'alidade-time-limit': minutes })
const create = (headers: Record<string, string> = {}) =>
  server.ask('POST', jobs, {
    headers,
    body: { type: 'changeDetection', name: 'Quarry', iTwinId, inputs, outputs: ['objects3D'] },
  })
const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  server.ask('PATCH', `${jobs}/${id}`, { body, headers })
const limitOf = async (id: string) => (await server.jobs.get('acme', id))!.timeLimitMinutes

test('a limit sent at creation is kept with the job and shown in no answer', async () => {
  const { status, json, text } = await create(limited('2.5'))
  expect(status).toBe(201)
  expect(await limitOf(json.job.id)).toBe(2.5)
  expect(text).not.toContain('imeLimit')
  const without = (await create()).json.job
  expect(await limitOf(without.id)).toBeUndefined()
})

test('a limit sent at submission replaces the one of the creation, before any agent sees the job', async () => {
  const { id } = (await create(limited('5'))).json.job
  expect((await patch(id, { state: 'active' }, limited('7'))).json.job.state).toBe('active')
  expect(await server.jobs.claim('agent')).toMatchObject({ id, timeLimitMinutes: 7 })
})

test('a change of other settings leaves the limit as it is, and the limit alone can be changed', async () => {
  const { id } = (await create(limited('5'))).json.job
  await patch(id, { name: 'Bridge' })
  expect(await limitOf(id)).toBe(5)
  const { status, json } = await patch(id, {}, limited('0'))
  expect([status, json.job.name]).toEqual([200, 'Bridge'])
  expect(await limitOf(id)).toBe(0)
})

test('submitting again with the same limit is no change, with another one it is refused and named', async () => {
  const { id } = (await create()).json.job
  await patch(id, { state: 'active' }, limited('7'))
  expect((await patch(id, { state: 'active' }, limited('7'))).status).toBe(200)
  const other = await patch(id, { state: 'active' }, limited('8'))
  expect(other.json.error).toMatchObject({
    target: 'alidade-time-limit',
    details: [{ code: 'InvalidChange', target: 'alidade-time-limit' }],
  })
  expect(await limitOf(id)).toBe(7)
})

test('a client that sends the header with every request can cancel all the same', async () => {
  const { id } = (await create(limited('7'))).json.job
  await patch(id, { state: 'active' }, limited('7'))
  expect((await patch(id, { state: 'cancelled' }, limited('8'))).json.job.state).toBe('cancelled')
})

test.each(['-1', 'soon', '35001', '1,2'])('a limit of %s is refused and named', async (minutes) => {
  const { status, json } = await create(limited(minutes))
  expect(status).toBe(422)
  expect(json.error.details).toMatchObject([{ code: 'InvalidParameter', target: 'alidade-time-limit' }])
})

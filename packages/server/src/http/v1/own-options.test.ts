// Options of ours that the published bodies have no place for: headers, kept with the job and shown in no answer.
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
const registering = (registration: string) => ({ 'alidade-registration': registration })
const create = (headers: Record<string, string> = {}, options?: object) =>
  server.ask('POST', jobs, {
    headers,
    body: { type: 'changeDetection', name: 'Quarry', iTwinId, inputs, outputs: ['objects3D'], options },
  })
const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  server.ask('PATCH', `${jobs}/${id}`, { body, headers })
const optionsOf = async (id: string) => (await server.jobs.get('acme', id))!.options

test('registration sent at creation is kept with the job, beside its other options, and shown in no answer', async () => {
  const { status, json, text } = await create(registering('rigid'), { minPoints: '50' })
  expect(status).toBe(201)
  expect(await optionsOf(json.job.id)).toEqual({ minPoints: 50, registration: 'rigid' })
  expect(json.job.options).toEqual({ minPoints: '50' })
  expect(text).not.toContain('egistration')
  const alone = await create(registering('translation'))
  expect(alone.json.job).not.toHaveProperty('options')
  expect((await server.ask('GET', `${jobs}/${alone.json.job.id}`)).json.job).toEqual(alone.json.job)
})

test('a change of other settings leaves it as it is, and it alone can be changed', async () => {
  const { id } = (await create(registering('rigid'))).json.job
  await patch(id, { options: { minPoints: '30' } })
  expect(await optionsOf(id)).toEqual({ minPoints: 30, registration: 'rigid' })
  expect((await patch(id, {}, registering('none'))).status).toBe(200)
  expect(await optionsOf(id)).toEqual({ minPoints: 30, registration: 'none' })
})

test('sent again with the submission it is no change, another one is refused after it and named', async () => {
  const { id } = (await create(registering('rigid'))).json.job
  expect((await patch(id, { state: 'active' }, registering('rigid'))).json.job.state).toBe('active')
  expect((await patch(id, { state: 'active' }, registering('rigid'))).status).toBe(200)
  const other = await patch(id, { state: 'active' }, registering('none'))
  expect(other.json.error.details).toMatchObject([{ code: 'InvalidChange', target: 'alidade-registration' }])
})

test('what is no registration is refused and named; in the options of the body it is unknown', async () => {
  const { status, json } = await create(registering('perhaps'))
  expect(status).toBe(422)
  expect(json.error.details).toMatchObject([{ code: 'InvalidParameter', target: 'alidade-registration' }])
  const inBody = await create({}, { registration: 'rigid' })
  expect(inBody.json.error.details).toMatchObject([{ code: 'InvalidProperty' }])
})

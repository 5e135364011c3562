// Who may do what: another tenant's reality data is the same as none.
import { randomUUID } from 'node:crypto'
import {
  associateRealityData,
  createRealityData,
  deleteRealityData,
  dissociateRealityData,
  getRealityData,
  getRealityDataITwins,
  listRealityData,
  moveRealityData,
  type Operation,
  realityManagementOperations,
} from '@alidade/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from './reality-management-test-server.ts'

let server: RealityManagementTestServer
const iTwinId = randomUUID()
beforeAll(async () => {
  server = await startRealityManagementTestServer()
})
afterAll(() => server.stop())

const evil = { org: 'evil', subject: 'eve', role: 'admin' }
const create = async (body: object = {}) =>
  (await server.ask(createRealityData, { body: { displayName: 'Quarry', type: 'LAZ', iTwinId, ...body } }))
    .json.realityData.id as string
const operations: Operation[] = realityManagementOperations
const named = operations.filter(({ path }) => path.includes(':realityDataId'))
const bodies: Record<string, unknown> = {
  'update-reality-data': { displayName: 'mine' },
  'move-reality-data': { iTwinId: '11111111-2222-4333-8444-555555555555' },
}

test.each(named)(
  "$id answers for another tenant's reality data as for none, byte for byte",
  async (operation) => {
    const id = await create()
    const body = bodies[operation.id]
    const ask = (realityDataId: string) =>
      server.ask(operation, { params: { realityDataId, iTwinId }, as: evil, body })
    const [foreign, missing] = [await ask(id), await ask(randomUUID())]
    expect(foreign.status).toBe(404)
    expect(foreign.json).toEqual({
      error: { code: 'RealityDataNotFound', message: 'Requested reality data is not available.' },
    })
    expect(foreign.text).toBe(missing.text)
    const mine = await server.ask(getRealityData, { params: { realityDataId: id }, query: { iTwinId } })
    expect(mine.json.realityData.displayName).toBe('Quarry')
  },
)

test.each(named)('$id answers 422 for what is no GUID, whoever asks', async (operation) => {
  for (const as of [{}, evil]) {
    const body = bodies[operation.id]
    const { status, json } = await server.ask(operation, {
      params: { realityDataId: 'quarry', iTwinId },
      as,
      body,
    })
    expect(status).toBe(422)
    expect(json.error).toMatchObject({ code: 'InvalidRealityDataRequest', target: 'realityDataId' })
  }
})

test.each(operations)('$id needs one of its scopes', async (operation) => {
  const ask = (scope: string) =>
    server.ask(operation, {
      params: { realityDataId: randomUUID(), iTwinId },
      as: { scope },
      body: bodies[operation.id],
    })
  expect((await ask('realitydataanalysis:modify openid')).json.error.code).toBe('Unauthorized')
  for (const scope of operation.scopes) expect((await ask(scope)).status).not.toBe(401)
  const onlyRead = (await ask('realitydata:read')).status
  expect(onlyRead === 401).toBe(!(operation.scopes as readonly string[]).includes('realitydata:read'))
})

test('without a token the published 401 comes first, whatever the id', async () => {
  for (const id of ['quarry', randomUUID()]) {
    const response = await fetch(`${server.url}/reality-management/reality-data/${id}`)
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({
      error: {
        code: 'HeaderNotFound',
        message: 'Header Authorization was not found in the request. Access denied.',
      },
    })
  }
})

test('an iTwin of another tenant does not exist: refused on creation, empty in lists', async () => {
  await create()
  const body = { displayName: 'Spy', type: 'LAS', iTwinId }
  const made = await server.ask(createRealityData, { as: evil, body })
  expect(made.status).toBe(422)
  expect(made.json.error).toMatchObject({
    target: 'iTwinId',
    details: [{ code: 'InvalidValue', target: 'iTwinId' }],
  })
  expect((await server.ask(listRealityData, { as: evil, query: { iTwinId } })).json).toEqual({
    realityData: [],
  })
  expect((await server.ask(listRealityData, { as: evil })).json.realityData).toEqual([])
})

test('colleagues of one tenant see each other, and the iTwin of a request must be the right one', async () => {
  const realityDataId = await create()
  const params = { realityDataId }
  expect((await server.ask(getRealityData, { params, as: { subject: 'bob' } })).status).toBe(200)
  const upper = { iTwinId: iTwinId.toUpperCase() }
  expect((await server.ask(getRealityData, { params, query: upper })).status).toBe(200)
  expect((await server.ask(getRealityData, { params, query: { iTwinId: randomUUID() } })).status).toBe(404)
})

test('reality data belongs to several iTwins, is listed in each, and dissociated only from where it is', async () => {
  const realityDataId = await create({ iTwinId: undefined })
  const [first, second] = [randomUUID(), randomUUID()]
  const params = (iTwin: string) => ({ realityDataId, iTwinId: iTwin })
  const iTwins = async () => (await server.ask(getRealityDataITwins, { params: params(first) })).json.iTwins
  const found = async (iTwin: string) =>
    (await server.ask(listRealityData, { query: { iTwinId: iTwin } })).json.realityData.length
  expect(await iTwins()).toEqual([])

  const expected = { iTwinAssociation: { id: realityDataId, iTwinId: first } }
  for (const spelled of [first, first, first.toUpperCase()]) {
    const { status, json } = await server.ask(associateRealityData, { params: params(spelled) })
    expect([status, json]).toEqual([200, expected])
  }
  expect((await server.ask(associateRealityData, { params: params(second) })).status).toBe(200)
  expect(await iTwins()).toEqual([first, second])
  expect([await found(first), await found(second)]).toEqual([1, 1])
  for (const query of [{ iTwinId: first }, { iTwinId: second.toUpperCase() }])
    expect((await server.ask(getRealityData, { params: params(first), query })).status).toBe(200)

  const unassociated = await server.ask(dissociateRealityData, { params: params(randomUUID()) })
  expect(unassociated.json.error).toEqual({
    code: 'AssociationNotFound',
    message: 'Requested association between reality data and iTwin is not available.',
  })
  expect((await server.ask(dissociateRealityData, { params: params(first) })).status).toBe(204)
  expect(await iTwins()).toEqual([second])
  expect([await found(first), await found(second)]).toEqual([0, 1])
})

test('what belongs to several iTwins is neither moved nor deleted until it is left in one', async () => {
  const realityDataId = await create({ iTwinId: undefined })
  const [first, second] = [randomUUID(), randomUUID()]
  const params = (iTwin: string) => ({ realityDataId, iTwinId: iTwin })
  const move = (body: object) => server.ask(moveRealityData, { params: params(first), body })
  expect((await move({ iTwinId: first })).status).toBe(204)
  await server.ask(associateRealityData, { params: params(second) })
  const refused = [
    await move({ iTwinId: second }),
    await server.ask(deleteRealityData, { params: params(first) }),
  ]
  for (const { status, json } of refused) {
    expect(status).toBe(422)
    expect(json.error.details).toMatchObject([
      { code: 'InvalidChange', message: expect.stringContaining('belongs to 2 iTwins') },
    ])
  }
  expect((await move({})).json.error.target).toBe('iTwinId')
  await server.ask(dissociateRealityData, { params: params(first) })
  expect((await move({ iTwinId: first })).status).toBe(204)
  const { json } = await server.ask(getRealityDataITwins, { params: params(first) })
  expect(json.iTwins).toEqual([first])
  expect((await server.ask(deleteRealityData, { params: params(first) })).status).toBe(204)
})

test('reality data is not put into an iTwin of another tenant', async () => {
  const taken = randomUUID()
  await server.realityData.claimITwin('evil', taken)
  const realityDataId = await create({ iTwinId: undefined })
  const answers = [
    await server.ask(associateRealityData, { params: { realityDataId, iTwinId: taken } }),
    await server.ask(moveRealityData, { params: { realityDataId }, body: { iTwinId: taken } }),
  ]
  for (const { status, json } of answers) {
    expect(status).toBe(422)
    expect(json.error.details[0]).toMatchObject({ code: 'InvalidValue', target: 'iTwinId' })
  }
})

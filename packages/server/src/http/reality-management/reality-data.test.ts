import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  createRealityData,
  deleteRealityData,
  getRealityData,
  getRealityDataITwins,
  updateRealityData,
} from '@alidade/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from './reality-management-test-server.ts'

let server: RealityManagementTestServer
beforeAll(async () => {
  server = await startRealityManagementTestServer()
})
afterAll(() => server.stop())

const shortest = { displayName: 'Quarry', type: 'LAZ' }
const create = async (body: object = shortest) =>
  (await server.ask(createRealityData, { body })).json.realityData
const refused = async (body: object) => {
  const { status, json } = await server.ask(createRealityData, { body })
  expect(status).toBe(422)
  expect(json.error).toMatchObject({
    code: 'InvalidRealityDataRequest',
    message: 'Invalid RealityData request.',
  })
  return (json.error.details as { code: string; target: string }[]).map(
    ({ code, target }) => `${code} ${target}`,
  )
}

test('the shortest creation answers 201 with everything that clients require, and no nulls', async () => {
  const { status, json } = await server.ask(createRealityData, {
    body: { ...shortest, dataset: null, tags: null },
  })
  expect(status).toBe(201)
  const { id, ...rest } = json.realityData
  expect(rest).toEqual({
    displayName: 'Quarry',
    type: 'LAZ',
    authoring: false,
    dataCenterLocation: 'Local',
    size: 0,
    ownerId: 'ada',
    createdDateTime: '2026-04-02T08:00:00Z',
    modifiedDateTime: '2026-04-02T08:00:00Z',
    lastAccessedDateTime: '2026-04-02T08:00:00Z',
  })
  expect((await server.ask(getRealityData, { params: { realityDataId: id } })).json).toEqual(json)
})

test('an empty iTwin is none: a published client sends it where its caller names none', async () => {
  const made = await create({ ...shortest, iTwinId: '' })
  const { json } = await server.ask(getRealityDataITwins, { params: { realityDataId: made.id } })
  expect(json).toEqual({ iTwins: [] })
})

test('every property comes back as it was set: tags in lower case, dates in UTC, unknown members not at all', async () => {
  const all = {
    ...shortest,
    classification: 'Terrain',
    dataset: 'Fleet of 2026',
    group: 'North',
    description: 'Über dem Steinbruch, 3 < 4 would be code',
    rootDocument: 'a folder/quarry.laz',
    extent: { southWest: { latitude: 47, longitude: 8 }, northEast: { latitude: 48, longitude: 9 } },
    authoring: true,
    attribution: '© Ada',
    termsOfUse: 'https://example.org/terms',
    crs: { id: 'EPSG:32632', verticalId: 'EPSG:5773' },
  }
  expect(await refused(all)).toEqual(['InvalidProperty description'])
  const body = {
    ...all,
    description: 'Über dem Steinbruch',
    tags: ['Quarry', 'quarry', 'Öl'],
    acquisition: { startDateTime: '2026-03-30T11:00:00.7+02:00', acquirer: 'Ada' },
    iTwinId: randomUUID().toUpperCase(),
    unknown: 1,
  }
  const made = await create(body)
  expect(made).toMatchObject({
    ...all,
    description: 'Über dem Steinbruch',
    tags: ['quarry', 'öl'],
    acquisition: { startDateTime: '2026-03-30T09:00:00Z', acquirer: 'Ada' },
  })
  expect(made).not.toHaveProperty('unknown')
  expect(made).not.toHaveProperty('iTwinId')
})

test('what is missing or malformed is answered by 422, with a detail for each fault', async () => {
  expect(await refused({})).toEqual(['MissingRequiredProperty displayName', 'MissingRequiredProperty type'])
  expect(await refused({ displayName: null, type: 'LAS' })).toEqual(['MissingRequiredProperty displayName'])
  expect(await refused({ ...shortest, classification: 'Map', authoring: 'yes' })).toEqual([
    'InvalidValue classification',
    'InvalidProperty authoring',
  ])
  expect(await refused({ displayName: '  ', type: '' })).toEqual(['InvalidProperty type'])
  expect(await refused({ displayName: '  ', type: ' ' })).toEqual([
    'InvalidProperty displayName',
    'InvalidProperty type',
  ])
  expect(await refused({ ...shortest, iTwinId: 'quarry' })).toEqual(['InvalidProperty iTwinId'])
  const { json } = await server.ask(createRealityData, { body: { type: 'LAS' } })
  expect(json.error.target).toBe('displayName')
})

test('links and markup in texts for people are refused, elsewhere they are not', async () => {
  const bad = ['<b>', 'see HTTP://x.org', 'https://x.org']
  for (const text of bad) {
    const body = { displayName: text, type: text, description: text, dataset: text, group: text }
    expect(await refused(body)).toEqual(
      ['displayName', 'description', 'dataset', 'group'].map((name) => `InvalidProperty ${name}`),
    )
  }
  expect((await create({ ...shortest, attribution: bad[2], rootDocument: '<x>.las' })).attribution).toBe(
    bad[2],
  )
})

test('texts, dates and extents that cannot be kept or make no sense are refused by name, not by 500', async () => {
  const inverted = { southWest: { latitude: 48, longitude: 8 }, northEast: { latitude: 47, longitude: 9 } }
  expect(await refused({ ...shortest, rootDocument: 'a\0b' })).toEqual(['InvalidProperty rootDocument'])
  expect(await refused({ ...shortest, tags: ['ok', '\ud800'] })).toEqual(['InvalidProperty tags[1]'])
  expect(await refused({ ...shortest, extent: inverted })).toEqual(['InvalidProperty extent'])
  for (const startDateTime of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-01:00', '2026-03-30T23:59:60Z']) {
    expect(await refused({ ...shortest, acquisition: { startDateTime } })).toEqual([
      'InvalidProperty acquisition.startDateTime',
    ])
  }
  const acquisition = { startDateTime: '2026-03-30T09:00:00Z', endDateTime: '2026-03-30T08:00:00Z' }
  expect(await refused({ ...shortest, acquisition })).toEqual(['InvalidProperty acquisition.endDateTime'])
})

test('an update changes what it names and answers 200 with the whole', async () => {
  const made = await create({ ...shortest, description: 'old', tags: ['a'] })
  server.clock.now = new Date('2026-04-02T08:00:10Z')
  const params = { realityDataId: made.id }
  const body = { description: '', tags: ['B'], displayName: null, authoring: true }
  const { status, json } = await server.ask(updateRealityData, { params, body })
  expect(status).toBe(200)
  expect(json.realityData).toEqual({
    ...made,
    description: '',
    tags: ['b'],
    authoring: true,
    modifiedDateTime: '2026-04-02T08:00:10Z',
  })
  expect((await server.ask(updateRealityData, { params, body: { description: '<' } })).status).toBe(422)
  expect((await server.ask(updateRealityData, { params, body: { type: '' } })).status).toBe(422)
  expect((await server.ask(updateRealityData, { params })).status).toBe(422)
  expect((await server.ask(getRealityData, { params })).json).toEqual(json)
})

test('the size is that of the files in kB, rounded up', async () => {
  const { id } = await create()
  const params = { realityDataId: id }
  const put = (name: string, bytes: number) =>
    server.blobs.putBlob({ id, attempt: 0 }, name, Readable.from([new Uint8Array(bytes)]))
  await put('a', 1024)
  expect((await server.ask(getRealityData, { params })).json.realityData.size).toBe(1)
  await put('b', 1)
  expect((await server.ask(getRealityData, { params })).json.realityData.size).toBe(2)
})

test('a deleted reality data is gone with its files', async () => {
  const { id } = await create()
  const params = { realityDataId: id.toUpperCase() }
  await server.blobs.putBlob({ id, attempt: 0 }, 'a', Readable.from([new Uint8Array(10)]))
  expect((await server.ask(deleteRealityData, { params })).status).toBe(204)
  expect(await server.blobs.get({ id, attempt: 0 }, 'a')).toBeUndefined()
  expect((await server.ask(getRealityData, { params })).status).toBe(404)
  expect((await server.ask(deleteRealityData, { params })).status).toBe(404)
})

test('an input of an active job is not deleted, and keeps its files', async () => {
  const { id } = await create()
  const iTwinId = randomUUID()
  await server.realityData.claimITwin('acme', iTwinId)
  const job = await server.jobs.create({ org: 'acme', userId: 'ada', email: '', clientId: 'c' }, iTwinId, {
    type: 'changeDetection',
    name: 'Quarry',
    inputs: [{ name: 'modelA', realityDataId: id }],
    outputs: ['objects3D'],
    options: {},
    optionsSent: undefined,
    costParameters: undefined,
  })
  await server.blobs.putBlob({ id, attempt: 0 }, 'a', Readable.from([new Uint8Array(10)]))
  await server.jobs.submit('acme', job.id, [])
  const { status, json } = await server.ask(deleteRealityData, { params: { realityDataId: id } })
  expect(status).toBe(422)
  expect(json.error.details).toEqual([
    {
      code: 'InvalidChange',
      message: `The reality data is used by the job ${job.id} and cannot be deleted.`,
    },
  ])
  expect(await server.blobs.get({ id, attempt: 0 }, 'a')).toBeDefined()
  await server.jobs.cancel('acme', job.id)
  expect((await server.ask(deleteRealityData, { params: { realityDataId: id } })).status).toBe(204)
})

test('slashes at the end, letter case and an empty JSON body do not matter', async () => {
  const { id } = await create()
  for (const path of [
    `/reality-management/reality-data/${id}/`,
    `/Reality-Management/Reality-Data/${id.toUpperCase()}`,
    `/reality-management/reality-data/${id}/readAccess`,
    `/reality-management/reality-data/${id}/iTwins/`,
    '/reality-management/reality-data/?iTwinId=&continuationToken=',
  ]) {
    const response = await server.send(path, { redirect: 'manual' })
    expect([path, response.status]).toEqual([path, 200])
  }
  const made = await server.send('/reality-management/reality-data/', {
    method: 'POST',
    body: JSON.stringify(shortest),
  })
  expect(made.status).toBe(201)
})

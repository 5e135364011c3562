// `@itwin/reality-data-client`, unmodified: every operation it has, and its own errors.
import { randomUUID } from 'node:crypto'
import { BlockBlobClient, ContainerClient } from '@azure/storage-blob'
import * as published from '@itwin/reality-data-client'
import { ITwinRealityData, RealityDataAccessClient, RealityDataClientError } from '@itwin/reality-data-client'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type RedirectedCloud, redirectCloud } from './cloud-host.ts'
import { publicMethods, watchCalls } from './watched-calls.ts'

const methods = publicMethods('@itwin/reality-data-client')
const called = watchCalls(methods, published)

const iTwinId = randomUUID()
const client = new RealityDataAccessClient()
const serviceUrl = inject('serviceUrl')
const token = inject('authorization')

function realityDataOf(properties: Partial<ITwinRealityData>): ITwinRealityData {
  return Object.assign(new ITwinRealityData(client), properties)
}

describe('with the host of the cloud leading to the service', () => {
  let cloud: RedirectedCloud
  beforeAll(() => {
    cloud = redirectCloud(serviceUrl)
  })
  afterAll(() => cloud?.restore())

  test('creates, gets, modifies and deletes a reality data with all its properties', async () => {
    const properties = {
      displayName: 'Großer Hof, 2026',
      type: 'LAS',
      classification: 'Terrain',
      dataset: 'campus',
      group: 'surveys',
      description: 'Before the works',
      rootDocument: 'survey.las',
      tags: ['campus', 'terrain'],
      acquisition: {
        startDateTime: new Date('2026-03-01T08:00:00Z'),
        endDateTime: new Date('2026-03-01T17:30:00Z'),
        acquirer: 'Ada',
      },
      authoring: true,
      extent: {
        southWest: { latitude: 48.1, longitude: 11.5 },
        northEast: { latitude: 48.2, longitude: 11.6 },
      },
      crs: { id: 'EPSG:32632' },
      attribution: 'Survey office',
      termsOfUse: 'Ask first',
    }
    const created = await client.createRealityData(token, iTwinId, realityDataOf(properties))
    expect(created).toMatchObject(properties)

    const got = await client.getRealityData(token, iTwinId, created.id)
    expect(got).toMatchObject({ ...properties, id: created.id, size: 0, dataCenterLocation: 'Local' })
    for (const name of ['createdDateTime', 'modifiedDateTime', 'lastAccessedDateTime'] as const) {
      expect(Math.abs(got[name]!.getTime() - Date.now()), name).toBeLessThan(120_000)
    }

    got.displayName = 'Großer Hof, renamed'
    got.authoring = false
    const modified = await client.modifyRealityData(token, iTwinId, got)
    expect(modified).toMatchObject({ ...properties, displayName: 'Großer Hof, renamed', authoring: false })

    expect(await client.deleteRealityData(token, created.id)).toBe(true)
    await expect(client.getRealityData(token, iTwinId, created.id)).rejects.toMatchObject({
      errorNumber: 404,
    })
  })

  test('creates one without an iTwin, which it sends as an empty text', async () => {
    const created = await client.createRealityData(
      token,
      undefined,
      realityDataOf({ displayName: 'of no iTwin', type: 'LAS' }),
    )
    expect(await client.getRealityDataITwins(token, created.id)).toEqual([])
  })

  test('lists what matches every one of its criteria, minimal or full', async () => {
    const own = randomUUID()
    const [start, end] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)]
    const wanted = await client.createRealityData(
      token,
      own,
      realityDataOf({
        displayName: 'wanted cloud',
        type: 'LAZ',
        tags: ['Keep'],
        acquisition: { startDateTime: start },
        extent: {
          southWest: { latitude: 48.1, longitude: 11.5 },
          northEast: { latitude: 48.2, longitude: 11.6 },
        },
      }),
    )
    await client.createRealityData(token, own, realityDataOf({ displayName: 'other', type: 'OBJ' }))
    await client.getRealityData(token, own, wanted.id)

    const radians = (degrees: number) => (degrees / 180) * Math.PI
    const criteria = {
      extent: {
        getLongitudeLatitudeBoundingBox: () => ({
          low: { x: radians(11), y: radians(48) },
          high: { x: radians(12), y: radians(49) },
        }),
      },
      top: 500,
      orderBy: 'displayName desc',
      search: 'wanted',
      types: ['LAS', 'LAZ'],
      acquisitionDates: { startDateTime: start, endDateTime: end },
      createdDateTime: { startDateTime: start, endDateTime: end },
      modifiedDateTime: { startDateTime: start, endDateTime: end },
      lastAccessedDateTime: { startDateTime: start, endDateTime: end },
      ownerId: wanted.ownerId!,
      dataCenter: wanted.dataCenterLocation!,
      tag: 'keep',
    }
    const minimal = await client.getRealityDatas(token, own, criteria)
    expect(minimal.realityDatas.map(({ id }) => id)).toEqual([wanted.id])
    expect(minimal.realityDatas[0]!.tags).toBeUndefined()
    expect(minimal.continuationToken).toBeUndefined()
    const full = await client.getRealityDatas(token, own, { ...criteria, getFullRepresentation: true })
    expect(full.realityDatas[0]).toMatchObject({ id: wanted.id, tags: ['keep'], size: 0 })

    for (const miss of [{ tag: 'lost' }, { types: ['OBJ'] }, { search: 'other' }, { ownerId: 'nobody' }]) {
      const { realityDatas } = await client.getRealityDatas(token, own, { ...criteria, ...miss })
      expect(realityDatas, JSON.stringify(miss)).toEqual([])
    }
    expect(cloud.sent.map(({ headers }) => headers.get('prefer'))).toContain('return=representation')
  })

  test('walks through a list by the token of its pages', async () => {
    const own = randomUUID()
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const displayName of names) {
      await client.createRealityData(token, own, realityDataOf({ displayName, type: 'LAS' }))
    }
    const pages: string[][] = []
    let continuationToken: string | undefined
    do {
      const page = await client.getRealityDatas(token, own, {
        orderBy: 'displayName',
        // The size of the first page holds for the next ones.
        ...(continuationToken === undefined ? { top: 2 } : { continuationToken }),
      })
      pages.push(page.realityDatas.map(({ displayName }) => displayName!))
      continuationToken = page.continuationToken
    } while (continuationToken !== undefined)
    expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['e']])
  })

  test('writes and reads blobs by the URLs it hands out, and asks for each only once', async () => {
    const realityData = await client.createRealityData(
      token,
      iTwinId,
      realityDataOf({ displayName: 'blobs', type: '3MX' }),
    )
    const before = cloud.sent.length
    const writeUrl = await realityData.getBlobUrl(token, 'Data/tile.bin', true)
    await new BlockBlobClient(writeUrl.href).upload('tile', 4)
    const answer = await fetch(await realityData.getBlobUrl(token, 'Data/tile.bin'))
    expect(await answer.text()).toBe('tile')
    expect((await realityData.getBlobUrl(token, 'other')).pathname).toBe(
      `/alidade-blobs/${realityData.id}/other`,
    )
    expect(cloud.sent.slice(before).map(({ path }) => path)).toEqual([
      `/reality-management/reality-data/${realityData.id}/writeAccess?iTwinId=${iTwinId}`,
      `/reality-management/reality-data/${realityData.id}/readAccess?iTwinId=${iTwinId}`,
    ])
    expect(cloud.sent.at(-1)!.headers.get('prefer')).toBe('return=minimal')

    // The v1 uploader makes its container client from a blob URL without a name, which ends in a slash.
    const container = new ContainerClient((await realityData.getBlobUrl(token, '', true)).href)
    await container.getBlockBlobClient('by slash.bin').upload('slash', 5)
    const names: string[] = []
    for await (const { name } of container.listBlobsFlat()) names.push(name)
    expect(names).toEqual(['Data/tile.bin', 'by slash.bin'])
  })

  test('associates with, moves between and dissociates from iTwins', async () => {
    const [first, second] = [randomUUID(), randomUUID()]
    const { id } = await client.createRealityData(
      token,
      first,
      realityDataOf({ displayName: 'moving', type: 'LAS' }),
    )
    expect(await client.getRealityDataITwins(token, id)).toEqual([first])
    expect(await client.moveRealityData(token, id, second)).toBe(true)
    expect(await client.getRealityDataITwins(token, id)).toEqual([second])
    expect(await client.dissociateRealityData(token, second, id)).toBe(true)
    expect(await client.getRealityDataITwins(token, id)).toEqual([])
    expect(await client.associateRealityData(token, first, id)).toBe(true)
    const projects = await client.getRealityDataProjects(token, id)
    expect(projects.map((project) => project.id)).toEqual([first])
  })

  test('tells the URL of a reality data, which answers with it', async () => {
    const { id } = await client.createRealityData(
      token,
      iTwinId,
      realityDataOf({ displayName: 'by URL', type: 'LAS' }),
    )
    const url = await client.getRealityDataUrl(iTwinId, id)
    expect(url).toBe(`https://api.bentley.com/reality-management/reality-data/${id}?iTwinId=${iTwinId}`)
    const answer = await fetch(url, { headers: { authorization: token } })
    expect(await answer.json()).toMatchObject({ realityData: { id, displayName: 'by URL' } })
  })

  test('takes the token from an authorization client instead of the call', async () => {
    const authorizationClient = { getAccessToken: async () => token }
    const authorized = new RealityDataAccessClient({ authorizationClient })
    const { realityDatas } = await authorized.getRealityDatas('', iTwinId, { search: 'by URL' })
    expect(realityDatas).toHaveLength(1)
    const got = await authorized.getRealityData('', iTwinId, realityDatas[0]!.id)
    expect(got.displayName).toBe('by URL')
  })

  test('turns every refusal into its own error, with our sentence', async () => {
    const refused = async (asked: Promise<unknown>, errorNumber: number, message: RegExp) => {
      const error = await asked.then(
        () => expect.unreachable(),
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(RealityDataClientError)
      expect(error).toMatchObject({ errorNumber, message: expect.stringMatching(message) })
    }
    const missing = randomUUID()
    await refused(client.getRealityData(token, iTwinId, missing), 404, /not available/)
    await refused(client.getRealityData(token, iTwinId, 'no-guid'), 422, /Invalid/)
    await refused(client.getRealityData('', iTwinId, missing), 401, /Access denied/)
    await refused(client.getRealityData('Bearer of.no.meaning', iTwinId, missing), 401, /token/)
    await refused(client.deleteRealityData(token, missing), 404, /not available/)
    await refused(client.createRealityData(token, iTwinId, realityDataOf({})), 422, /Invalid/)
    await refused(client.getRealityDatas(token, iTwinId, { extent: extentOf(91) }), 422, /Could not fetch/)
    await refused(realityDataOf({ id: missing }).getBlobUrl(token, 'x'), 422, /Invalid container request/)
  })
})

describe('with its own fields set to the service', () => {
  test('needs no change of the global fetch', async () => {
    const direct = new RealityDataAccessClient()
    Object.assign(direct, { baseUrl: `${serviceUrl}/reality-management/reality-data` })
    Object.assign(Reflect.get(direct, '_rcService'), { _serviceUrl: `${serviceUrl}/` })
    const created = await direct.createRealityData(
      token,
      iTwinId,
      realityDataOf({ displayName: 'by fields', type: 'LAS' }),
    )
    const { realityDatas } = await direct.getRealityDatas(token, iTwinId, { search: 'by fields' })
    expect(realityDatas.map(({ id }) => id)).toEqual([created.id])
    expect((await created.getBlobUrl(token, 'a.las')).origin).toBe(serviceUrl)
  })

  test('takes no other host by its option', () => {
    const baseUrl = `${serviceUrl}/reality-management/reality-data`
    expect(() => new RealityDataAccessClient({ baseUrl })).toThrow('invalid host')
  })
})

test('every public method of the package was called', () => {
  expect(methods).toHaveLength(12)
  expect([...called].sort()).toEqual(methods)
})

function extentOf(latitude: number) {
  const corner = { x: 0, y: (latitude / 180) * Math.PI }
  return { getLongitudeLatitudeBoundingBox: () => ({ low: corner, high: corner }) }
}

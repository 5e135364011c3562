import { randomUUID } from 'node:crypto'
import { createRealityData, listRealityData } from '@alidade/contract'
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

/** Each test lists a tenant of its own. */
const newTenant = () => ({ org: `org-${randomUUID()}` })
type Tenant = ReturnType<typeof newTenant>
const fill = async (as: Tenant, ...bodies: object[]) => {
  for (const body of bodies) {
    server.clock.now = new Date(server.clock.now.getTime() + 1000)
    const made = await server.ask(createRealityData, { as, body: { type: 'LAS', ...body } })
    expect(made.status).toBe(201)
  }
}
const list = (as: Tenant, query: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  server.ask(listRealityData, { as, query, headers })
const names = async (as: Tenant, query: Record<string, string> = {}) =>
  (await list(as, query)).json.realityData.map(({ displayName }: { displayName: string }) => displayName)
const tokenOf = (json: { _links: { next: { href: string } } }) =>
  new URL(json._links.next.href).searchParams.get('continuationToken')!

test('a list names id, displayName and type only, unless the client prefers the representation', async () => {
  const as = newTenant()
  await fill(as, { displayName: 'a', description: 'words' })
  const minimal = await list(as)
  expect(Object.keys(minimal.json.realityData[0])).toEqual(['id', 'displayName', 'type'])
  expect(minimal.json).not.toHaveProperty('_links')
  for (const prefer of ['return=minimal', 'respond-async', 'return=minimal, return=representation', '']) {
    expect((await list(as, {}, { prefer })).json).toEqual(minimal.json)
  }
  for (const prefer of ['return=representation', 'Return = "representation"; x=1, wait=5']) {
    const { realityData } = (await list(as, {}, { prefer })).json
    expect(realityData[0]).toMatchObject({ description: 'words', size: 0, ownerId: 'ada' })
  }
})

test('following the links visits everything once, the page size and the filters stay, and the last page has no link', async () => {
  const as = newTenant()
  await fill(as, ...['a', 'b', 'c', 'd', 'e'].map((displayName) => ({ displayName, tags: ['T'] })))
  await fill(as, { displayName: 'untagged' })
  const seen: string[] = []
  let page = (await list(as, { $top: '2', tag: 't', $orderBy: 'displayName desc' })).json
  while (seen.length < 9) {
    seen.push(page.realityData.map(({ displayName }: { displayName: string }) => displayName).join(''))
    if (page._links === undefined) break
    const { href } = page._links.next
    expect(href).toMatch(`${server.url}/reality-management/reality-data?`)
    page = (await list(as, Object.fromEntries(new URL(href).searchParams))).json
  }
  expect(seen).toEqual(['ed', 'cb', 'a'])
})

test('a client may repeat the filters with the token, and change the page size, but nothing else', async () => {
  const as = newTenant()
  await fill(as, ...['a', 'b', 'c', 'd'].map((displayName) => ({ displayName })))
  const continuationToken = tokenOf((await list(as, { $top: '1', types: 'LAS,LAZ' })).json)
  expect(await names(as, { continuationToken })).toEqual(['c'])
  expect(await names(as, { continuationToken, $top: '2', types: 'LAS,LAZ' })).toEqual(['c', 'b'])
  const changed = await list(as, { continuationToken, types: 'LAS' })
  expect(changed.status).toBe(422)
  expect(changed.json.error.details[0].message).toContain("another 'types'")
  expect((await list(as, { continuationToken, tag: 'x' })).status).toBe(422)
})

test('a token that was tampered with, or that another tenant was given, is refused with 422', async () => {
  const as = newTenant()
  await fill(as, { displayName: 'a' }, { displayName: 'b' })
  const token = tokenOf((await list(as, { $top: '1' })).json)
  const [payload = '', signature] = token.split('.')
  const forged = Buffer.from(payload, 'base64url').toString().replace('"n":1', '"n":9')
  for (const bad of [
    `${Buffer.from(forged).toString('base64url')}.${signature}`,
    `${payload}.${Buffer.alloc(16).toString('base64url')}`,
    payload,
    `${token}x`,
    'eyJ0b3AiOjEwMCwic2tpcCI6MTAwfQ==',
    '.',
  ]) {
    const { status, json } = await list(as, { continuationToken: bad })
    expect([bad, status, json.error.target]).toEqual([bad, 422, 'continuationToken'])
  }
  expect((await list(newTenant(), { continuationToken: token })).status).toBe(422)
  expect((await list(as, { continuationToken: token })).status).toBe(200)
})

test('types come joined by commas or repeated', async () => {
  const as = newTenant()
  await fill(as, { displayName: 'a', type: 'LAS' }, { displayName: 'b', type: 'LAZ' })
  await fill(as, { displayName: 'c', type: 'ContextScene' })
  expect(await names(as, { types: 'las, LAZ' })).toEqual(['b', 'a'])
  const repeated = await server.send('/reality-management/reality-data?types=LAS&types=ContextScene', {}, as)
  const { realityData } = (await repeated.json()) as { realityData: { displayName: string }[] }
  expect(realityData.map(({ displayName }) => displayName)).toEqual(['c', 'a'])
  expect((await list(as, { types: ',' })).json.error.target).toBe('types')
})

test('the other filters narrow the list, and another data centre has nothing', async () => {
  const as = newTenant()
  const iTwinId = randomUUID()
  await fill(as, { displayName: 'a', iTwinId, acquisition: { startDateTime: '2026-03-30T23:30:00Z' } })
  await fill(as, {
    displayName: 'b',
    dataset: 'North',
    extent: { southWest: { latitude: 47, longitude: 8 }, northEast: { latitude: 48, longitude: 9 } },
  })
  expect(await names(as, { iTwinId: iTwinId.toUpperCase() })).toEqual(['a'])
  expect(await names(as, { iTwinId: randomUUID() })).toEqual([])
  expect(await names(as, { $search: 'north' })).toEqual(['b'])
  expect(await names(as, { ownerId: 'ada' })).toEqual(['b', 'a'])
  expect(await names(as, { ownerId: 'nobody' })).toEqual([])
  expect(await names(as, { extent: '8.5,47.5,8.6,47.6' })).toEqual(['b'])
  expect(await names(as, { extent: '47.5,8.5,47.6,8.6' })).toEqual([])
  expect(await names(as, { acquisitionDateTime: '2026-03-01/2026-03-30' })).toEqual(['a'])
  expect(await names(as, { acquisitionDateTime: '2026-03-01/2026-03-30T23:00:00Z' })).toEqual([])
  expect(await names(as, { createdDateTime: '../2026-04-01' })).toEqual([])
  expect(await names(as, { modifiedDateTime: '2026-04-01/..', lastAccessedDateTime: '../..' })).toEqual([
    'b',
    'a',
  ])
  expect(await names(as, { dataCenter: 'local' })).toEqual(['b', 'a'])
  expect(await names(as, { dataCenter: 'East US' })).toEqual([])
  expect(await names(as, { $orderBy: 'DISPLAYNAME' })).toEqual(['a', 'b'])
})

test('what cannot be understood is answered by 422 that names the parameter', async () => {
  const as = newTenant()
  const bad: [string, string[]][] = [
    ['$top', ['0', '1001', 'many', '1.5']],
    ['$orderBy', ['size', 'displayName up', 'displayName asc, type asc', 'desc']],
    ['iTwinId', ['quarry']],
    ['extent', ['8,47,9', '8,47,9,48,1', '8,,9,48', '8,91,9,92', '8,48,9,47', 'a,b,c,d']],
    [
      'createdDateTime',
      ['2026-04-01', 'x/y', '2026-04-02/2026-04-01', '2026-02-30/..', '0000-01-01/..', 'a/b/c', '/'],
    ],
    ['$search', ['\0']],
  ]
  for (const [name, values] of bad) {
    for (const value of values) {
      const { status, json } = await list(as, { [name]: value })
      expect([name, value, status, json.error?.target]).toEqual([name, value, 422, name])
      expect(json.error.details[0].code).toBe('InvalidParameter')
    }
  }
})

test('a page holds 100 unless the client asks for more', async () => {
  const as = newTenant()
  for (let i = 0; i < 105; i++) {
    await server.realityData.create({ org: as.org, userId: 'ada' }, undefined, {
      displayName: `${i}`,
      type: 'LAS',
    })
  }
  expect(await names(as)).toHaveLength(100)
  const whole = await list(as, { $top: '1000' }, { prefer: 'return=representation' })
  expect(whole.json.realityData).toHaveLength(105)
  expect(whole.json).not.toHaveProperty('_links')
})

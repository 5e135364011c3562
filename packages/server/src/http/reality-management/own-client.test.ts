// Our own client against the real routes: every call of Reality Management, and transfers that outlive tokens and
// signatures. Only the clock is a double.
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient, NotFoundError } from '@alidade/client'
import { pull, push } from '@alidade/client/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type RealityManagementTestServer,
  startRealityManagementTestServer,
} from './reality-management-test-server.ts'

const minute = 60_000
let server: RealityManagementTestServer
let folder: string
/** Tokens that were asked for, each for an hour. */
let tokens: string[]
let client: Client
const clock = {
  now: () => server.clock.now.getTime(),
  sleep: () => Promise.reject(new Error('nobody has to wait here')),
}

async function newToken(): Promise<string> {
  const { token } = await server.issuer.issueToken({ org: 'acme', subject: 'ada', expiresIn: '1h' })
  tokens.push(token)
  return token
}

beforeAll(async () => {
  server = await startRealityManagementTestServer()
  folder = await mkdtemp(join(tmpdir(), 'alidade-own-client-'))
  tokens = []
  client = createClient({
    baseUrl: server.url,
    clock,
    token: ({ refresh }) => (refresh ? undefined : tokens.at(-1)) ?? newToken(),
  })
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

const first = 'a1b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a01'
const second = 'a1b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a02'

test('every call of Reality Management does what it says', async () => {
  const { realityData } = client
  const created = await realityData.create({
    displayName: 'Quarry, March',
    type: 'LAZ',
    iTwinId: first,
    tags: ['Quarry'],
    extent: { southWest: { latitude: 47, longitude: 8 }, northEast: { latitude: 47.1, longitude: 8.1 } },
    acquisition: { startDateTime: '2026-03-30T09:00:00Z', endDateTime: '2026-03-30T10:00:00Z' },
  })
  expect(await realityData.get(created.id, { iTwinId: first })).toEqual(created)
  const updated = await realityData.update(created.id, { displayName: 'Quarry, late March' })
  expect(updated).toMatchObject({ id: created.id, displayName: 'Quarry, late March' })

  const idsOf = async (options: Parameters<typeof realityData.list>[0]) => {
    const ids: string[] = []
    for await (const { id } of realityData.list({ iTwinId: first, top: 1, ...options })) ids.push(id)
    return ids
  }
  const other = await realityData.create({ displayName: 'Bridge', type: 'LAS', iTwinId: first })
  expect(await idsOf({ orderBy: 'displayName asc' })).toEqual([other.id, created.id])
  const around = {
    southWest: { latitude: 46, longitude: 7 },
    northEast: { latitude: 47.05, longitude: 8.05 },
  }
  const day = (text: string) => ({ from: new Date(`${text}T00:00:00Z`), to: new Date(`${text}T23:59:59Z`) })
  for (const options of [
    { types: ['LAZ', 'E57'] },
    { search: 'late march' },
    { tag: 'quarry' },
    { extent: around },
    { acquired: day('2026-03-30') },
    {
      types: ['laz'],
      created: { from: new Date('2026-04-02T00:00:00Z') },
      ownerId: 'ada',
      dataCenter: 'Local',
    },
    { types: ['LAZ'], modified: day('2026-04-02'), lastAccessed: { to: new Date('2026-04-02T09:00:00Z') } },
  ]) {
    expect(await idsOf(options), JSON.stringify(options)).toEqual([created.id])
  }
  expect(await idsOf({ created: { to: new Date('2026-04-01T00:00:00Z') } })).toEqual([])
  for await (const minimal of realityData.listMinimal({ iTwinId: first, types: ['LAS'] }))
    expect(minimal).toEqual({ id: other.id, displayName: 'Bridge', type: 'LAS' })

  expect(await realityData.iTwins(created.id)).toEqual([first])
  // An iTwin exists from the first thing in it.
  await realityData.create({ displayName: 'Any', type: 'LAS', iTwinId: second })
  await realityData.move(created.id, second)
  expect(await realityData.iTwins(created.id)).toEqual([second])
  await realityData.dissociate(created.id, second)
  expect(await realityData.iTwins(created.id)).toEqual([])
  await realityData.associate(created.id, first)
  expect(await realityData.iTwins(created.id)).toEqual([first])

  await realityData.delete(created.id)
  await expect(realityData.get(created.id)).rejects.toBeInstanceOf(NotFoundError)
})

test('a transfer of ten hours goes through with tokens and signatures of an hour, and no block is sent in vain', async () => {
  const blocks = 100
  const blockBytes = 1024
  const path = join(folder, 'long.bin')
  const content = randomBytes(blocks * blockBytes)
  await writeFile(path, content)
  const { id } = await client.realityData.create({
    displayName: 'Long',
    type: 'Unstructured',
    iTwinId: first,
  })
  tokens = []
  const signatures = new Set<string>()
  const noted = async (url: Promise<string>) => {
    signatures.add(await url)
    return url
  }
  const statuses = new Map<number, number>()
  const options = {
    clock,
    blockBytes,
    concurrency: 1,
    onBytes: () => {
      server.clock.now = new Date(server.clock.now.getTime() + 6 * minute)
    },
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      const response = await fetch(input, init)
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
      return response
    },
  }

  const began = server.clock.now.getTime()
  const { sentBytes } = await push(() => noted(client.realityData.writeAccess(id)), path, options)
  expect(server.clock.now.getTime() - began).toBeGreaterThanOrEqual(10 * 60 * minute)
  expect(sentBytes).toBe(content.length)
  expect([...statuses]).toEqual([[201, blocks + 1]])
  // A token serves for two signatures, 54 minutes apart.
  expect(tokens.length).toBeGreaterThanOrEqual(5)
  expect(signatures.size).toBeGreaterThanOrEqual(10)

  signatures.clear()
  statuses.clear()
  const results = join(folder, 'results')
  await pull(() => noted(client.realityData.readAccess(id)), results, options)
  expect((await readFile(join(results, 'long.bin'))).equals(content)).toBe(true)
  expect([...statuses]).toEqual([
    [200, 1],
    [206, blocks],
  ])
  expect(signatures.size).toBeGreaterThanOrEqual(10)
})

test('by a clock that is hours ahead signatures are renewed when they are refused, and not for each block', async () => {
  const path = join(folder, 'ahead.bin')
  await writeFile(path, randomBytes(20 * 1024))
  const { id } = await client.realityData.create({
    displayName: 'Ahead',
    type: 'Unstructured',
    iTwinId: first,
  })
  const ahead = { ...clock, now: () => clock.now() + 5 * 60 * minute }
  let asked = 0
  const provider = () => {
    asked++
    return client.realityData.writeAccess(id)
  }
  await push(provider, path, {
    clock: ahead,
    blockBytes: 1024,
    concurrency: 1,
    onBytes: () => {
      server.clock.now = new Date(server.clock.now.getTime() + 6 * minute)
    },
  })
  expect(asked).toBe(2 + 1)
})

// Our own client on every call that both versions of the API have for detectors.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, ConflictError, createClient, InvalidRequestError, NotFoundError } from '@alidade/client'
import { pushBlob } from '@alidade/client/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { detectorArchive } from '../../packages/jobs/src/detector/detector.fixture.ts'
import { type DetectorServer, startDetectorServer } from './detector-server.ts'

let server: DetectorServer
let client: Client
let folder: string
beforeAll(async () => {
  server = await startDetectorServer()
  const token = await server.authorization({})
  client = createClient({ baseUrl: server.url, token: () => token })
  folder = await mkdtemp(join(tmpdir(), 'alidade-own-client-'))
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

async function fileOf(content: Uint8Array | string): Promise<string> {
  const path = join(folder, 'detector.zip')
  await writeFile(path, content)
  return path
}

/** To where the service really is; it says that it is elsewhere. */
const toServer = (input: string | URL | Request, init?: RequestInit) =>
  fetch(String(input).replace('https://alidade.example/base', server.url), init)

test('v2: a detector goes from nothing to published, gets better texts and a second version, and goes', async () => {
  const { detectors } = client.v2
  const name = '@acme/cracks'
  const created = await detectors.create({ name, type: 'PhotoSegmentationDetector', description: 'Cracks.' })
  expect(created).toEqual({ name, type: 'PhotoSegmentationDetector', description: 'Cracks.', versions: [] })
  await expect(detectors.create({ name, type: 'PhotoObjectDetector' })).rejects.toBeInstanceOf(ConflictError)

  const capabilities = { labels: ['crack'], exports: ['Lines' as const] }
  const { version, uploadUrl } = await detectors.createVersion(name, { versionNumber: '1.0', capabilities })
  expect(version).toMatchObject({ versionNumber: '1.0', status: 'AwaitingData', capabilities })
  await pushBlob(uploadUrl, await fileOf('no archive'), { fetch: toServer })
  const refused = await detectors.complete(name, '1.0').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(InvalidRequestError)
  expect((refused as InvalidRequestError).details).toMatchObject([
    { message: expect.stringMatching(/^byte 0/) },
  ])

  // By blocks this time: a URL for one blob takes them too.
  const archive = detectorArchive()
  const { sentBytes } = await pushBlob(uploadUrl, await fileOf(archive), { fetch: toServer, blockBytes: 256 })
  expect(sentBytes).toBe(archive.length)
  await detectors.complete(name, '1.0')
  await detectors.publish(name, '1.0')
  await detectors.unpublish(name, '1.0')
  expect(await detectors.update(name, { displayName: 'Cracks in concrete' })).toMatchObject({
    displayName: 'Cracks in concrete',
    versions: [{ versionNumber: '1.0', status: 'Ready', downloadUrl: expect.any(String) }],
  })
  expect(await detectors.list({ filter: "labels in ('crack')" })).toMatchObject([
    { name, latestVersion: '1.0' },
  ])
  expect(await detectors.list({ filter: "labels in ('rust')" })).toEqual([])

  await detectors.createVersion(name, { versionNumber: '1.1', capabilities })
  await detectors.deleteVersion(name, '1.1')
  expect((await detectors.get(name)).versions).toHaveLength(1)
  await detectors.delete(name)
  await expect(detectors.get(name)).rejects.toBeInstanceOf(NotFoundError)
})

test('v1: a detector and its first version are made in one step, and so is the next', async () => {
  const { detectors } = client
  const detector = {
    name: 'rust',
    type: 'PhotoSegmentationDetector',
    version: '1.0',
    labels: ['rust'],
    exports: ['Polygons' as const],
  }
  const { detector: created, uploadUrl } = await detectors.create(detector)
  expect(created).toMatchObject({ name: 'rust', versions: [{ version: '1.0', status: 'AwaitingData' }] })
  await pushBlob(uploadUrl, await fileOf(detectorArchive()), { fetch: toServer })
  await detectors.complete('rust', '1.0')
  await detectors.publish('rust', '1.0')
  await detectors.unpublish('rust', '1.0')
  await detectors.create({ ...detector, version: '1.1' })
  await detectors.deleteVersion('rust', '1.1')
  expect(await detectors.update('rust', { description: 'Rust on steel.' })).toMatchObject({
    description: 'Rust on steel.',
    versions: [{ version: '1.0', status: 'Ready' }],
  })
  expect((await detectors.list()).map(({ name }) => name)).toEqual([
    '@alidade/als-basic',
    '@alidade/ground',
    'rust',
  ])
  expect(await detectors.get('rust')).toMatchObject({ name: 'rust' })
  await detectors.delete('rust')
  await expect(detectors.get('rust')).rejects.toBeInstanceOf(NotFoundError)
})

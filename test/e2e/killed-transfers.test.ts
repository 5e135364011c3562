// Transfers whose process is killed on the way, against the real blob routes.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCountingProxy } from '../../packages/client/src/testing/counting-proxy.ts'
import { killedTransfer } from '../../packages/client/src/testing/killed-transfer.ts'
import { type BlobServer, startBlobServer } from '../../packages/server/src/blobs/blob-server-fixture.ts'

const sizeBytes = 64e6
/** Small ones, as the file is: four of them on their way at a kill are 0.8 percent of it. */
const blockBytes = String(128 * 1024)

let folder: string
let server: BlobServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-killed-'))
  server = await startBlobServer({ root: join(folder, 'store') })
})
afterAll(async () => {
  await server.app.close()
  await rm(folder, { recursive: true })
})

const sha1Of = async (path: string) =>
  createHash('sha1')
    .update(await readFile(path))
    .digest('hex')

test('a push that is killed twice, and a pull that is killed once, go on where they were, and the bytes are the same', {
  timeout: 120_000,
}, async () => {
  const source = join(folder, 'survey.bin')
  await writeFile(source, randomBytes(sizeBytes))
  const container = new URL(server.containerUrl('b4b0d1de-29b7-4e5b-8f0e-0f3a3c9a1a11'))
  await using proxy = await startCountingProxy(server.origin)
  const url = proxy.url + container.pathname + container.search

  const pushed = await killedTransfer(['push', url, source, join(folder, 'journal'), blockBytes], {
    sizeBytes,
    kills: 2,
  })
  expect(pushed.kills).toBe(2)
  expect(proxy.fromClients.bytes).toBeGreaterThan(sizeBytes)
  expect(proxy.fromClients.bytes).toBeLessThan(1.02 * sizeBytes)

  const results = join(folder, 'results')
  const pulled = await killedTransfer(['pull', url, results, '', blockBytes], { sizeBytes, kills: 1 })
  expect(pulled.kills).toBe(1)
  expect(await readdir(results)).toEqual(['survey.bin'])
  expect(await sha1Of(join(results, 'survey.bin'))).toBe(await sha1Of(source))
})

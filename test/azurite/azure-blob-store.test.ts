// The Azure adapter of the blob port does what every blob store does.
import { randomBytes, randomUUID } from 'node:crypto'
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { BlobServiceClient, ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { AzureBlobStore } from '../../packages/server/src/blobs/azure-blob-store.ts'
import { describeBlobStore } from '../../packages/server/src/blobs/blob-store-behaviour.ts'
import { stagedBlockBytes } from '../../packages/server/src/blobs/staged-blocks.ts'

function openStore(owner: string): AzureBlobStore {
  return new AzureBlobStore({ connectionString: inject('connectionString'), owner, now: () => new Date() })
}

describeBlobStore('azure', async () => ({ store: openStore(randomUUID()), close: async () => {} }), {
  sweepsByItself: true,
})

describe('beside what every store does', () => {
  const owner = randomUUID()
  let store: AzureBlobStore
  let folder: string
  beforeAll(async () => {
    store = openStore(owner)
    folder = await mkdtemp(join(tmpdir(), 'alidade-azure-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('a body and a file of several blocks come back as they went, also in pieces', async () => {
    const container = { id: randomUUID(), attempt: 3 }
    const content = randomBytes(2 * stagedBlockBytes + 12_345)
    await store.putBlob(container, 'body', inPieces(content, 100_003), { sizeBytes: content.length })
    await writeFile(join(folder, 'file'), content)
    await store.publishFile(container, 'tiles/file', join(folder, 'file'), {
      contentType: 'application/vnd.las',
    })
    for (const name of ['body', 'tiles/file']) {
      const { stream, properties } = await store.read(container, name)
      expect(properties.sizeBytes).toBe(content.length)
      expect((await buffer(stream)).equals(content)).toBe(true)
      const part = await store.read(container, name, { offset: stagedBlockBytes - 5, lengthBytes: 10 })
      const wanted = content.subarray(stagedBlockBytes - 5, stagedBlockBytes + 5)
      expect((await buffer(part.stream)).equals(wanted)).toBe(true)
    }
    expect(await store.sizeOf(container)).toBe(2 * content.length)
  })

  test('a body of exactly one block, and of one byte more, is whole', async () => {
    const container = { id: randomUUID(), attempt: 0 }
    for (const size of [stagedBlockBytes, stagedBlockBytes + 1]) {
      const content = randomBytes(size)
      await store.putBlob(container, `${size}`, inPieces(content, 65_536))
      expect((await buffer((await store.read(container, `${size}`)).stream)).equals(content)).toBe(true)
    }
  })

  test('a large body that breaks off, or is not what was promised, leaves what was there', async () => {
    const container = { id: randomUUID(), attempt: 0 }
    const content = randomBytes(stagedBlockBytes + 7)
    await store.putBlob(container, 'x', inPieces(Buffer.from('before'), 3))
    const promised = { sizeBytes: content.length + 1 }
    await expect(store.putBlob(container, 'x', inPieces(content, 9999), promised)).rejects.toMatchObject({
      code: 'LengthMismatch',
    })
    expect((await buffer((await store.read(container, 'x')).stream)).toString()).toBe('before')
  })

  test('containers of others in the account are neither listed nor, by that, swept', async () => {
    const [mine, theirs] = [randomUUID(), randomUUID()]
    await store.putBlob({ id: mine, attempt: 0 }, 'x', inPieces(Buffer.from('x'), 1))
    await openStore(randomUUID()).putBlob({ id: theirs, attempt: 0 }, 'x', inPieces(Buffer.from('x'), 1))
    const account = BlobServiceClient.fromConnectionString(inject('connectionString'))
    const unmarked = randomUUID()
    await account.createContainer(unmarked)
    await account.createContainer(`backup-${randomUUID()}`)
    const listed: string[] = []
    for await (const { id } of store.containers()) listed.push(id)
    expect(listed).toContain(mine)
    expect(listed).not.toContain(theirs)
    expect(listed).not.toContain(unmarked)
  })

  test('a signed URL does what it says for an hour, in its own container, and makes the container', async () => {
    const container = { id: randomUUID(), attempt: 0 }
    const read = new URL(await store.signedUrl(container, 'Read'))
    const lifetimeMs = Date.parse(read.searchParams.get('se')!) - Date.now()
    expect(Math.abs(lifetimeMs - 3_600_000)).toBeLessThan(10_000)
    expect([read.searchParams.get('sp'), read.searchParams.get('sr'), read.searchParams.get('st')]).toEqual([
      'rl',
      'c',
      null,
    ])
    const reader = new ContainerClient(read.href)
    expect((await reader.listBlobsFlat().next()).done).toBe(true)
    await expect(reader.getBlockBlobClient('x').upload('x', 1)).rejects.toMatchObject({ statusCode: 403 })
    const writer = new ContainerClient(await store.signedUrl(container, 'Write'))
    await writer.getBlockBlobClient('x').upload('hello', 5)
    expect(await reader.getBlobClient('x').downloadToBuffer()).toEqual(Buffer.from('hello'))
    expect(await store.sizeOf(container)).toBe(5)
  })

  test('a name that a client of the account spelled its own way is read, listed and deleted', async () => {
    const container = { id: randomUUID(), attempt: 0 }
    const writer = new ContainerClient(await store.signedUrl(container, 'Write'))
    const name = 'Höhe.las'.normalize('NFD')
    await writer.getBlockBlobClient(name).upload('hello', 5)
    const [listed] = (await store.list(container)).blobs
    expect(listed?.name).toBe(name)
    expect((await store.get(container, name))?.sizeBytes).toBe(5)
    expect((await buffer((await store.read(container, name)).stream)).toString()).toBe('hello')
    expect(await store.delete(container, name)).toBe(true)
  })

  test('an attempt whose container was removed in the midst of a file publishes nothing', async () => {
    const container = { id: randomUUID(), attempt: 1 }
    await writeFile(join(folder, 'late'), randomBytes(10))
    await store.publishFile(container, 'first', await copyOf(join(folder, 'late')))
    await openStore(owner).deleteContainer(container)
    await expect(store.publishFile(container, 'late', join(folder, 'late'))).rejects.toMatchObject({
      code: 'ContainerGone',
    })
    expect((await stat(join(folder, 'late'))).size).toBe(10)
  })

  test('a container that was removed is made again by the next upload that begins', async () => {
    const container = { id: randomUUID(), attempt: 0 }
    for (const content of ['before', 'after']) {
      await store.putBlob(container, 'x', inPieces(Buffer.from(content), 3))
      expect((await buffer((await store.read(container, 'x')).stream)).toString()).toBe(content)
      await store.deleteContainer(container)
    }
  })

  test('attempts far up are removed with the rest', async () => {
    const id = randomUUID()
    for (const attempt of [0, 2, 17, 30]) await store.signedUrl({ id, attempt }, 'Read')
    await store.deleteContainer({ id })
    const left: number[] = []
    for await (const key of store.containers()) if (key.id === id) left.push(key.attempt)
    expect(left).toEqual([])
  })

  test('a wrong key is a fault that names no secret', async () => {
    const wrong = inject('connectionString').replace(/AccountKey=[^;]+/, 'AccountKey=d3Jvbmc=')
    const refused = new AzureBlobStore({ connectionString: wrong, owner, now: () => new Date(), maxTries: 1 })
    const fault = await refused.check().catch((error: unknown) => error)
    expect(fault).toMatchObject({ name: 'AzureStorageError', status: 403 })
    const shown = inspect(fault, { depth: 9 })
    expect(shown).not.toMatch(/SharedKey|d3Jvbmc|sig=/)
  })

  async function copyOf(path: string): Promise<string> {
    await copyFile(path, `${path}.copy`)
    return `${path}.copy`
  }
})

async function* inPieces(content: Buffer, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes)
}

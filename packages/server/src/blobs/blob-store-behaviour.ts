/** What every blob store does. Each adapter runs it: `describeBlobStore('folder', openStore)`. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlobStore, BlockReference, ContainerKey } from './blob-store.ts'

export interface OpenedStore {
  readonly store: BlobStore
  close(): Promise<void>
}

export interface StoreTraits {
  /** Half uploads go by themselves after a week, by the clock of the store, which no test can set. */
  readonly sweepsByItself?: boolean
}

/** `open` makes an empty store; it is called once. */
export function describeBlobStore(
  name: string,
  open: () => Promise<OpenedStore>,
  { sweepsByItself = false }: StoreTraits = {},
): void {
  describe(`blob store: ${name}`, () => {
    let opened: OpenedStore
    let store: BlobStore
    beforeAll(async () => {
      opened = await open()
      store = opened.store
    })
    afterAll(() => opened.close())

    const newContainer = (): ContainerKey => ({ id: randomUUID(), attempt: 0 })
    const put = (container: ContainerKey, blob: string, content: string) =>
      store.putBlob(container, blob, bytes(content))
    const putBlocks = async (container: ContainerKey, blob: string, blocks: Record<string, string>) => {
      for (const [id, content] of Object.entries(blocks)) {
        await store.putBlock(container, blob, blockId(id), bytes(content))
      }
    }
    const text = async (container: ContainerKey, blob: string, offset?: number, lengthBytes?: number) => {
      const { stream } = await store.read(container, blob, {
        ...(offset !== undefined && { offset }),
        ...(lengthBytes !== undefined && { lengthBytes }),
      })
      return (await buffer(stream)).toString()
    }
    const names = async (container: ContainerKey) =>
      (await store.list(container)).blobs.map((blob) => blob.name)

    test('containers that something lies in are listed, each attempt by itself, until they are removed', async () => {
      const uploads = newContainer()
      const attempt = { id: randomUUID().toUpperCase(), attempt: 12 }
      const half = newContainer()
      const listed = async () => {
        const own = new Set([uploads.id, attempt.id.toLowerCase(), half.id])
        const found: string[] = []
        for await (const { id, attempt } of store.containers())
          if (own.has(id)) found.push(`${id}/${attempt}`)
        return found.sort()
      }
      expect(await listed()).toEqual([])
      await put(uploads, 'a.las', 'a')
      await put(attempt, 'b.las', 'b')
      await store.putBlock(half, 'c.las', blockId('1'), bytes('c'))
      expect(await listed()).toEqual(
        [`${uploads.id}/0`, `${attempt.id.toLowerCase()}/12`, `${half.id}/0`].sort(),
      )
      for (const container of [uploads, attempt, half]) await store.deleteContainer(container)
      expect(await listed()).toEqual([])
    })

    test('a put blob is read back with its properties', async () => {
      const container = newContainer()
      const before = Date.now()
      const put = await store.putBlob(container, 'a/b.las', bytes('hello ', 'world'), {
        contentType: 'text/plain',
        contentEncoding: 'gzip',
        sizeBytes: 11,
      })
      expect(put).toMatchObject({
        name: 'a/b.las',
        sizeBytes: 11,
        contentType: 'text/plain',
        contentEncoding: 'gzip',
      })
      expect(put.etag).toMatch(/^"[^"]+"$/)
      expect(put.lastModified.getTime()).toBeGreaterThanOrEqual(before - 1000)
      expect(await store.get(container, 'a/b.las')).toEqual(put)
      expect((await store.read(container, 'a/b.las')).properties).toEqual(put)
      expect(await text(container, 'a/b.las')).toBe('hello world')
    })

    test('an empty blob is a blob', async () => {
      const container = newContainer()
      await store.putBlob(container, 'empty', bytes())
      expect((await store.get(container, 'empty'))?.sizeBytes).toBe(0)
      expect(await text(container, 'empty')).toBe('')
      await store.commitBlocks(container, 'no blocks', [])
      expect(await text(container, 'no blocks')).toBe('')
    })

    test('committed blocks read as one blob, in the order of the list', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: 'one', b: 'two', c: 'three' })
      const committed = await store.commitBlocks(container, 'x', latest('c', 'a', 'b', 'a'), {
        contentType: 'application/vnd.las',
      })
      expect(committed).toMatchObject({ sizeBytes: 14, contentType: 'application/vnd.las' })
      expect(await text(container, 'x')).toBe('threeonetwoone')
    })

    test('ranges cross the borders of blocks', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: '0123', b: '4567', c: '89' })
      await store.commitBlocks(container, 'x', latest('a', 'b', 'c'))
      for (let from = 0; from <= 10; from++) {
        for (let length = 0; length <= 12 - from; length++) {
          expect(await text(container, 'x', from, length)).toBe('0123456789'.slice(from, from + length))
        }
      }
      await expect(store.read(container, 'x', { offset: 11 })).rejects.toMatchObject({ code: 'InvalidRange' })
    })

    test('uncommitted blocks are invisible and can be replaced until they are committed', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: 'first' })
      await putBlocks(container, 'x', { a: 'second' })
      expect(await store.get(container, 'x')).toBeUndefined()
      expect(await names(container)).toEqual([])
      expect(await store.sizeOf(container)).toBe(0)
      await expect(store.read(container, 'x')).rejects.toMatchObject({ code: 'BlobNotFound' })
      await store.commitBlocks(container, 'x', latest('a'))
      expect(await text(container, 'x')).toBe('second')
    })

    test('a block list takes blocks from where it says', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: 'old a', b: 'old b' })
      await store.commitBlocks(container, 'x', latest('a', 'b'))
      await putBlocks(container, 'x', { a: 'new a' })
      await store.commitBlocks(container, 'x', [
        { id: blockId('a'), from: 'committed' },
        { id: blockId('b'), from: 'latest' },
        { id: blockId('a'), from: 'uncommitted' },
      ])
      expect(await text(container, 'x')).toBe('old aold bnew a')
    })

    test('a block that is not there refuses the whole list and changes nothing', async () => {
      const container = newContainer()
      await put(container, 'x', 'before')
      await putBlocks(container, 'x', { a: 'a' })
      for (const blocks of [
        latest('a', 'b'),
        [{ id: blockId('a'), from: 'committed' } as const],
        [{ id: blockId('c'), from: 'uncommitted' } as const],
      ]) {
        await expect(store.commitBlocks(container, 'x', blocks)).rejects.toMatchObject({
          code: 'InvalidBlockList',
        })
      }
      expect(await text(container, 'x')).toBe('before')
    })

    test('blocks a commit did not list are gone', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: 'a', b: 'b' })
      await store.commitBlocks(container, 'x', latest('a'))
      await expect(store.commitBlocks(container, 'x', latest('b'))).rejects.toMatchObject({
        code: 'InvalidBlockList',
      })
      expect(await text(container, 'x')).toBe('a')
    })

    test('blocks a commit did not list are gone also while a reader still holds them', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: 'a', b: 'b' })
      await store.commitBlocks(container, 'x', latest('a', 'b'))
      const reader = await store.read(container, 'x')
      await store.commitBlocks(container, 'x', latest('a'))
      await expect(store.commitBlocks(container, 'x', latest('a', 'b'))).rejects.toMatchObject({
        code: 'InvalidBlockList',
      })
      expect((await buffer(reader.stream)).toString()).toBe('ab')
    })

    test('block ids that are not base64 of 1 to 64 bytes are refused', async () => {
      const container = newContainer()
      for (const id of ['', '%%%', 'YQ', 'a b=', Buffer.alloc(65).toString('base64')]) {
        await expect(store.putBlock(container, 'x', id, bytes('a'))).rejects.toMatchObject({
          code: 'InvalidBlockId',
        })
      }
    })

    test('a body of another length or MD5 than promised leaves nothing', async () => {
      const container = newContainer()
      for (const sizeBytes of [3, 5]) {
        await expect(store.putBlob(container, 'x', bytes('four'), { sizeBytes })).rejects.toMatchObject({
          code: 'LengthMismatch',
        })
      }
      const md5 = createHash('md5').update('other').digest('base64')
      await expect(store.putBlob(container, 'x', bytes('four'), { md5 })).rejects.toMatchObject({
        code: 'Md5Mismatch',
      })
      await expect(
        store.putBlock(container, 'x', blockId('a'), bytes('four'), { md5 }),
      ).rejects.toMatchObject({
        code: 'Md5Mismatch',
      })
      expect(await names(container)).toEqual([])
      await expect(store.commitBlocks(container, 'x', latest('a'))).rejects.toMatchObject({
        code: 'InvalidBlockList',
      })
      const right = createHash('md5').update('four').digest('base64')
      expect((await store.putBlob(container, 'x', bytes('four'), { contentMd5: right })).contentMd5).toBe(
        right,
      )
    })

    test('a body that breaks off leaves what was there before', async () => {
      const container = newContainer()
      await put(container, 'x', 'before')
      await expect(store.putBlob(container, 'x', broken('half'))).rejects.toThrow('connection lost')
      expect(await text(container, 'x')).toBe('before')
    })

    test('an aborted upload leaves nothing', async () => {
      const container = newContainer()
      const controller = new AbortController()
      async function* body() {
        yield Buffer.from('half')
        controller.abort()
        yield Buffer.from('rest')
      }
      const upload = store.putBlob(container, 'x', body(), { signal: controller.signal })
      await expect(upload).rejects.toMatchObject({ code: 'Aborted' })
      expect(await names(container)).toEqual([])
    })

    test('names keep spaces, umlauts, folders and case; NFD and backslashes find the same blob', async () => {
      const container = newContainer()
      const all = [' lead', 'Gelände/Höhe 1.las', 'a//b', 'case', 'Case', 'x/', '100%', 'a&<b>"', '😀/\uffee']
      for (const each of all) await put(container, each, each)
      expect(await names(container)).toEqual(
        [...all].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      )
      for (const each of all) expect(await text(container, each)).toBe(each)
      expect(await text(container, 'Gelände\\Höhe 1.las'.normalize('NFD'))).toBe('Gelände/Höhe 1.las')
    })

    test('names that could hurt somebody else are refused by every operation', async () => {
      const container = newContainer()
      for (const bad of [
        '',
        '..',
        '../x',
        'a/../b',
        'a\\..\\b',
        './a',
        'a\0b',
        'a\nb',
        'C:\\x',
        '\ud800',
        'x'.repeat(1025),
      ]) {
        const invalid = { code: 'InvalidName' }
        await expect(put(container, bad, 'x')).rejects.toMatchObject(invalid)
        await expect(store.putBlock(container, bad, blockId('a'), bytes('x'))).rejects.toMatchObject(invalid)
        await expect(store.commitBlocks(container, bad, [])).rejects.toMatchObject(invalid)
        await expect(store.get(container, bad)).rejects.toMatchObject(invalid)
        await expect(store.read(container, bad)).rejects.toMatchObject(invalid)
        await expect(store.delete(container, bad)).rejects.toMatchObject(invalid)
      }
    })

    test('container ids that are no GUID and attempts that are no count are refused', async () => {
      for (const id of ['', '..', '../..', 'x', `${randomUUID()}/..`, `${randomUUID()}\n`]) {
        const invalid = { code: 'InvalidContainer' }
        await expect(store.list({ id, attempt: 0 })).rejects.toMatchObject(invalid)
        await expect(store.deleteContainer({ id })).rejects.toMatchObject(invalid)
      }
      for (const attempt of [-1, 0.5, Number.NaN, 2 ** 60]) {
        await expect(store.list({ id: randomUUID(), attempt })).rejects.toMatchObject({
          code: 'InvalidContainer',
        })
      }
    })

    test('a list comes in pages, sorted by name, of one prefix', async () => {
      const container = newContainer()
      const wanted = Array.from({ length: 12 }, (_, i) => `tiles/${String(i).padStart(2, '0')}`)
      for (const each of [...wanted].reverse()) await put(container, each, each)
      await put(container, 'other', 'x')
      await put(container, 'zzz', 'x')
      const seen: string[] = []
      const sizes: number[] = []
      let marker: string | undefined
      do {
        const page = await store.list(container, {
          prefix: 'tiles/',
          maxResults: 5,
          ...(marker !== undefined && { marker }),
        })
        seen.push(...page.blobs.map((blob) => blob.name))
        sizes.push(page.blobs.length)
        marker = page.nextMarker
      } while (marker !== undefined)
      expect(seen).toEqual(wanted)
      expect(sizes).toEqual([5, 5, 2])
      expect((await store.list(container, { maxResults: 14 })).nextMarker).toBeUndefined()
    })

    test('containers and attempts do not see each other', async () => {
      const container = newContainer()
      const attempt = { id: container.id, attempt: 1 }
      await put(container, 'x', 'uploaded')
      await put(attempt, 'x', 'computed')
      await put(newContainer(), 'y', 'elsewhere')
      expect(await names(container)).toEqual(['x'])
      expect(await text(container, 'x')).toBe('uploaded')
      expect(await text(attempt, 'x')).toBe('computed')
      expect(await text({ id: container.id.toUpperCase(), attempt: 0 }, 'x')).toBe('uploaded')
      expect(await names({ id: container.id, attempt: 2 })).toEqual([])
      await store.deleteContainer(attempt)
      expect(await names(attempt)).toEqual([])
      expect(await names(container)).toEqual(['x'])
    })

    test('a removed container is empty, at once and for good', async () => {
      const container = newContainer()
      await put(container, 'x', 'x')
      await put({ ...container, attempt: 3 }, 'y', 'y')
      await putBlocks(container, 'half', { a: 'a' })
      const reader = await store.read(container, 'x')
      await store.deleteContainer({ id: container.id })
      await store.deleteContainer({ id: container.id })
      expect((await buffer(reader.stream)).toString()).toBe('x')
      expect(await names(container)).toEqual([])
      expect(await names({ ...container, attempt: 3 })).toEqual([])
      await expect(store.commitBlocks(container, 'half', latest('a'))).rejects.toMatchObject({
        code: 'InvalidBlockList',
      })
      await put(container, 'new', 'new')
      expect(await text(container, 'new')).toBe('new')
    })

    test('an upload that ends after its container was removed does not bring it back', async () => {
      const container = newContainer()
      await put(container, 'x', 'x')
      async function* body() {
        yield Buffer.from('half')
        await store.deleteContainer({ id: container.id })
        yield Buffer.from('rest')
      }
      await expect(store.putBlob(container, 'late', body())).rejects.toMatchObject({ code: 'ContainerGone' })
      expect(await names(container)).toEqual([])
    })

    test('a deleted blob is gone, a missing one says so', async () => {
      const container = newContainer()
      await put(container, 'x', 'x')
      expect(await store.delete(container, 'x')).toBe(true)
      expect(await store.delete(container, 'x')).toBe(false)
      expect(await store.get(container, 'x')).toBeUndefined()
      expect(await names(container)).toEqual([])
    })

    test('readers of a version that is overwritten or deleted go on to its end', async () => {
      const container = newContainer()
      const large = 'abcdefgh'.repeat(100_000)
      await putBlocks(container, 'x', { a: large, b: large.toUpperCase() })
      await store.commitBlocks(container, 'x', latest('a', 'b'))
      const first = await store.read(container, 'x')
      await put(container, 'x', 'second')
      const second = await store.read(container, 'x')
      await store.delete(container, 'x')
      expect((await buffer(first.stream)).toString() === large + large.toUpperCase()).toBe(true)
      expect((await buffer(second.stream)).toString()).toBe('second')
    })

    test('conditions are decided at the commit', async () => {
      const container = newContainer()
      const first = await store.putBlob(container, 'x', bytes('1'), { ifNoneMatch: '*' })
      await expect(store.putBlob(container, 'x', bytes('2'), { ifNoneMatch: '*' })).rejects.toMatchObject({
        code: 'BlobAlreadyExists',
      })
      const second = await store.putBlob(container, 'x', bytes('2'), { ifMatch: first.etag })
      expect(second.etag).not.toBe(first.etag)
      expect(second.createdAt).toEqual(first.createdAt)
      const stale = { ifMatch: first.etag }
      const refused = { code: 'ConditionNotMet' }
      await expect(store.putBlob(container, 'x', bytes('3'), stale)).rejects.toMatchObject(refused)
      await expect(store.commitBlocks(container, 'x', [], stale)).rejects.toMatchObject(refused)
      await expect(store.delete(container, 'x', stale)).rejects.toMatchObject(refused)
      await expect(store.read(container, 'x', stale)).rejects.toMatchObject(refused)
      await expect(store.putBlob(container, 'y', bytes('1'), { ifMatch: '*' })).rejects.toMatchObject(refused)
      await expect(
        store.putBlob(container, 'x', bytes('3'), { ifNoneMatch: second.etag }),
      ).rejects.toMatchObject(refused)
      expect(await text(container, 'x')).toBe('2')
    })

    test('a blob that was written since, or was not, can be kept from being overwritten', async () => {
      const container = newContainer()
      const { lastModified } = await store.putBlob(container, 'x', bytes('1'))
      const minutes = (count: number) => new Date(lastModified.getTime() + count * 60_000)
      const refused = { code: 'ConditionNotMet' }
      for (const condition of [{ ifUnmodifiedSince: minutes(-1) }, { ifModifiedSince: minutes(1) }]) {
        await expect(store.putBlob(container, 'x', bytes('2'), condition)).rejects.toMatchObject(refused)
        await expect(store.commitBlocks(container, 'x', [], condition)).rejects.toMatchObject(refused)
        await expect(store.delete(container, 'x', condition)).rejects.toMatchObject(refused)
      }
      expect(await text(container, 'x')).toBe('1')
      await store.putBlob(container, 'x', bytes('2'), { ifUnmodifiedSince: minutes(1) })
      await store.putBlob(container, 'x', bytes('3'), { ifModifiedSince: minutes(-1) })
      await store.putBlob(container, 'y', bytes('new'), { ifUnmodifiedSince: minutes(-1) })
      expect(await text(container, 'x')).toBe('3')
    })

    test('blocks that are too large together are refused', async () => {
      const container = newContainer()
      await putBlocks(container, 'x', { a: '12345' })
      await expect(
        store.commitBlocks(container, 'x', latest('a', 'a'), { maxSizeBytes: 9 }),
      ).rejects.toMatchObject({ code: 'TooLarge' })
      await store.commitBlocks(container, 'x', latest('a', 'a'), { maxSizeBytes: 10 })
    })

    test('of many writers of one blob one wins whole, and readers never see a mix', async () => {
      const container = newContainer()
      const letters = [...'abcdefgh']
      const content = (letter: string) => letter.repeat(200_000)
      await put(container, 'x', content('a'))
      let writing = true
      const seen = new Set<string>()
      const reader = (async () => {
        while (writing) seen.add([...new Set(await text(container, 'x'))].join(''))
      })()
      await Promise.all(
        letters.flatMap((letter) => [
          put(container, 'x', content(letter)),
          (async () => {
            await putBlocks(container, 'x', { [`${letter}1`]: letter.repeat(150_000) })
            await putBlocks(container, 'x', { [`${letter}2`]: letter.repeat(50_000) })
            // Another writer's commit may have dropped these blocks: then nothing changes.
            await store.commitBlocks(container, 'x', latest(`${letter}1`, `${letter}2`)).catch((error) => {
              expect(error).toMatchObject({ code: 'InvalidBlockList' })
            })
          })(),
        ]),
      )
      writing = false
      await reader
      for (const each of seen) expect(letters).toContain(each)
      expect(await text(container, 'x')).toHaveLength(200_000)
      expect(await store.sizeOf(container)).toBe(200_000)
    })

    test('the size of a container is the sum of its blobs, also right after a change', async () => {
      const container = newContainer()
      expect(await store.sizeOf(container)).toBe(0)
      await put(container, 'x', '12345')
      await put(container, 'y', '123')
      expect(await store.sizeOf(container)).toBe(8)
      await put(container, 'x', '1')
      expect(await store.sizeOf(container)).toBe(4)
      await store.delete(container, 'y')
      expect(await store.sizeOf(container)).toBe(1)
    })

    test('a finished local file moves in', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'alidade-publish-'))
      try {
        const container = { id: randomUUID(), attempt: 2 }
        const path = join(folder, 'result.las')
        await writeFile(path, 'result')
        const published = await store.publishFile(container, 'out/result.las', path, { contentType: 'x/y' })
        expect(published).toMatchObject({ name: 'out/result.las', sizeBytes: 6, contentType: 'x/y' })
        expect(await text(container, 'out/result.las')).toBe('result')
        await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })

        await writeFile(path, 'again')
        const onlyNew = { ifNoneMatch: '*' }
        await expect(store.publishFile(container, 'out/result.las', path, onlyNew)).rejects.toMatchObject({
          code: 'BlobAlreadyExists',
        })
        expect((await stat(path)).size).toBe(5)
        await expect(store.publishFile(container, 'x', folder)).rejects.toThrow(TypeError)
      } finally {
        await rm(folder, { recursive: true })
      }
    })

    test.skipIf(sweepsByItself)(
      'the sweep removes half uploads of a certain age and nothing else',
      async () => {
        const container = newContainer()
        await putBlocks(container, 'done', { a: 'abc', b: 'def' })
        await store.commitBlocks(container, 'done', latest('b', 'a'))
        await put(container, 'put', 'put')
        await putBlocks(container, 'half', { a: '12345' })
        const inSixDays = new Date(Date.now() + 6 * 86_400_000)
        const inEightDays = new Date(Date.now() + 8 * 86_400_000)
        await store.sweep({ now: inSixDays })
        await putBlocks(container, 'half', { b: '678' })
        await store.commitBlocks(container, 'half 2', [])
        const swept = await store.sweep({ now: inEightDays })
        expect(swept.bytesRemoved).toBeGreaterThanOrEqual(8)
        await expect(store.commitBlocks(container, 'half', latest('a'))).rejects.toMatchObject({
          code: 'InvalidBlockList',
        })
        expect(await names(container)).toEqual(['done', 'half 2', 'put'])
        expect(await text(container, 'done')).toBe('defabc')
        expect(await text(container, 'put')).toBe('put')
        await putBlocks(container, 'half', { a: 'again' })
        await store.commitBlocks(container, 'half', latest('a'))
        expect(await text(container, 'half')).toBe('again')
      },
    )

    test('a stream nobody reads to its end does not keep others from the blob', async () => {
      const container = newContainer()
      await put(container, 'x', 'x'.repeat(2_000_000))
      const { stream } = await store.read(container, 'x')
      await firstChunk(stream)
      stream.destroy()
      await put(container, 'x', 'new')
      expect(await text(container, 'x')).toBe('new')
    })
  })
}

async function* bytes(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

async function* broken(start: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(start)
  throw new Error('connection lost')
}

function blockId(id: string): string {
  return Buffer.from(id.padStart(8, '0')).toString('base64')
}

function latest(...ids: string[]): BlockReference[] {
  return ids.map((id) => ({ id: blockId(id), from: 'latest' }))
}

async function firstChunk(stream: Readable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('data', () => resolve())
    stream.once('error', reject)
  })
}

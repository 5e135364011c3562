import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type BlockStoreServer, startBlockStore } from '../testing/block-store-server.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { type PullOptions, pull } from './pull.ts'

/** Most tests use small blocks, eight of these, so that many of them are quick. */
const piece = 1024
const blockBytes = 8 * piece

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-pull-'))
  try {
    await work(join(folder, 'results'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

function pullFrom(store: BlockStoreServer, folder: string, options: PullOptions = {}) {
  return pull(() => store.containerUrl(), folder, { blockBytes, ...options })
}

function put(store: BlockStoreServer, name: string, content: Buffer | string, etag = '"e1"'): Buffer {
  const bytes = Buffer.from(content)
  const contentMd5 = createHash('md5').update(bytes).digest('base64')
  store.blobs.set(name, { content: bytes, etag, contentMd5 })
  return bytes
}

test.each([true, false])(
  'everything in a container arrives, over several pages (quoted ETags: %s)',
  (quoteEtags) =>
    inFolder(async (folder) => {
      await using store = await startBlockStore({ pageSize: 2, quoteEtags })
      const large = put(store, 'large.laz', randomBytes(20 * piece + 1))
      put(store, 'empty', '')
      put(store, 'März & <May>/deep/a b%20c+#?.txt', 'small')
      put(store, 'x', 'x')
      put(store, 'y', 'y')
      let last = { doneBytes: 0, totalBytes: -1 }
      const result = await pullFrom(store, folder, {
        onBytes: (progress) => {
          last = progress
        },
      })
      expect(result.files.map(({ name }) => name)).toEqual([
        'März & <May>/deep/a b%20c+#?.txt',
        'empty',
        'large.laz',
        'x',
        'y',
      ])
      expect((await readFile(join(folder, 'large.laz'))).equals(large)).toBe(true)
      expect(await readFile(join(folder, 'März & <May>', 'deep', 'a b%20c+#?.txt'), 'utf8')).toBe('small')
      expect(await readFile(join(folder, 'empty'), 'utf8')).toBe('')
      expect(last.doneBytes).toBe(last.totalBytes)
      expect((await readdir(folder)).filter((name) => name.includes('alidade'))).toEqual([])
      expect(store.requests.filter((r) => r.includes('comp=list'))).toHaveLength(3)
    }),
)

test('an interrupted pull leaves no half file under the name, and goes on where it was', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    const content = put(store, 'big.bin', randomBytes(80 * piece))
    store.fault = (request) => (/bytes=(40960|49152|57344)-/.test(request) ? { status: 418 } : undefined)
    const options = { concurrency: 2 }
    await expect(pullFrom(store, folder, options)).rejects.toMatchObject({ status: 418 })
    expect(existsSync(join(folder, 'big.bin'))).toBe(false)
    await writeFile(join(folder, 'big.bin.alidade.ranges'), '409', { flag: 'a' })

    store.fault = () => undefined
    const { receivedBytes } = await pullFrom(store, folder, options)
    expect(receivedBytes).toBeLessThanOrEqual(40 * piece)
    expect(readFileSync(join(folder, 'big.bin')).equals(content)).toBe(true)
  }))

test('what was pulled of another version is thrown away', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'big.bin', randomBytes(20 * piece))
    store.fault = (request) => (/bytes=16384-/.test(request) ? { status: 418 } : undefined)
    await expect(pullFrom(store, folder, { concurrency: 1 })).rejects.toBeInstanceOf(Error)
    store.fault = () => undefined
    const content = put(store, 'big.bin', randomBytes(20 * piece), '"e2"')
    const { receivedBytes } = await pullFrom(store, folder)
    expect(receivedBytes).toBe(20 * piece)
    expect(readFileSync(join(folder, 'big.bin')).equals(content)).toBe(true)
  }))

test('a blob replaced during the pull is an error that says so', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'big.bin', randomBytes(20 * piece))
    store.fault = (request) => {
      if (request.includes('bytes=8192-')) put(store, 'big.bin', randomBytes(20 * piece), '"e2"')
      return undefined
    }
    await expect(pullFrom(store, folder, { concurrency: 1 })).rejects.toMatchObject({
      status: 412,
      message: expect.stringContaining('replaced'),
    })
    expect(existsSync(join(folder, 'big.bin'))).toBe(false)
  }))

test('a file that is there already, byte for byte, is not fetched again; a changed one is', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'same.txt', 'same')
    put(store, 'edited.txt', 'right')
    await pullFrom(store, folder)
    await writeFile(join(folder, 'edited.txt'), 'wrong')
    const { receivedBytes } = await pullFrom(store, folder)
    expect(receivedBytes).toBe(5)
    expect(readFileSync(join(folder, 'edited.txt'), 'utf8')).toBe('right')
  }))

test('content that does not match its MD5 is refused and not kept', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'a.bin', 'good')
    store.blobs.set('a.bin', { ...store.blobs.get('a.bin')!, content: Buffer.from('evil') })
    await expect(pullFrom(store, folder)).rejects.toThrow(/a\.bin arrived damaged/)
    expect(await readdir(folder)).toEqual([])
  }))

test('an answer that breaks off midway, or is of another range, is asked for again', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'a.bin', '0123456789')
    const wrong = { status: 206, headers: { 'content-range': 'bytes 5-9/10' }, body: '56789' }
    const whole = { status: 200, body: '0123456789' }
    store.fault = (_, index) => [undefined, 'hang up midway' as const, wrong, whole][index]
    const clock = virtualClock()
    await pullFrom(store, folder, { clock })
    expect(readFileSync(join(folder, 'a.bin'), 'utf8')).toBe('0123456789')
    expect(clock.sleptSeconds).toEqual([1, 2, 4])
  }))

test('an expired signature is renewed', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    const content = put(store, 'big.bin', randomBytes(40 * piece))
    store.fault = (_, index) => {
      if (index === 2) store.renewSignature()
      return undefined
    }
    let asked = 0
    await pull(
      () => {
        asked++
        return store.containerUrl()
      },
      folder,
      { blockBytes, concurrency: 2 },
    )
    expect(asked).toBe(2)
    expect(readFileSync(join(folder, 'big.bin')).equals(content)).toBe(true)
  }))

test.each(['../up', 'a/../../up', '..', '/etc/passwd', 'a\\b', 'C:\\x', 'a//b', './a'])(
  'the blob name %j is refused before anything is written',
  (name) =>
    inFolder(async (folder) => {
      await using store = await startBlockStore()
      put(store, 'a-good-one', 'x')
      put(store, name, 'evil')
      const pulled = pullFrom(store, folder)
      await expect(pulled).rejects.toThrow(`blob name ${JSON.stringify(name)} is no safe file name`)
      expect(existsSync(folder)).toBe(false)
    }),
)

test('a blob that is a file and a folder at once is refused', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'a', 'x')
    put(store, 'a/b', 'x')
    await expect(pullFrom(store, folder)).rejects.toThrow(/"a" is a file and the folder of "a\/b"/)
  }))

test('with a prefix only those blobs come', () =>
  inFolder(async (folder) => {
    await using store = await startBlockStore()
    put(store, 'a/1', 'x')
    put(store, 'b/1', 'x')
    const { files } = await pullFrom(store, folder, { prefix: 'b/' })
    expect(files).toEqual([{ name: 'b/1', path: join(folder, 'b', '1'), sizeBytes: 1 }])
  }))

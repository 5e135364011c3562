import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServiceError } from '../service-error.ts'
import { startBlockStore } from '../testing/block-store-server.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { push } from './push.ts'
import type { TransferProgress } from './transfer.ts'

/** Most tests use small blocks, eight of these, so that many of them are quick. */
const piece = 1024
const blockBytes = 8 * piece
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'alidade-push-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function fileOf(name: string, content: Buffer | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

test('a folder is pushed with its sub-folders: small and empty files by Put Blob, large ones by blocks', async () => {
  const root = join(folder, 'site')
  await mkdir(join(root, 'März & May', 'deep'), { recursive: true })
  const large = randomBytes(20 * 2 ** 20 + 3)
  await writeFile(join(root, 'large.laz'), large)
  await writeFile(join(root, 'exact.bin'), randomBytes(4 * 2 ** 20))
  await writeFile(join(root, 'März & May', 'deep', 'a b%20c+#?.txt'), 'small')
  await writeFile(join(root, 'empty'), '')
  await symlink(join(root, 'empty'), join(root, 'link'))
  await symlink(root, join(root, 'März & May', 'loop'))
  await using store = await startBlockStore()

  const heard: number[] = []
  let last: TransferProgress | undefined
  const result = await push(() => store.containerUrl(), root, {
    onBytes: (progress) => {
      heard.push(progress.doneBytes)
      expect(progress).toMatchObject({ totalBytes: 24 * 2 ** 20 + 8, totalFiles: 5 })
      last = progress
    },
  })

  expect([...store.blobs.keys()].sort()).toEqual([
    'März & May/deep/a b%20c+#?.txt',
    'empty',
    'exact.bin',
    'large.laz',
    'link',
  ])
  expect(store.blobs.get('large.laz')!.content.equals(large)).toBe(true)
  expect(store.blobs.get('März & May/deep/a b%20c+#?.txt')!.content.toString()).toBe('small')
  expect(store.blobs.get('empty')!.content).toHaveLength(0)
  expect(store.requests.filter((r) => r === 'PUT large.laz?comp=block')).toHaveLength(6)
  expect(store.requests.filter((r) => r === 'PUT exact.bin')).toHaveLength(1)
  expect(result.files.map(({ name }) => name)).toEqual(
    ['März & May/deep/a b%20c+#?.txt', 'empty', 'exact.bin', 'large.laz', 'link'].sort(),
  )
  expect(result.sentBytes).toBe(24 * 2 ** 20 + 8)
  expect(heard.at(-1)).toBe(24 * 2 ** 20 + 8)
  expect(heard).toEqual(heard.toSorted((a, b) => a - b))
  expect(last!.doneFiles).toBe(5)
  expect(last!.bytesPerSecond).toBeGreaterThan(0)
})

test('as many requests run at once as asked for, and no more', async () => {
  const path = await fileOf('wide.bin', randomBytes(40 * piece))
  await using store = await startBlockStore()
  const second = Promise.withResolvers<undefined>()
  store.fault = (_, index) => {
    if (index === 1) second.resolve(undefined)
    return index === 0 ? second.promise : undefined
  }
  await push(() => store.containerUrl(), path, { blockBytes, concurrency: 2 })
  expect(store.mostAtOnce).toBe(2)
  expect(store.blobs.get('wide.bin')!.content).toHaveLength(40 * piece)
})

test('a signature that expires midway is renewed once for all requests, and nothing is lost', async () => {
  const content = randomBytes(40 * piece)
  const path = await fileOf('expiring.bin', content)
  await using store = await startBlockStore()
  store.fault = (_, index) => {
    if (index === 1) store.renewSignature()
    return undefined
  }
  let asked = 0
  const clock = virtualClock()
  const provider = () => {
    asked++
    return store.containerUrl()
  }
  await push(provider, path, { blockBytes, clock })
  expect(asked).toBe(2)
  expect(clock.sleptSeconds).toEqual([])
  expect(store.blobs.get('expiring.bin')!.content.equals(content)).toBe(true)
})

test('a signature that is refused even when fresh is an error that does not show it', async () => {
  const path = await fileOf('refused.bin', 'x')
  await using store = await startBlockStore()
  let asked = 0
  const provider = () => {
    asked++
    return store.containerUrl().replace('sig=s', 'sig=hush')
  }
  const error: ServiceError = await push(provider, path).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(ServiceError)
  expect(error).toMatchObject({ status: 403, code: 'AuthenticationFailed' })
  expect(`${error.message} ${error.request} ${error.stack}`).not.toContain('hush')
  expect(asked).toBe(2)
})

test('cut connections, 503 and 429 are tried again after 1, 2, 4 ... s or what Retry-After says', async () => {
  const path = await fileOf('bumpy.bin', 'content')
  await using store = await startBlockStore()
  store.fault = (_, index) =>
    [
      'hang up' as const,
      { status: 503 },
      { status: 429, headers: { 'retry-after': '40' } },
      { status: 500, body: '<html>' },
    ][index]
  const clock = virtualClock()
  await push(() => store.containerUrl(), path, { blockBytes, clock })
  expect(clock.sleptSeconds).toEqual([1, 2, 40, 8])
  expect(store.blobs.get('bumpy.bin')!.content.toString()).toBe('content')
})

test('a request that keeps failing gives up after its attempts, and says what came', async () => {
  const path = await fileOf('hopeless.bin', 'content')
  await using store = await startBlockStore()
  store.fault = () => ({ status: 503, body: 'Service under repair' })
  const clock = virtualClock()
  const pushed = push(() => store.containerUrl(), path, { blockBytes, clock, maxAttempts: 8 })
  await expect(pushed).rejects.toMatchObject({
    status: 503,
    message: expect.stringContaining('under repair'),
  })
  expect(clock.sleptSeconds).toEqual([1, 2, 4, 8, 16, 30, 30])
})

test('a push that was interrupted sends only the rest when its journal is given again', async () => {
  const content = randomBytes(80 * piece)
  const path = await fileOf('resumed.bin', content)
  const small = await fileOf('resumed-small.bin', 'small')
  const journal = join(folder, 'journal')
  await using store = await startBlockStore()
  const controller = new AbortController()
  store.fault = (request) => {
    if (store.blocks.size === 5) controller.abort()
    return store.blocks.size >= 6 && request.includes('comp=block') ? 'hang up' : undefined
  }
  const source = [small, path]
  const interrupted = push(() => store.containerUrl(), source, {
    blockBytes,
    journal,
    signal: controller.signal,
    concurrency: 1,
  })
  await expect(interrupted).rejects.toMatchObject({ name: 'AbortError' })
  const known = readFileSync(journal, 'utf8').trim().split('\n').length
  expect(known).toBeGreaterThanOrEqual(5)
  await writeFile(journal, '["http://cut', { flag: 'a' })

  store.fault = () => undefined
  let doneBytes = 0
  const { sentBytes } = await push(() => store.containerUrl(), source, {
    blockBytes,
    journal,
    onBytes: (progress) => {
      doneBytes = progress.doneBytes
    },
  })
  expect(store.blobs.get('resumed.bin')!.content.equals(content)).toBe(true)
  expect(sentBytes).toBeLessThanOrEqual(6 * 8 * piece)
  expect(doneBytes).toBe(80 * piece + 5)
  expect(existsSync(journal)).toBe(false)
})

test('blocks the journal knows and the service has swept are sent again', async () => {
  const content = randomBytes(20 * piece)
  const path = await fileOf('swept.bin', content)
  const journal = join(folder, 'swept-journal')
  await using store = await startBlockStore()
  store.fault = (request) => (request.endsWith('blocklist') ? { status: 409 } : undefined)
  await expect(push(() => store.containerUrl(), path, { blockBytes, journal })).rejects.toMatchObject({
    status: 409,
  })
  store.blocks.clear()
  store.fault = () => undefined
  await push(() => store.containerUrl(), path, { blockBytes, journal })
  expect(store.blobs.get('swept.bin')!.content.equals(content)).toBe(true)
})

test('a file that changed since the interruption is sent as it is now', async () => {
  const path = await fileOf('edited.bin', Buffer.alloc(20 * piece, 1))
  const journal = join(folder, 'edited-journal')
  await using store = await startBlockStore()
  store.fault = (request) => (request.endsWith('blocklist') ? { status: 409 } : undefined)
  await expect(push(() => store.containerUrl(), path, { blockBytes, journal })).rejects.toBeInstanceOf(
    ServiceError,
  )
  const edited = Buffer.alloc(20 * piece, 1)
  edited[9 * piece] = 2
  await writeFile(path, edited)
  store.fault = () => undefined
  const { sentBytes } = await push(() => store.containerUrl(), path, { blockBytes, journal })
  expect(sentBytes).toBe(8 * piece)
  expect(store.blobs.get('edited.bin')!.content.equals(edited)).toBe(true)
})

test('a file that grows during the upload is refused and does not appear', async () => {
  const path = await fileOf('growing.bin', Buffer.alloc(20 * piece))
  await using store = await startBlockStore()
  let grown = false
  const onBytes = () => {
    if (!grown) void writeFile(path, 'more', { flag: 'a' })
    grown = true
  }
  await expect(
    push(() => store.containerUrl(), path, { blockBytes, onBytes, concurrency: 1 }),
  ).rejects.toThrow(/changed/)
  expect(store.blobs.size).toBe(0)
})

test('a file that grew while others were sent is not sent with its end cut off', async () => {
  const first = await fileOf('first.bin', 'x')
  const second = await fileOf('second.bin', Buffer.alloc(20 * piece))
  await using store = await startBlockStore()
  let grown: Promise<void> | undefined
  const onBytes = () => {
    grown ??= writeFile(second, 'more', { flag: 'a' })
  }
  store.fault = async () => void (await grown)
  const pushed = push(() => store.containerUrl(), [first, second], { blockBytes, onBytes, concurrency: 1 })
  await expect(pushed).rejects.toThrow(/second\.bin changed/)
  expect([...store.blobs.keys()]).toEqual(['first.bin'])
})

test('names the service could not keep are refused before anything is sent', async () => {
  const path = await fileOf('named.bin', 'x')
  await using store = await startBlockStore()
  for (const name of ['', '../up', 'a//b', '/a', 'a\\b', 'C:a', 'a\0b']) {
    await expect(push(() => store.containerUrl(), [{ path, name }], { blockBytes })).rejects.toBeInstanceOf(
      RangeError,
    )
  }
  const twice = [
    { path, name: 'a' },
    { path, name: 'a' },
  ]
  await expect(push(() => store.containerUrl(), twice, { blockBytes })).rejects.toThrow(/"a"/)
  expect(store.requests).toEqual([])
})

test('a provider that gives no URL is told so without its value', async () => {
  const path = await fileOf('nowhere.bin', 'x')
  const error: Error = await push(() => 'nonsense?sig=hush', path).catch((thrown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect(error.message).not.toContain('hush')
})

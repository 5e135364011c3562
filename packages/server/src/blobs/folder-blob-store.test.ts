import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { describeBlobStore } from './blob-store-behaviour.ts'
import { diskFiles, type Files } from './durable-files.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'

describeBlobStore('folder', async () => {
  const root = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  const store = await openFolderBlobStore({ root })
  return { store, close: () => rm(root, { recursive: true }) }
})

async function openTemporary(files?: Files) {
  const root = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const store = await openFolderBlobStore({ root, ...(files && { files }) })
  return { root, store, container: { id: randomUUID(), attempt: 0 } }
}

/** Tells when each operation was finished; a sync takes a while, so that not waiting for it shows. */
function recordedFiles(events: string[]): Files {
  const kind = (path: string) =>
    /\.part$/.test(path)
      ? path.includes('/blobs/')
        ? 'manifest'
        : 'segment'
      : path.includes('/blobs')
        ? 'blobs'
        : 'data'
  const slowly = async (event: string, operation: Promise<void>) => {
    await operation
    await new Promise((resolve) => setTimeout(resolve, 10))
    events.push(event)
  }
  return {
    ...diskFiles,
    async create(path) {
      const file = await diskFiles.create(path)
      return {
        write: async (chunk) => {
          await file.write(chunk)
          events.push(`write ${kind(path)}`)
        },
        sync: () => slowly(`sync ${kind(path)}`, file.sync()),
        close: () => file.close(),
      }
    },
    syncFile: (path) => slowly('sync local file', diskFiles.syncFile(path)),
    async rename(from, to) {
      await diskFiles.rename(from, to)
      events.push(`rename ${kind(from)}`)
    },
    syncDirectory: (path) => slowly(`sync directory ${kind(path)}`, diskFiles.syncDirectory(path)),
  }
}

async function* bytes(...parts: string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

async function allFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

test('a put is acknowledged only when body, names and manifest are on the disk, in that order', async () => {
  const events: string[] = []
  const { store, container } = await openTemporary(recordedFiles(events))
  await store.putBlob(container, 'warm up the directories', bytes('x'))
  await store.putBlob(container, 'x', bytes('x'))
  events.length = 0
  await store.putBlob(container, 'x', bytes('hello'))
  events.push('acknowledged')
  expect(events).toEqual([
    'write segment',
    'sync segment',
    'rename segment',
    'sync directory data',
    'write manifest',
    'sync manifest',
    'rename manifest',
    'sync directory blobs',
    'acknowledged',
  ])
})

test('a block and a block list are acknowledged only when they are on the disk', async () => {
  const events: string[] = []
  const { store, container } = await openTemporary(recordedFiles(events))
  const id = Buffer.from('1').toString('base64')
  await store.putBlob(container, 'x', bytes('x'))
  events.length = 0
  await store.putBlock(container, 'x', id, bytes('hello'))
  events.push('acknowledged')
  expect(events).toEqual([
    'write segment',
    'sync segment',
    'rename segment',
    'sync directory data',
    'acknowledged',
  ])
  events.length = 0
  await store.commitBlocks(container, 'x', [{ id, from: 'latest' }])
  events.push('acknowledged')
  expect(events).toEqual([
    'write manifest',
    'sync manifest',
    'rename manifest',
    'sync directory blobs',
    'acknowledged',
  ])
})

test('the directories a first blob makes are on the disk before it is acknowledged', async () => {
  const events: string[] = []
  const synced = new Set<string>()
  const files = recordedFiles(events)
  const { root, store, container } = await openTemporary({
    ...files,
    async syncDirectory(path) {
      await files.syncDirectory(path)
      synced.add(path)
    },
  })
  await store.putBlob(container, 'x', bytes('x'))
  const attempt = join(root, 'containers', container.id, '0')
  for (const path of [root, join(root, 'containers'), join(root, 'containers', container.id), attempt]) {
    expect(synced).toContain(path)
  }
})

test('a full disk is a named error and leaves nothing, at whichever write it comes', async () => {
  const id = Buffer.from('1').toString('base64')
  // A put writes: 3 x body, 1 x manifest; then syncs, renames and new directories can fail as well.
  for (const failing of ['write', 'sync', 'rename', 'create', 'syncDirectory'] as const) {
    for (let at = 1; at <= 6; at++) {
      let calls = 0
      let armed = false
      const fail = (operation: string) => {
        if (!armed || operation !== failing || ++calls !== at) return
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      }
      const { root, store, container } = await openTemporary({
        ...diskFiles,
        async create(path) {
          fail('create')
          const file = await diskFiles.create(path)
          return {
            write: async (chunk) => {
              fail('write')
              await file.write(chunk)
            },
            sync: async () => {
              fail('sync')
              await file.sync()
            },
            close: () => file.close(),
          }
        },
        async rename(from, to) {
          fail('rename')
          await diskFiles.rename(from, to)
        },
        async syncDirectory(path) {
          fail('syncDirectory')
          await diskFiles.syncDirectory(path)
        },
      })
      await store.putBlob(container, 'old', bytes('old'))
      await store.putBlock(container, 'blocks', id, bytes('block'))
      const before = (await allFiles(root)).sort()
      armed = true
      const outcome = await store.putBlob(container, 'new', bytes('a', 'b', 'c')).then(
        () => 'stored',
        (error) => error.code,
      )
      armed = false
      if (calls < at) {
        expect(outcome).toBe('stored')
        break
      }
      expect(outcome).toBe('NoSpace')
      // After the manifest's rename the blob is whole: not acknowledged, but never half.
      if ((await store.get(container, 'new')) === undefined) {
        expect((await allFiles(root)).sort()).toEqual(before)
      } else {
        expect(failing).toBe('syncDirectory')
        expect((await buffer((await store.read(container, 'new')).stream)).toString()).toBe('abc')
      }
      await store.commitBlocks(container, 'blocks', [{ id, from: 'latest' }])
    }
  }
})

test('a refused, broken or overwritten body leaves no file behind', async () => {
  const { root, store, container } = await openTemporary()
  await store.putBlob(container, 'x', bytes('1'))
  const before = await allFiles(root)
  expect(before).toHaveLength(2)
  await expect(store.putBlob(container, 'y', bytes('abc'), { sizeBytes: 2 })).rejects.toThrow()
  await expect(store.putBlock(container, 'y', 'YQ==', bytes('abc'), { sizeBytes: 2 })).rejects.toThrow()
  await expect(store.putBlob(container, 'x', bytes('abc'), { ifNoneMatch: '*' })).rejects.toThrow()
  expect(await allFiles(root)).toEqual(before)
  await store.putBlob(container, 'x', bytes('2'))
  expect(await allFiles(root)).toHaveLength(2)
  await store.delete(container, 'x')
  expect(await allFiles(root)).toEqual([])
  await store.putBlob(container, 'x', bytes('3'))
  await store.deleteContainer(container)
  expect(await allFiles(root)).toEqual([])
})

test('a commit keeps the files of its blocks as they are', async () => {
  const { store, container } = await openTemporary()
  for (const id of ['YQ==', 'Yg==']) await store.putBlock(container, 'x', id, bytes(`content of ${id}`))
  await store.commitBlocks(container, 'x', [
    { id: 'Yg==', from: 'latest' },
    { id: 'YQ==', from: 'latest' },
  ])
  const segments = await store.localSegments(container, 'x')
  expect(segments?.map(({ sizeBytes }) => sizeBytes)).toEqual([15, 15])
  const contents = await Promise.all(segments!.map(({ path }) => readFile(path, 'utf8')))
  expect(contents).toEqual(['content of Yg==', 'content of YQ=='])
  expect(await store.localSegments(container, 'y')).toBeUndefined()
})

test('a root may be given in any spelling', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const container = { id: randomUUID(), attempt: 0 }
  for (const root of [`${folder}/a/`, `${folder}/x/../a`, relative(process.cwd(), join(folder, 'a'))]) {
    const store = await openFolderBlobStore({ root })
    await store.putBlob(container, 'x', bytes(root))
    expect((await buffer((await store.read(container, 'x')).stream)).toString()).toBe(root)
  }
})

test('a finished file on another device is copied in, and gone afterwards', async () => {
  const { root, store, container } = await openTemporary({
    ...diskFiles,
    async rename(from, to) {
      if (from.endsWith('result')) throw Object.assign(new Error('another device'), { code: 'EXDEV' })
      await diskFiles.rename(from, to)
    },
  })
  const path = join(root, 'result')
  await writeFile(path, 'finished')
  await store.publishFile(container, 'x', path)
  expect((await buffer((await store.read(container, 'x')).stream)).toString()).toBe('finished')
  expect(await allFiles(root)).toHaveLength(2)
})

test('another process on the same folder sees what was committed, and lists it at once', async () => {
  const { root, store, container } = await openTemporary()
  const other = await openFolderBlobStore({ root })
  await store.putBlob(container, 'x', bytes('x'))
  // Old enough for the listing to be kept.
  const anHourAgo = new Date(Date.now() - 3_600_000)
  await utimes(join(root, 'containers', container.id, '0', 'blobs'), anHourAgo, anHourAgo)
  expect((await other.list(container)).blobs).toHaveLength(1)
  await store.putBlob(container, 'y', bytes('yy'))
  expect((await other.list(container)).blobs.map((blob) => blob.name)).toEqual(['x', 'y'])
  expect(await other.sizeOf(container)).toBe(3)
})

test('what a killed process left half done is invisible and swept', async () => {
  const { root, store, container } = await openTemporary()
  await store.putBlob(container, 'x', bytes('x'))
  let given = () => {}
  const half = new Promise<void>((resolve) => {
    given = resolve
  })
  async function* endless() {
    yield Buffer.from('half')
    given()
    await new Promise(() => {})
  }
  void store.putBlob(container, 'never', endless())
  await half
  const restarted = await openFolderBlobStore({ root })
  expect((await restarted.list(container)).blobs.map((blob) => blob.name)).toEqual(['x'])
  const now = new Date(Date.now() + 60_000)
  // The process that still writes keeps its file, the restarted one knows nothing of it.
  expect(await store.sweep({ now, olderThanMilliseconds: 0 })).toEqual({ filesRemoved: 0, bytesRemoved: 0 })
  expect(await restarted.sweep({ now, olderThanMilliseconds: 0 })).toEqual({
    filesRemoved: 1,
    bytesRemoved: 4,
  })
  expect(await allFiles(root)).toHaveLength(2)
})

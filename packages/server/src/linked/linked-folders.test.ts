// A linked folder on a real disk.
import { appendFile, mkdir, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LinkedPlace, makeLinkedPlace } from './linked-folder.fixture.ts'

let place: LinkedPlace
beforeEach(async () => {
  place = await makeLinkedPlace()
})
afterEach(() => place.remove())

const put = async (name: string, content: string | Uint8Array = name) => {
  await mkdir(join(place.folder, name, '..'), { recursive: true })
  await writeFile(join(place.folder, name), content)
}
const names = async () => (await place.folders.list(place.folder)).blobs.map(({ name }) => name)
const text = async (name: string, options = {}) => {
  const { stream } = await place.folders.read(place.folder, name, options)
  return Buffer.concat(await stream.toArray()).toString()
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )

test('files are listed by their names below the folder, in order, with size and time, in pages', async () => {
  for (const name of ['b.las', 'tiles/0/1.laz', 'Grüße.las', 'a.las', 'tiles/10.laz', '.hidden'])
    await put(name)
  await mkdir(join(place.folder, 'empty'))
  const wanted = ['.hidden', 'Grüße.las', 'a.las', 'b.las', 'tiles/0/1.laz', 'tiles/10.laz']
  expect(await names()).toEqual(wanted)
  const { mtime } = await stat(join(place.folder, 'a.las'), { bigint: true })
  const page = await place.folders.list(place.folder, { prefix: 'a' })
  expect(page.blobs).toMatchObject([{ name: 'a.las', sizeBytes: 5, lastModified: mtime }])
  const seen: string[] = []
  for (let marker: string | undefined = ''; marker !== undefined; ) {
    const { blobs, nextMarker } = await place.folders.list(place.folder, { marker, maxResults: 4 })
    seen.push(...blobs.map(({ name }) => name))
    marker = nextMarker
  }
  expect(seen).toEqual(wanted)
})

test('bytes are read whole and by ranges, and a range outside is refused', async () => {
  await put('a.las', '0123456789')
  expect(await text('a.las')).toBe('0123456789')
  expect(await text('a.las', { offset: 3, lengthBytes: 4 })).toBe('3456')
  expect(await text('a.las', { offset: 8, lengthBytes: 100 })).toBe('89')
  expect(await text('a.las', { offset: 10 })).toBe('')
  expect(await codeOf(text('a.las', { offset: 11 }))).toBe('InvalidRange')
  expect(await codeOf(text('b.las'))).toBe('BlobNotFound')
  expect(await codeOf(text('tiles'))).toBe('BlobNotFound')
})

test('a name is found as the disk spells it, decomposed or with a backslash', async () => {
  const decomposed = 'Grüße.las'.normalize('NFD')
  await put(decomposed, 'one')
  await writeFile(join(place.folder, 'tile\\1.las'), 'two')
  expect(await names()).toEqual(['Grüße.las', 'tile/1.las'])
  expect(await text('Grüße.las')).toBe('one')
  expect(await text('tile/1.las')).toBe('two')
})

test('every change of a file changes its ETag, and a read for the one before is refused', async () => {
  await put('a.las', 'version 1')
  const file = join(place.folder, 'a.las')
  const etag = async () => (await place.folders.get(place.folder, 'a.las'))!.etag
  const first = await etag()
  expect(await etag()).toBe(first)
  const changes = [
    () => utimes(file, new Date(1), new Date(1)),
    () => appendFile(file, '!'),
    async () => {
      const { atime, mtime } = await stat(file)
      await put('b.las', 'version 2!')
      await utimes(join(place.folder, 'b.las'), atime, mtime)
      await rename(join(place.folder, 'b.las'), file)
    },
  ]
  const seen = new Set([first])
  for (const change of changes) {
    const before = await etag()
    await change()
    seen.add(await etag())
    expect(await codeOf(text('a.las', { ifMatch: before }))).toBe('ConditionNotMet')
    expect(await codeOf(text('a.las', { ifMatch: await etag() }))).toBe('done')
    expect((await place.folders.list(place.folder)).blobs[0]!.etag).toBe(await etag())
  }
  expect(seen.size).toBe(4)
})

test.each([
  ['appended to', (file: string) => appendFile(file, 'x')],
  ['cut off', (file: string) => truncate(file, 1_500_000)],
  ['written over', (file: string) => writeFile(file, Buffer.alloc(8_000_000, 'b'))],
])('a file that is %s while it is read fails the read, and not a byte of it is mixed', async (_, change) => {
  await put('a.las', Buffer.alloc(8_000_000, 'a'))
  const { stream } = await place.folders.read(place.folder, 'a.las')
  let bytes = ''
  const reading = (async () => {
    for await (const chunk of stream) {
      if (bytes === '') await change(join(place.folder, 'a.las'))
      bytes += (chunk as Buffer).toString()
    }
  })()
  expect(await codeOf(reading)).toBe('ConditionNotMet')
  expect(bytes.length).toBeLessThan(8_000_000)
  expect(/^a+$/.test(bytes)).toBe(true)
})

test('the size is the sum of the files, follows them, and outlives a folder that is away', async () => {
  const size = () => place.folders.sizeOf(place.folder)
  expect(await size()).toBe(0)
  await put('a.las', '12345')
  await put('tiles/b.las', '123')
  expect(await size()).toBe(8)
  await rm(join(place.folder, 'tiles'), { recursive: true })
  expect(await size()).toBe(5)
  await rename(place.folder, `${place.folder}-away`)
  expect(await size()).toBe(5)
  expect(await place.folders.reaches(place.folder)).toBe(false)
  expect(await codeOf(names())).toBe('ContainerGone')
  await rename(`${place.folder}-away`, place.folder)
  expect(await names()).toEqual(['a.las'])
})

test('what was found is good for a while, and the time of a file is that of the moment all the same', async () => {
  const slow = await makeLinkedPlace({ freshMs: 60_000 })
  try {
    await writeFile(join(slow.folder, 'a.las'), '1')
    await writeFile(join(slow.folder, 'b.las'), '1')
    const list = async () => (await slow.folders.list(slow.folder)).blobs
    expect(await list()).toHaveLength(2)
    await writeFile(join(slow.folder, 'c.las'), '1')
    await writeFile(join(slow.folder, 'b.las'), '123')
    await rm(join(slow.folder, 'a.las'))
    expect((await list()).map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([['b.las', 3]])
    expect(await slow.folders.get(slow.folder, 'c.las')).toBeDefined()
  } finally {
    await slow.remove()
  }
})

test('links inside the folder are followed, in circles not for ever', async () => {
  await put('tiles/1.las', 'one')
  await symlink('tiles/1.las', join(place.folder, 'latest.las'))
  await symlink('tiles', join(place.folder, 'current'))
  await symlink('..', join(place.folder, 'tiles', 'up'))
  await symlink('self', join(place.folder, 'self'))
  expect(await names()).toEqual(['current/1.las', 'latest.las', 'tiles/1.las'])
  expect(await text('latest.las')).toBe('one')
  expect(await text('current/1.las')).toBe('one')
})

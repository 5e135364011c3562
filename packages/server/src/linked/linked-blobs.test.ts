// Where the files of a container are read: in the store, in the linked folder, or from another machine that has it.
import { randomUUID } from 'node:crypto'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ContainerKey, WorkBlobs } from '../blobs/blob-store.ts'
import { type FolderBlobStore, openFolderBlobStore } from '../blobs/folder-blob-store.ts'
import { readingLinked, withLinkedFolders } from './linked-blobs.ts'
import { type LinkedPlace, makeLinkedPlace } from './linked-folder.fixture.ts'

let place: LinkedPlace
let store: FolderBlobStore
/** Stands for another machine, which has the same folder, with other bytes so that they can be told apart. */
let elsewhere: FolderBlobStore
let linked: ContainerKey
let ordinary: ContainerKey
beforeEach(async () => {
  place = await makeLinkedPlace()
  await writeFile(join(place.folder, 'a.las'), 'linked')
  store = await openFolderBlobStore({ root: join(place.own, 'blobs') })
  elsewhere = await openFolderBlobStore({ root: join(place.outside, 'blobs') })
  linked = { id: randomUUID(), attempt: 0, linkedFolder: place.folder }
  ordinary = { id: randomUUID(), attempt: 0 }
  await store.putBlob(ordinary, 'a.las', bytes('stored'))
  await elsewhere.putBlob(linked, 'a.las', bytes('elsewhere'))
})
afterEach(() => place.remove())

async function* bytes(text: string) {
  yield Buffer.from(text)
}
async function textOf(blobs: WorkBlobs, container: ContainerKey): Promise<string> {
  const { stream } = await blobs.read(container, 'a.las')
  return Buffer.concat(await stream.toArray()).toString()
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )

test('an agent reads a linked folder in place, and from elsewhere where it is not within reach', async () => {
  const blobs = readingLinked(store, place.folders, elsewhere)
  expect([await textOf(blobs, linked), await textOf(blobs, ordinary)]).toEqual(['linked', 'stored'])
  expect(await blobs.localSegments!(linked, 'a.las')).toMatchObject([{ path: join(place.folder, 'a.las') }])
  await rename(place.folder, `${place.folder}-away`)
  expect([await textOf(blobs, linked), await textOf(blobs, ordinary)]).toEqual(['elsewhere', 'stored'])
  expect(await blobs.localSegments!(linked, 'a.las')).toBeUndefined()
  expect((await blobs.get(linked, 'a.las'))?.sizeBytes).toBe(9)
  expect((await blobs.list(linked)).blobs.map(({ sizeBytes }) => sizeBytes)).toEqual([9])
  expect(await blobs.localSegments!(ordinary, 'a.las')).toHaveLength(1)
})

test('whether results go to another machine is not a matter of what can be read here', () => {
  const { localSegments: _, ...remote } = readingLinked(elsewhere, place.folders)
  expect(readingLinked(store, place.folders).publishesFar).toBe(false)
  expect(readingLinked({ ...remote, publishesFar: true }, place.folders).publishesFar).toBe(true)
})

test('a linked folder takes nothing, and deleting containers does not reach it', async () => {
  const blobs = withLinkedFolders(store, place.folders)
  const writes = [
    () => blobs.putBlob(linked, 'b.las', bytes('x')),
    () => blobs.putBlock(linked, 'b.las', 'AAAA', bytes('x')),
    () => blobs.commitBlocks(linked, 'a.las', []),
    () => blobs.delete(linked, 'a.las'),
    () => blobs.publishFile(linked, 'b.las', join(place.outside, 'secret.las')),
  ]
  for (const write of writes) expect(await codeOf(write())).toBe('InvalidContainer')
  await blobs.deleteContainer(linked)
  expect(await textOf(blobs, linked)).toBe('linked')
  expect([await blobs.sizeOf(linked), await blobs.sizeOf(ordinary)]).toEqual([6, 6])
  const containers: ContainerKey[] = []
  for await (const container of blobs.containers()) containers.push(container)
  expect(containers).toEqual([ordinary])
})

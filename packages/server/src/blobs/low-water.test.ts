import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startBlobServer } from './blob-server-fixture.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { rawRequest } from './raw-request.ts'

const megabyte = 1e6
const container = { id: randomUUID(), attempt: 0 }

/** A store on a disk that shrinks and grows as the test says. */
async function openOn(disk: { freeBytes: number; lowWaterBytes: number }) {
  const root = await mkdtemp(join(tmpdir(), 'alidade-blobs-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const store = await openFolderBlobStore({ root, disk: { look: async () => ({ ...disk }) } })
  const files = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length
  return { root, store, files }
}

async function* body(megabytes: number, onChunk: (sent: number) => void = () => {}) {
  for (let sent = 1; sent <= megabytes; sent++) {
    onChunk(sent)
    yield new Uint8Array(megabyte)
  }
}

test('an upload that says it would leave less than the mark is refused before a byte of it is read', async () => {
  const { store, files } = await openOn({ freeBytes: 105 * megabyte, lowWaterBytes: 100 * megabyte })
  let read = 0
  const put = (sizeBytes: number, megabytes: number) =>
    store.putBlob(
      container,
      'x',
      body(megabytes, (sent) => {
        read = sent
      }),
      { sizeBytes },
    )
  await expect(put(6 * megabyte, 6)).rejects.toMatchObject({
    code: 'NoSpace',
    message: 'the disk has 105 MB free; uploads may not leave less than 100 MB',
  })
  expect(read).toBe(0)
  await put(5 * megabyte, 5)
  expect(await files()).toBe(2)
})

test('an upload under way ends when the disk falls below the mark, and leaves nothing', async () => {
  const disk = { freeBytes: 200 * megabyte, lowWaterBytes: 100 * megabyte }
  const { store, files } = await openOn(disk)
  const shrinking = body(50, (sent) => {
    if (sent === 10) disk.freeBytes = 99 * megabyte
  })
  await expect(store.putBlock(container, 'x', 'YQ==', shrinking)).rejects.toMatchObject({ code: 'NoSpace' })
  expect(await files()).toBe(0)
})

test('below the mark blobs are read, listed, committed, published and deleted, and above it uploads are taken again', async () => {
  const disk = { freeBytes: 200 * megabyte, lowWaterBytes: 100 * megabyte }
  const { root, store } = await openOn(disk)
  await store.putBlob(container, 'old', body(1))
  await store.putBlock(container, 'blocks', 'YQ==', body(1))
  disk.freeBytes = 0
  await expect(store.putBlob(container, 'new', body(1))).rejects.toMatchObject({ code: 'NoSpace' })

  await store.commitBlocks(container, 'blocks', [{ id: 'YQ==', from: 'latest' }])
  await writeFile(join(root, 'result'), 'of a job')
  await store.publishFile({ ...container, attempt: 1 }, 'result', join(root, 'result'))
  expect((await buffer((await store.read(container, 'blocks')).stream)).length).toBe(megabyte)
  expect((await store.list(container)).blobs.map(({ name }) => name)).toEqual(['blocks', 'old'])
  expect(await store.delete(container, 'old')).toBe(true)
  await store.deleteContainer({ id: container.id, attempt: 1 })

  disk.freeBytes = 200 * megabyte
  await store.putBlob(container, 'new', body(1))
})

test('over HTTP the refusal is 507 InsufficientStorage, with a Retry-After', async () => {
  const { root, store } = await openOn({ freeBytes: 0, lowWaterBytes: megabyte })
  const server = await startBlobServer({ root, store })
  onTestFinished(() => server.app.close())
  const [path, sas] = server.containerUrl(container.id).split('?')
  const headers = { 'x-ms-blob-type': 'BlockBlob' }
  for (const query of ['', 'comp=block&blockid=YQ%3D%3D&']) {
    const answer = await rawRequest(`${path}/x?${query}${sas}`, { method: 'PUT', headers, body: 'content' })
    expect([answer.status, answer.headers['x-ms-error-code'], answer.headers['retry-after']]).toEqual([
      507,
      'InsufficientStorage',
      '60',
    ])
  }
})

// The newest `@azure/storage-blob`, unmodified, on the container URLs of the service.
import { randomBytes, randomUUID } from 'node:crypto'
import { ContainerClient } from '@azure/storage-blob'
import { beforeAll, expect, inject, test } from 'vitest'

const MiB = 1024 * 1024
let container: ContainerClient
let reader: ContainerClient

beforeAll(async () => {
  const headers = { authorization: inject('authorization'), 'content-type': 'application/json' }
  const base = `${inject('serviceUrl')}/reality-management/reality-data/`
  const ask = async <T>(path: string, init: RequestInit = {}) =>
    (await (await fetch(base + path, { ...init, headers })).json()) as T
  const body = JSON.stringify({ displayName: 'blobs', type: 'LAS', iTwinId: randomUUID() })
  const { realityData } = await ask<{ realityData: { id: string } }>('', { method: 'POST', body })
  const urlOf = async (access: string) =>
    (await ask<{ _links: { containerUrl: { href: string } } }>(`${realityData.id}/${access}`))._links
      .containerUrl.href
  container = new ContainerClient(await urlOf('writeaccess'))
  reader = new ContainerClient(await urlOf('readaccess'))
})

async function namesIn(prefix: string): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of reader.listBlobsFlat({ prefix })) names.push(name)
  return names
}

test('a file goes up in many blocks at once and comes down the same, whole and in ranges', async () => {
  const bytes = randomBytes(40 * MiB + 123)
  const blob = container.getBlockBlobClient('Flug 1/große Wolke.laz')
  await blob.uploadData(bytes, { blockSize: 4 * MiB, maxSingleShotSize: MiB, concurrency: 16 })
  const back = reader.getBlockBlobClient('Flug 1/große Wolke.laz')
  expect((await back.downloadToBuffer(undefined, undefined, { concurrency: 16 })).equals(bytes)).toBe(true)
  const range = await back.downloadToBuffer(5 * MiB - 7, 14)
  expect(range.equals(bytes.subarray(5 * MiB - 7, 5 * MiB + 7))).toBe(true)
  expect(await namesIn('Flug 1/')).toEqual(['Flug 1/große Wolke.laz'])
})

test('blocks staged by one client are committed by another, as the v1 uploader does', async () => {
  const bytes = randomBytes(3 * MiB)
  const ids = [0, 1, 2].map((i) => btoa(`block-${String(i).padStart(6, '0')}`))
  await Promise.all(
    ids.map((id, i) =>
      new ContainerClient(container.url)
        .getBlockBlobClient('staged.las')
        .stageBlock(id, bytes.subarray(i * MiB, (i + 1) * MiB), MiB),
    ),
  )
  expect(await namesIn('staged')).toEqual([])
  await new ContainerClient(container.url).getBlockBlobClient('staged.las').commitBlockList(ids)
  expect((await reader.getBlockBlobClient('staged.las').downloadToBuffer()).equals(bytes)).toBe(true)
})

test('many blobs are listed by pages', async () => {
  const names = Array.from({ length: 25 }, (_, i) => `many/${String(i).padStart(3, '0')}.bin`)
  for (const name of names) await container.getBlockBlobClient(name).upload('x', 1)
  const pages: number[] = []
  const listed: string[] = []
  for await (const { segment } of reader.listBlobsFlat({ prefix: 'many/' }).byPage({ maxPageSize: 10 })) {
    pages.push(segment.blobItems.length)
    listed.push(...segment.blobItems.map(({ name }) => name))
  }
  expect({ pages, listed }).toEqual({ pages: [10, 10, 5], listed: names })
})

test('a blob is deleted by the writer only', async () => {
  await container.getBlockBlobClient('short-lived').upload('x', 1)
  await expect(reader.deleteBlob('short-lived')).rejects.toMatchObject({ statusCode: 403 })
  await container.deleteBlob('short-lived')
  await expect(container.deleteBlob('short-lived')).rejects.toMatchObject({
    statusCode: 404,
    code: 'BlobNotFound',
  })
})

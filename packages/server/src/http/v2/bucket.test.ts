// The bucket of an iTwin: a container like any other, once its URL has been given.
import { randomUUID } from 'node:crypto'
import { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweepContainers } from '../../agent/sweep-containers.ts'
import { startV2TestServer, type V2TestServer } from './v2-test-server.ts'

let server: V2TestServer
beforeAll(async () => {
  server = await startV2TestServer()
})
afterAll(() => server.stop())

async function usedITwin(org = 'acme'): Promise<string> {
  const iTwinId = randomUUID()
  await server.realityData.claimITwin(org, iTwinId)
  return iTwinId
}

async function bucketOf(iTwinId: string, scope?: string) {
  const authorization = await server.authorization(scope === undefined ? {} : { scope })
  const { json } = await server.ask('GET', `/reality-modeling/itwins/${iTwinId}/bucket`, { authorization })
  const href: string = json._links.containerUrl.href
  return new ContainerClient(href.replace('https://alidade.example/base', server.url))
}

async function namesIn(container: ContainerClient): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of container.listBlobsFlat()) names.push(name)
  return names
}

test('files are put, listed, read and deleted by the Azure client, under one container for ever', async () => {
  const iTwinId = await usedITwin()
  const container = await bucketOf(iTwinId)
  expect(container.containerName).toBe(`bucket-${iTwinId}`)
  await container.getBlockBlobClient('regions/pit größe.geojson').upload('{}', 2)
  const again = await bucketOf(iTwinId.toUpperCase())
  expect(await namesIn(again)).toEqual(['regions/pit größe.geojson'])
  const read = await again.getBlockBlobClient('regions/pit größe.geojson').downloadToBuffer()
  expect(read.toString()).toBe('{}')
  await again.deleteBlob('regions/pit größe.geojson')
  expect(await namesIn(container)).toEqual([])
})

test('a token that may only read gets a URL that only reads', async () => {
  const iTwinId = await usedITwin()
  await (await bucketOf(iTwinId)).getBlockBlobClient('a.txt').upload('a', 1)
  const reading = await bucketOf(iTwinId, 'realitydataanalysis:read')
  expect(await namesIn(reading)).toEqual(['a.txt'])
  await expect(reading.getBlockBlobClient('b.txt').upload('b', 1)).rejects.toMatchObject({ statusCode: 403 })
  await expect(reading.deleteBlob('a.txt')).rejects.toMatchObject({ statusCode: 403 })
})

test('each iTwin has its own, which is no reality data even where an iTwin has the id of one', async () => {
  const { id } = await server.realityData.create({ org: 'other', userId: 'eve' }, undefined, {
    displayName: 'Theirs',
    type: 'LAS',
  })
  await server.blobs.putBlob({ id, attempt: 0 }, 'secret.las', (async function* () {})())
  await server.realityData.claimITwin('acme', id)
  expect(await namesIn(await bucketOf(id))).toEqual([])
  const [mine, yours] = [await usedITwin(), await usedITwin()]
  await (await bucketOf(mine)).getBlockBlobClient('a.txt').upload('a', 1)
  expect(await namesIn(await bucketOf(yours))).toEqual([])
})

test('an iTwin that nobody uses, that of another tenant and what is no GUID are answered alike', async () => {
  const ask = (iTwinId: string) => server.ask('GET', `/reality-analysis/iTwins/${iTwinId}/bucket/`)
  const answers = [await ask(randomUUID()), await ask(await usedITwin('other')), await ask('quarry')]
  for (const { status, json } of answers) {
    const error = { code: 'iTwinNotFound', message: 'Requested iTwin is not available.' }
    expect([status, json]).toEqual([404, { error }])
  }
})

test('the sweep leaves it alone, however old its files are', async () => {
  const iTwinId = await usedITwin()
  const container = await bucketOf(iTwinId)
  await container.getBlockBlobClient('old.txt').upload('a', 1)
  const now = new Date(Date.now() + 365 * 24 * 3600_000)
  const orphan = { id: randomUUID(), attempt: 0 }
  await server.blobs.putBlob(orphan, 'old.txt', (async function* () {})())
  const { jobs, realityData, blobs } = server
  const options = { jobs, realityData, blobs }
  const removed = await sweepContainers(options, { now, signal: new AbortController().signal })
  expect(removed).toContainEqual(expect.objectContaining(orphan))
  expect(await namesIn(container)).toEqual(['old.txt'])
})

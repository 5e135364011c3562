// What only an account in the cloud does, told by a double of it; all else is tested against Azurite (`npm run
// test:azurite`).
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { AzureBlobStore } from './azure-blob-store.ts'

const key = Buffer.from('the key of the account').toString('base64')
const container = { id: randomUUID(), attempt: 1 }

/** A store on an account that answers with these refusals, one after the other, the last one for good. */
async function onAccount(answers: readonly [status: number, code: string][], maxTries = 1) {
  const asked: string[] = []
  const cloud = createServer((request: IncomingMessage, response) => {
    request.resume()
    const [status, code] = answers[Math.min(asked.length, answers.length - 1)]!
    asked.push(`${request.method} ${request.url}`)
    response.writeHead(status, { 'x-ms-error-code': code, 'x-ms-request-id': 'r-1' }).end()
  })
  await new Promise<void>((resolve) => cloud.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    cloud.closeAllConnections()
    cloud.close()
  })
  const { port } = cloud.address() as AddressInfo
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/a`
  const store = new AzureBlobStore({ connectionString, owner: 'us', now: () => new Date(), maxTries })
  return { store, asked }
}

async function* body(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('bytes')
}

test('while the name of a removed container is not free, it reads as empty and takes nothing', async () => {
  const { store } = await onAccount([[409, 'ContainerBeingDeleted']])
  expect(await store.list(container)).toEqual({ blobs: [] })
  expect(await store.get(container, 'x')).toBeUndefined()
  expect(await store.delete(container, 'x')).toBe(false)
  await expect(store.read(container, 'x')).rejects.toMatchObject({ code: 'BlobNotFound' })
  await store.deleteContainer(container)
  await expect(store.putBlob(container, 'x', body())).rejects.toMatchObject({ code: 'ContainerGone' })
  await expect(store.signedUrl(container, 'Read')).rejects.toMatchObject({ status: 409 })

  const folder = await mkdtemp(join(tmpdir(), 'alidade-azure-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'result'), 'result')
  const publishing = store.publishFile(container, 'result', join(folder, 'result'))
  await expect(publishing).rejects.toMatchObject({ code: 'ContainerGone' })
  expect((await stat(join(folder, 'result'))).size).toBe(6)
})

test('an account that is busy is asked again', async () => {
  const { store, asked } = await onAccount(
    [
      [503, 'ServerBusy'],
      [404, 'ContainerNotFound'],
    ],
    2,
  )
  expect(await store.get(container, 'x')).toBeUndefined()
  expect(asked).toHaveLength(2)
})

test('a refusal names status, code and request, and neither the key nor a signature', async () => {
  const { store } = await onAccount([[403, 'AuthenticationFailed']])
  for (const work of [store.check(), store.list(container), store.commitBlocks(container, 'x', [])]) {
    const fault = await work.catch((error: unknown) => error)
    expect(fault).toMatchObject({
      name: 'AzureStorageError',
      status: 403,
      code: 'AuthenticationFailed',
      requestId: 'r-1',
    })
    expect(inspect(fault, { depth: 9 })).not.toMatch(/SharedKey|sig=/)
    expect(inspect(fault, { depth: 9 })).not.toContain(key)
  }
})

test('a connection string without a key is refused, and not repeated', () => {
  const open = (connectionString: string) => () =>
    new AzureBlobStore({ connectionString, owner: 'us', now: () => new Date() })
  for (const secret of [
    'BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=2024-11-04&sig=c2VjcmV0',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKeys=c2VjcmV0',
  ]) {
    expect(open(secret)).toThrow(TypeError)
    expect(open(secret)).not.toThrow('c2VjcmV0')
  }
})

test('over https the URLs are for https only', async () => {
  const { store } = await onAccount([[409, 'ContainerAlreadyExists']])
  expect(new URL(await store.signedUrl(container, 'Read')).searchParams.get('spr')).toBeNull()
  const account = `DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key};EndpointSuffix=core.windows.net`
  const { openAzureAccount } = await import('./azure-account.ts')
  const { signedUrl } = openAzureAccount({ connectionString: account, maxTries: 1, now: () => new Date() })
  const url = new URL(signedUrl('name', 'rl'))
  expect([url.origin, url.pathname, url.searchParams.get('spr')]).toEqual([
    'https://a.blob.core.windows.net',
    '/name',
    'https',
  ])
})

// What only an account in the cloud does, told by a double of it; all else is tested against Azurite (`npm run
// test:azurite`).
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { AzureBlobStore } from './azure-blob-store.ts'

const key = Buffer.from('the key of the account').toString('base64')
const container = { id: randomUUID(), attempt: 1 }

/** A store on an account that answers each request by this, told how many came before. */
async function onCloud(answer: (response: ServerResponse, turn: number) => void, maxTries = 1) {
  const asked: IncomingMessage[] = []
  const cloud = createServer((request, response) => {
    request.resume()
    asked.push(request)
    answer(response, asked.length - 1)
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

/** These refusals, one after the other, the last one for good. */
function onAccount(refusals: readonly [status: number, code: string][], maxTries = 1) {
  return onCloud(
    (response, turn) => refuse(response, ...refusals[Math.min(turn, refusals.length - 1)]!),
    maxTries,
  )
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-ms-error-code': code, 'x-ms-request-id': 'r-1' }).end()
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

test('a download that breaks off is taken up again, if the blob is still the same', async () => {
  const version = {
    etag: '"0x1"',
    'content-type': 'x/y',
    'content-length': 10,
    'content-range': 'bytes 0-9/10',
  }
  const breakOff = (response: ServerResponse) => {
    response.writeHead(206, version)
    response.write('hello', () => response.destroy())
  }
  const same = await onCloud(
    (response, turn) =>
      turn === 0 ? breakOff(response) : response.writeHead(206, version).end('helloworld'),
    2,
  )
  const whole = await same.store.read(container, 'x')
  expect((await buffer(whole.stream)).toString()).toBe('helloworld')
  expect(same.asked[1]?.headers).toMatchObject({ 'if-match': '"0x1"', 'x-ms-range': 'bytes=0-9' })

  const overwritten = await onCloud(
    (response, turn) => (turn === 0 ? breakOff(response) : refuse(response, 412, 'ConditionNotMet')),
    2,
  )
  const broken = await onCloud(breakOff, 2)
  for (const [{ store }, told] of [
    [overwritten, { name: 'BlobStoreError', code: 'ConditionNotMet' }],
    [broken, { name: 'AzureStorageError', code: 'a download broke off' }],
  ] as const) {
    const fault = await buffer((await store.read(container, 'x')).stream).catch((error: unknown) => error)
    expect(fault).toMatchObject(told)
    expect(inspect(fault, { depth: 9 })).not.toContain('SharedKey')
  }
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

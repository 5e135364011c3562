import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { resolveAttemptContainer } from './attempt-container.ts'
import { type BlobServer, type BlobServerOptions, startBlobServer } from './blob-server-fixture.ts'
import { diskFiles } from './durable-files.ts'
import { openFolderBlobStore } from './folder-blob-store.ts'
import { type RawRequest, rawRequest } from './raw-request.ts'

const blockBlob = { 'x-ms-blob-type': 'BlockBlob' }

async function startTemporary(options: Partial<BlobServerOptions> = {}) {
  const root = options.root ?? (await mkdtemp(join(tmpdir(), 'alidade-blob-routes-')))
  const server = await startBlobServer({ ...options, root })
  onTestFinished(async () => {
    await server.app.close()
    await rm(root, { recursive: true })
  })
  return { root, ...server }
}

let root: string
let server: BlobServer
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'alidade-blob-routes-'))
  server = await startBlobServer({ root })
})
afterAll(async () => {
  await server.app.close()
  await rm(root, { recursive: true })
})

/** URL of a blob: its percent-encoded name goes before the `?`. */
function blobUrl(containerUrl: string, encodedName: string, query = ''): string {
  const [path, sas] = containerUrl.split('?')
  return `${path}/${encodedName}?${query}${query && '&'}${sas}`
}

async function put(containerUrl: string, encodedName: string, body: string, headers = {}) {
  const url = blobUrl(containerUrl, encodedName)
  return await rawRequest(url, { method: 'PUT', headers: { ...blockBlob, ...headers }, body })
}

async function listed(containerUrl: string, path = ''): Promise<string[]> {
  const [base, sas] = containerUrl.split('?')
  const answer = await rawRequest(`${base}${path}?restype=container&comp=list&${sas}`)
  expect(answer.status).toBe(200)
  return [...answer.body.toString().matchAll(/<Name>([^<]*)<\/Name>/g)].map((match) => match[1]!)
}

async function expectError(url: string, status: number, code: string, request: RawRequest = {}) {
  const answer = await rawRequest(url, request)
  expect([answer.status, answer.headers['x-ms-error-code']], url).toEqual([status, code])
  return answer
}

test('an error has the Azure form and echoes the ids of the request', async () => {
  const url = server.containerUrl(randomUUID())
  const headers = { 'x-ms-version': '2099-01-01', 'x-ms-client-request-id': 'mine <1>' }
  const answer = await expectError(blobUrl(url, 'missing'), 404, 'BlobNotFound', { headers })
  expect(answer.headers).toMatchObject({ ...headers, 'content-type': 'application/xml' })
  expect(answer.headers.date).toBeDefined()
  const requestId = answer.headers['x-ms-request-id']
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.body.toString()).toMatch(
    new RegExp(
      `^<\\?xml version="1.0" encoding="utf-8"\\?><Error><Code>BlobNotFound</Code><Message>.+\nRequestId:${requestId}\nTime:\\d{4}-.+Z</Message></Error>$`,
    ),
  )
})

test('every operation answers with its status and headers', async () => {
  const url = server.containerUrl(randomUUID())
  const stored = await put(url, 'a%20b.txt', 'hello', { 'content-type': 'text/plain; charset=utf-8' })
  expect(stored.status).toBe(201)
  expect(stored.headers).toMatchObject({
    etag: expect.stringMatching(/^"0x[0-9A-F]+"$/),
    'content-length': '0',
  })
  expect(stored.headers['last-modified']).toBeDefined()

  const whole = await rawRequest(blobUrl(url, 'a%20b.txt'))
  expect(whole).toMatchObject({ status: 200, body: Buffer.from('hello') })
  expect(whole.headers).toMatchObject({
    etag: stored.headers.etag,
    'content-type': 'text/plain; charset=utf-8',
    'content-length': '5',
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
    'x-content-type-options': 'nosniff',
  })
  expect(whole.headers['cache-control']).toBe('private, no-cache')
  const listed = await rawRequest(`${url}&restype=container&comp=list`, { headers: { host: 'elsewhere' } })
  expect(listed.body.toString()).toContain(
    'ServiceEndpoint="https://reality.example.org/prefix/alidade-blobs/"',
  )
  const head = await rawRequest(blobUrl(url, 'a%20b.txt'), { method: 'HEAD' })
  expect(head.headers).toMatchObject({ etag: stored.headers.etag, 'content-length': '5' })
  const missing = await rawRequest(blobUrl(url, 'b'), { method: 'HEAD' })
  expect([missing.status, missing.headers['x-ms-error-code']]).toEqual([404, 'BlobNotFound'])

  for (const [header, part, contentRange] of [
    ['bytes=1-3', 'ell', 'bytes 1-3/5'],
    ['bytes=3-99', 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 'lo', 'bytes 3-4/5'],
    ['bytes=4-', 'o', 'bytes 4-4/5'],
  ] as const) {
    for (const name of ['range', 'x-ms-range']) {
      const answer = await rawRequest(blobUrl(url, 'a%20b.txt'), { headers: { [name]: header } })
      expect([answer.status, answer.body.toString(), answer.headers['content-range']]).toEqual([
        206,
        part,
        contentRange,
      ])
    }
  }
  const outside = await expectError(blobUrl(url, 'a%20b.txt'), 416, 'InvalidRange', {
    headers: { range: 'bytes=5-' },
  })
  expect(outside.headers['content-range']).toBe('bytes */5')
  const deleted = await rawRequest(blobUrl(url, 'a%20b.txt'), { method: 'DELETE' })
  expect(deleted.status).toBe(202)
  await expectError(blobUrl(url, 'a%20b.txt'), 404, 'BlobNotFound', { method: 'DELETE' })
})

test('an MD5 given with an upload is checked, kept and answered', async () => {
  const url = server.containerUrl(randomUUID())
  const md5 = createHash('md5').update('hello').digest('base64')
  await expectError(blobUrl(url, 'x'), 400, 'Md5Mismatch', {
    method: 'PUT',
    headers: { ...blockBlob, 'content-md5': md5 },
    body: 'hullo',
  })
  await expectError(blobUrl(url, 'x'), 400, 'InvalidMd5', {
    method: 'PUT',
    headers: { ...blockBlob, 'content-md5': 'x' },
    body: 'hello',
  })
  for (const header of ['x-ms-blob-content-md5', 'content-md5']) {
    const stored = await put(url, 'x', 'hello', { [header]: md5 })
    expect([stored.status, stored.headers['content-md5']]).toEqual([201, md5])
    expect((await rawRequest(blobUrl(url, 'x'))).headers['content-md5']).toBe(md5)
  }
  const part = await rawRequest(blobUrl(url, 'x'), { headers: { range: 'bytes=0-1' } })
  expect(part.headers).toMatchObject({ 'x-ms-blob-content-md5': md5 })
  expect(part.headers['content-md5']).toBeUndefined()
})

test('a body is stored as it comes, whatever its type says', async () => {
  const url = server.containerUrl(randomUUID())
  for (const type of [
    'application/json',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
  ]) {
    expect((await put(url, 'x', '{"broken', { 'content-type': type })).status).toBe(201)
    expect((await rawRequest(blobUrl(url, 'x'))).body.toString()).toBe('{"broken')
  }
})

test('an upload or deletion is refused when the blob was written since the time the client names', async () => {
  const url = server.containerUrl(randomUUID())
  await put(url, 'x', 'hello')
  const ago = { 'if-unmodified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' }
  const ahead = { 'if-modified-since': 'Thu, 01 Jan 2099 00:00:00 GMT' }
  for (const headers of [ago, ahead]) {
    expect((await put(url, 'x', 'lost', headers)).status).toBe(412)
    expect((await rawRequest(blobUrl(url, 'x'), { method: 'DELETE', headers })).status).toBe(412)
  }
  expect((await rawRequest(blobUrl(url, 'x'))).body.toString()).toBe('hello')
  expect((await put(url, 'x', 'new', { 'if-unmodified-since': 'no time' })).status).toBe(201)
})

test('an agent is told where an account has the container, to write its own attempt and to read the rest', async () => {
  const id = randomUUID()
  const ask = async (url: string) => {
    const { status, body } = await rawRequest(`${url}&comp=url`)
    return [status, body.toString()]
  }
  expect(await ask(server.containerUrl(id, 'racwdl'))).toEqual([204, ''])
  const { containerUrl } = await startTemporary({
    accountUrls: {
      signedUrl: async ({ id, attempt }, access) => `https://account/${attempt}-${id}?${access}`,
    },
    resolveContainer: async (name) =>
      resolveAttemptContainer(name) ?? { container: { id, attempt: 0 }, writable: false },
  })
  expect(await ask(containerUrl(`${id}.2`))).toEqual([200, `https://account/2-${id}?Write`])
  expect(await ask(containerUrl(`${id}.0`))).toEqual([200, `https://account/0-${id}?Read`])
  for (const permissions of ['rl', 'racw', 'rwl'])
    expect((await ask(containerUrl(`${id}.2`, permissions)))[0]).toBe(403)
  expect((await ask(containerUrl(`${id}.2`).replace(/sig=.{6}/, 'sig=AAAAAA')))[0]).toBe(403)
})

test('an answer without a body says why there is none', async () => {
  const url = server.containerUrl(randomUUID())
  const { etag } = (await put(url, 'x', 'hello')).headers
  const same = await rawRequest(blobUrl(url, 'x'), { headers: { 'if-none-match': etag! } })
  expect([same.status, same.headers['x-ms-error-code']]).toEqual([304, 'ConditionNotMet'])
})

test('conditions of reading follow the RFC', async () => {
  const url = server.containerUrl(randomUUID())
  const { headers: stored } = await put(url, 'x', 'hello')
  const later = new Date(Date.now() + 60_000).toUTCString()
  const earlier = new Date(Date.now() - 60_000).toUTCString()
  const status = async (headers: Record<string, string>) =>
    (await rawRequest(blobUrl(url, 'x'), { headers })).status
  expect(await status({ 'if-match': stored.etag! })).toBe(200)
  expect(await status({ 'if-match': '"0x1", *' })).toBe(200)
  expect(await status({ 'if-match': '"0x1"' })).toBe(412)
  expect(await status({ 'if-none-match': `"0x1", ${stored.etag}` })).toBe(304)
  expect(await status({ 'if-none-match': '"0x1"', 'if-modified-since': later })).toBe(200)
  expect(await status({ 'if-modified-since': later })).toBe(304)
  expect(await status({ 'if-modified-since': earlier })).toBe(200)
  expect(await status({ 'if-unmodified-since': earlier })).toBe(412)
  expect(await status({ range: 'bytes=0-1', 'if-range': stored.etag! })).toBe(206)
  expect(await status({ range: 'bytes=0-1', 'if-range': '"0x1"' })).toBe(200)
})

test('a URL allows what it was signed for and nothing else', async () => {
  const id = randomUUID()
  const list = 'restype=container&comp=list'
  const operations: Record<string, (permissions: string) => Promise<number>> = {
    r: async (p) => (await rawRequest(blobUrl(server.containerUrl(id, p), 'x'))).status,
    w: async (p) => (await put(server.containerUrl(id, p), 'x', 'x')).status,
    c: async (p) => (await put(server.containerUrl(id, p), randomUUID(), 'x')).status,
    l: async (p) => (await rawRequest(`${server.containerUrl(id, p)}&${list}`)).status,
  }
  await put(server.containerUrl(id), 'x', 'x')
  for (const [needed, operation] of Object.entries(operations)) {
    for (const permissions of ['r', 'c', 'w', 'd', 'l', 'rl', 'rwdl', 'racwdl']) {
      const allowed = permissions.includes(needed) || (needed === 'c' && permissions.includes('w'))
      const status = await operation(permissions)
      if (allowed) expect([200, 201], `${needed} with ${permissions}`).toContain(status)
      // Create alone refuses to overwrite, with its own status.
      else
        expect(status, `${needed} with ${permissions}`).toBe(
          needed === 'w' && permissions === 'c' ? 409 : 403,
        )
    }
  }
  const remove = (permissions: string) =>
    rawRequest(blobUrl(server.containerUrl(id, permissions), 'x'), { method: 'DELETE' })
  for (const permissions of ['r', 'c', 'w', 'l', 'racwl'])
    expect((await remove(permissions)).status).toBe(403)
  expect((await remove('d')).status).toBe(202)
})

test('without a valid signature nothing is told, not even whether a container exists', async () => {
  const known = randomUUID()
  const asked: string[] = []
  const { origin, containerUrl } = await startTemporary({
    async resolveContainer(id) {
      asked.push(id)
      return id === known ? { container: { id, attempt: 0 }, writable: true } : undefined
    },
  })
  const unknown = randomUUID()
  for (const id of [known, unknown, 'no-guid', '..%2f..']) {
    await expectError(`${origin}/alidade-blobs/${id}/x`, 403, 'AuthenticationFailed')
    const foreign = containerUrl(randomUUID()).split('?')[1]
    await expectError(`${origin}/alidade-blobs/${id}/x?${foreign}`, 403, 'AuthenticationFailed')
  }
  expect(asked).toEqual([])
  await expectError(blobUrl(containerUrl(unknown), 'x'), 404, 'ContainerNotFound')
  await expectError(blobUrl(containerUrl(known), 'x'), 404, 'BlobNotFound')
})

test('an expired URL is refused by the clock of the service', async () => {
  let now = new Date('2025-03-01T10:00:00Z')
  const { containerUrl } = await startTemporary({ now: () => now })
  const url = containerUrl(randomUUID())
  expect((await put(url, 'x', 'x')).status).toBe(201)
  now = new Date('2025-03-01T11:00:00Z')
  const answer = await expectError(blobUrl(url, 'x'), 403, 'AuthenticationFailed')
  expect(answer.body.toString()).toContain('expired')
})

test('a container that takes no uploads can still be read', async () => {
  const { store, containerUrl } = await startTemporary({
    resolveContainer: async (id) => ({ container: { id, attempt: 2 }, writable: false }),
  })
  const id = randomUUID()
  await store.putBlob(
    { id, attempt: 2 },
    'result',
    (async function* () {
      yield Buffer.from('done')
    })(),
  )
  const url = containerUrl(id)
  expect((await rawRequest(blobUrl(url, 'result'))).body.toString()).toBe('done')
  expect((await put(url, 'x', 'x')).headers['x-ms-error-code']).toBe('BlobImmutableDueToPolicy')
  await expectError(blobUrl(url, 'result'), 409, 'BlobImmutableDueToPolicy', { method: 'DELETE' })
})

test('what is not delivered is refused instead of misunderstood', async () => {
  const url = server.containerUrl(randomUUID())
  const upload = { method: 'PUT', body: 'x' }
  await expectError(blobUrl(url, 'x'), 400, 'MissingRequiredHeader', upload)
  for (const type of ['PageBlob', 'AppendBlob']) {
    await expectError(blobUrl(url, 'x'), 400, 'InvalidHeaderValue', {
      ...upload,
      headers: { 'x-ms-blob-type': type },
    })
  }
  const copy = { ...blockBlob, 'x-ms-copy-source': 'http://elsewhere/x' }
  await expectError(blobUrl(url, 'x'), 400, 'UnsupportedHeader', { method: 'PUT', headers: copy })
  for (const comp of ['metadata', 'appendblock', 'page', 'lease', 'snapshot', '__proto__', 'constructor']) {
    const request = { method: 'PUT', headers: blockBlob, body: 'x' }
    await expectError(blobUrl(url, 'x', `comp=${comp}`), 400, 'UnsupportedQueryParameter', request)
  }
  await expectError(blobUrl(url, 'x', 'comp=block'), 400, 'InvalidQueryParameterValue', upload)
  await expectError(blobUrl(url, 'x', 'comp=block&blockid=%25'), 400, 'InvalidBlockId', upload)
  await expectError(blobUrl(url, 'x', 'comp=block&comp=block'), 400, 'InvalidQueryParameterValue', upload)
  await expectError(`${url}&comp=list`, 400, 'InvalidQueryParameterValue')
  await expectError(`${url}&restype=container&comp=list&delimiter=/`, 400, 'UnsupportedQueryParameter')
  for (const bad of ['0', '-1', 'x', '1.5']) {
    await expectError(
      `${url}&restype=container&comp=list&maxresults=${bad}`,
      400,
      'OutOfRangeQueryParameterValue',
    )
  }
  const posted = await expectError(blobUrl(url, 'x'), 405, 'UnsupportedHttpVerb', {
    ...upload,
    method: 'POST',
  })
  expect(posted.headers.allow).toBe('GET, HEAD, PUT, DELETE')
  expect(await listed(url)).toEqual([])
})

test('names keep their case and slashes, the path before them need not', async () => {
  const id = randomUUID()
  const url = server.containerUrl(id)
  const sas = url.split('?')[1]
  const encoded = ['Case', 'case', 'a//b', 'trailing/', '%2Fleading', 'x%2Fy', 'caf%C3%A9', 'p+q']
  for (const each of encoded) expect((await put(url, each, each)).status).toBe(201)
  const names = ['/leading', 'Case', 'a//b', 'café', 'case', 'p+q', 'trailing/', 'x/y']
  expect(await listed(url)).toEqual(names)
  for (const path of ['/', '//']) expect(await listed(url, path)).toEqual(names)
  for (const base of [`/ALIDADE-Blobs/${id.toUpperCase()}`, `//alidade-blobs//${id}`]) {
    expect((await rawRequest(`${server.origin}${base}/Case?${sas}`)).body.toString()).toBe('Case')
  }
  expect((await rawRequest(blobUrl(url, 'x/y'))).body.toString()).toBe('x%2Fy')
  expect((await rawRequest(blobUrl(url, 'x%5Cy'))).body.toString()).toBe('x%2Fy')
})

test('block lists that are not plain lists of blocks are refused', async () => {
  const url = server.containerUrl(randomUUID())
  await rawRequest(blobUrl(url, 'x', 'comp=block&blockid=YQ%3D%3D'), { method: 'PUT', body: 'hello' })
  const commit = (body: string): RawRequest => ({ method: 'PUT', body })
  const target = blobUrl(url, 'x', 'comp=blocklist')
  for (const body of [
    '',
    'x',
    '<BlockList>',
    '<BlockList></BlockList>x',
    '<BlockList><Latest>YQ==</Latest>',
    '<BlockList><Newest>YQ==</Newest></BlockList>',
    '<BlockList><Latest>YQ==</Committed></BlockList>',
    '<BlockList><Latest><b/></Latest></BlockList>',
    '<BlockList><Latest>&a;</Latest></BlockList>',
    '<!DOCTYPE x [<!ENTITY a "YQ==">]><BlockList><Latest>&a;</Latest></BlockList>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1/x"><BlockList><Latest>YQ==</Latest></BlockList>',
    '<?xml version="1.0"?><!DOCTYPE BlockList><BlockList><Latest>YQ==</Latest></BlockList>',
    '<BlockList><!-- --><Latest>YQ==</Latest></BlockList>',
    '<BlockList xmlns="x"><Latest>YQ==</Latest></BlockList>',
    `<BlockList>${'<Latest>YQ==</Latest>'.repeat(50_001)}</BlockList>`,
  ]) {
    await expectError(target, 400, 'InvalidXmlDocument', commit(body))
  }
  await expectError(target, 400, 'InvalidBlockList', commit('<BlockList><Latest>Yg==</Latest></BlockList>'))
  await expectError(
    target,
    413,
    'RequestBodyTooLarge',
    commit(`<BlockList>${' '.repeat(9_000_000)}</BlockList>`),
  )
  expect(await listed(url)).toEqual([])
  const good =
    '\ufeff<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<BlockList>\n <Latest>YQ==</Latest>\n</BlockList>\n'
  expect((await rawRequest(target, commit(good))).status).toBe(201)
  expect((await rawRequest(blobUrl(url, 'x'))).body.toString()).toBe('hello')
})

test('a body declared too large is refused at once, though the client goes on sending', async () => {
  const { root, origin, containerUrl } = await startTemporary({ maxBlobBytes: 1000 })
  const url = new URL(blobUrl(containerUrl(randomUUID()), 'x'))
  const start = performance.now()
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  socket.write(
    `PUT ${url.pathname}${url.search} HTTP/1.1\r\nhost: x\r\nx-ms-blob-type: BlockBlob\r\n` +
      `content-length: ${2 ** 40}\r\n\r\n${'x'.repeat(200_000)}`,
  )
  let answeredAfter = Number.NaN
  socket.once('data', () => {
    answeredAfter = performance.now() - start
  })
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(answer).toContain('x-ms-error-code: RequestBodyTooLarge')
  expect(answeredAfter).toBeLessThan(500)
  expect(await readdir(root)).toEqual(['trash'])
})

test('a chunked body is cut off at the limit, and a client that stops sending is not waited for', async () => {
  const { root, store, containerUrl } = await startTemporary({ maxBlobBytes: 1000, idleMilliseconds: 100 })
  const id = randomUUID()
  const url = containerUrl(id)
  const chunked = { 'transfer-encoding': 'chunked', ...blockBlob }
  const large = { method: 'PUT', headers: chunked, body: 'x'.repeat(1001) }
  await expectError(blobUrl(url, 'x'), 413, 'RequestBodyTooLarge', large)
  expect((await rawRequest(blobUrl(url, 'y'), { ...large, body: 'x'.repeat(1000) })).status).toBe(201)

  const { pathname, search, port } = new URL(blobUrl(url, 'z'))
  const socket = connect(Number(port), '127.0.0.1')
  const headers = 'host: x\r\nx-ms-blob-type: BlockBlob\r\ncontent-length: 100\r\n'
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\n${headers}\r\nhalf`)
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 .*x-ms-error-code: OperationTimedOut/s)
  expect((await store.list({ id, attempt: 0 })).blobs.map((blob) => blob.name)).toEqual(['y'])
  expect((await readdir(root, { recursive: true })).filter((file) => file.endsWith('.part'))).toEqual([])
})

test('blocks that are too large together are refused', async () => {
  const { containerUrl } = await startTemporary({ maxBlobBytes: 1000 })
  const url = containerUrl(randomUUID())
  const block = { method: 'PUT', body: 'x'.repeat(600) }
  expect((await rawRequest(blobUrl(url, 'x', 'comp=block&blockid=YQ%3D%3D'), block)).status).toBe(201)
  const twice = '<BlockList><Latest>YQ==</Latest><Latest>YQ==</Latest></BlockList>'
  const commit = { method: 'PUT', body: twice }
  await expectError(blobUrl(url, 'x', 'comp=blocklist'), 413, 'RequestBodyTooLarge', commit)
})

test('the 201 leaves only after every sync has returned', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-blob-routes-'))
  let open = 0
  let syncs = 0
  const slow = async (operation: () => Promise<void>) => {
    open++
    syncs++
    await operation()
    await new Promise((resolve) => setTimeout(resolve, 20))
    open--
  }
  const store = await openFolderBlobStore({
    root: folder,
    files: {
      ...diskFiles,
      async create(path) {
        const file = await diskFiles.create(path)
        return { ...file, sync: () => slow(() => file.sync()) }
      },
      syncDirectory: (path) => slow(() => diskFiles.syncDirectory(path)),
    },
  })
  const { containerUrl } = await startTemporary({ root: folder, store })
  const url = containerUrl(randomUUID())
  const list = '<BlockList><Latest>YQ==</Latest></BlockList>'
  for (const [target, body, fewest] of [
    [blobUrl(url, 'x'), 'x', 4],
    [blobUrl(url, 'y', 'comp=block&blockid=YQ%3D%3D'), 'y', 2],
    [blobUrl(url, 'y', 'comp=blocklist'), list, 2],
  ] as const) {
    syncs = 0
    expect((await rawRequest(target, { method: 'PUT', headers: blockBlob, body })).status).toBe(201)
    expect(open).toBe(0)
    expect(syncs).toBeGreaterThanOrEqual(fewest)
  }
})

test('a full disk answers 507', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-blob-routes-'))
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  const store = await openFolderBlobStore({
    root: folder,
    files: {
      ...diskFiles,
      create: async (path) => ({ ...(await diskFiles.create(path)), write: () => Promise.reject(full) }),
    },
  })
  const { containerUrl } = await startTemporary({ root: folder, store })
  const url = containerUrl(randomUUID())
  const body = 'x'.repeat(1_000_000)
  await expectError(blobUrl(url, 'x'), 507, 'InsufficientStorage', {
    method: 'PUT',
    headers: blockBlob,
    body,
  })
  const left = await readdir(folder, { recursive: true, withFileTypes: true })
  expect(left.filter((entry) => entry.isFile())).toEqual([])
})

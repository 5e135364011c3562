// Bodies that are too large, too deep, too slow or made to trip the parser: each is refused with its code, no more of
// it is read than tells so, and the connection ends or goes on as the answer says.
import type { Socket } from 'node:net'
import { createJob, getJob } from '@alidade/contract'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startApp, type TestApp } from './app.fixture.ts'
import { registerOperation } from './operation-route.ts'
import { bodyLimitBytes } from './request-body.ts'
import { type HostileConnection, openConnection } from './hostile-connection.fixture.ts'

const bodyMs = 500
let server: TestApp
let authorization: string
let sockets: Socket[] = []
let handled: unknown[] = []
beforeAll(async () => {
  server = await startApp(
    async (app) => {
      registerOperation(app, createJob, ({ body }) => {
        handled.push(body)
        return { status: 201, body: { job: {} as never } }
      })
      registerOperation(app, getJob, () => ({ status: 200, body: { job: {} as never } }))
    },
    { timeouts: { headMs: 1000, bodyMs } },
  )
  authorization = (await server.bearer()).authorization
  server.app.server.on('connection', (socket) => sockets.push(socket))
})
afterAll(() => server.close())
beforeEach(() => {
  sockets = []
  handled = []
})

const jobs = '/realitydataanalysis/jobs'
/** Of a request with a token and 16 chunks, at most. */
const headAndSizesBytes = 2048
const kib64 = Buffer.alloc(64 * 1024, ' ')
const chunk = Buffer.concat([Buffer.from('10000\r\n'), kib64, Buffer.from('\r\n')])

function post(headers: string, token = authorization): HostileConnection {
  const bearer = token === '' ? '' : `Authorization: ${token}\r\n`
  return openConnection(
    server.url,
    `POST ${jobs} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${bearer}${headers}\r\n\r\n`,
  )
}

const code = (answer: string): string => JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error.code

test.each([
  ['declared', `Content-Length: ${100 * 2 ** 20}`, kib64],
  ['of 1 TiB by its head', `Content-Length: ${2 ** 40}`, kib64],
  ['in chunks', 'Transfer-Encoding: chunked', chunk],
])(
  'a body of 100 MB, %s, is 413, and at most 64 KiB beyond the limit are read',
  async (_how, headers, piece) => {
    const connection = post(headers)
    const sent = await connection.send(piece, (100 * 2 ** 20) / kib64.length)
    const answer = await connection.answer()
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toMatch(/\r\nconnection: close\r\n/i)
    expect(code(answer)).toBe('RequestTooLarge')
    await connection.closed()
    expect(sent).toBeLessThan(100 * 2 ** 20)
    expect(sockets).toHaveLength(1)
    // What one read of the socket brings: it is not kept. The head, and the sizes of chunks, are no body.
    const beyond = sockets[0]!.bytesRead - bodyLimitBytes - headAndSizesBytes
    expect(beyond).toBeLessThanOrEqual(64 * 1024)
    await expect.poll(() => sockets[0]!.destroyed, { timeout: 5000 }).toBe(true)
    expect(handled).toEqual([])
  },
)

test('a body that nobody asked for is not read: without a token, and to a path that only reads', async () => {
  for (const connection of [
    post('Transfer-Encoding: chunked', ''),
    openConnection(server.url, `POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`),
    openConnection(server.url, `GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`),
  ]) {
    await connection.send(chunk, 1600)
    expect(await connection.answer()).toMatch(/^HTTP\/1.1 (401|404|200) .*\r\nconnection: close\r\n/is)
    await connection.closed()
  }
  for (const socket of sockets) expect(socket.bytesRead).toBeLessThan(300 * 1024)
})

test('after a small body that was not wanted the connection goes on', async () => {
  const connection = post('Content-Length: 2', '')
  await connection.send(Buffer.from('{}'), 1)
  expect(await connection.answer()).toMatch(/^HTTP\/1.1 401 /)
  await connection.send(Buffer.from('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n'), 1)
  expect(await connection.answer()).toMatch(/^HTTP\/1.1 200 /)
  connection.destroy()
})

test('a body that stops coming is 408 in time; one that was refused unread is not waited for', async () => {
  const slow = post('Content-Length: 1000')
  await slow.send(Buffer.from('{"name":'), 1)
  const began = performance.now()
  const answer = await slow.answer()
  expect(performance.now() - began).toBeGreaterThanOrEqual(bodyMs * 0.9)
  expect(answer).toMatch(/^HTTP\/1.1 408 .*\r\nconnection: close\r\n/is)
  expect(code(answer)).toBe('RequestTimeout')
  await slow.closed()

  const refused = post('Content-Length: 1000', '')
  expect(await refused.answer()).toMatch(/^HTTP\/1.1 401 /)
  await refused.closed()
  expect(handled).toEqual([])
})

test('a body of which a byte comes now and then is 408 all the same', async () => {
  const dripping = post('Content-Length: 1000')
  const drip = setInterval(() => void dripping.send(Buffer.from(' '), 1), 50)
  try {
    expect(await dripping.answer()).toMatch(/^HTTP\/1.1 408 /)
    await dripping.closed()
  } finally {
    clearInterval(drip)
  }
})

test('a head of which a byte comes now and then is 408 and closed', async () => {
  const dripping = openConnection(server.url, 'GET /healthz HTTP/1.1\r\n')
  const drip = setInterval(() => void dripping.send(Buffer.from('a'), 1), 50)
  try {
    expect(await dripping.answer()).toMatch(/^HTTP\/1.1 408 .*RequestTimeout/is)
    await dripping.closed()
  } finally {
    clearInterval(drip)
  }
})

test('a connection on which nothing ever comes is closed', async () => {
  await openConnection(server.url, '').closed()
})

test('a client that is gone in the middle of its body leaves nothing behind', async () => {
  const connection = post('Content-Length: 1000')
  await connection.send(Buffer.from('{"name":'), 1)
  await expect.poll(() => sockets.length, { timeout: 10_000 }).toBe(1)
  connection.destroy()
  await expect.poll(() => sockets[0]!.destroyed, { timeout: 5000 }).toBe(true)
  expect(handled).toEqual([])
})

const deep = 100_000
test.each([
  ['arrays 100,000 deep', '['.repeat(deep) + ']'.repeat(deep), 400],
  ['arrays 100,000 deep that never end', '['.repeat(deep), 400],
  ['objects 100,000 deep', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`, 400],
  ['a number of 1,000,000 digits', `{"name":${'1'.repeat(1_000_000)}}`, 422],
  ['a text of 1,000,000 characters', `{"name":"${'a'.repeat(1_000_000)}"}`, 422],
  ['a property name of 1,000,000 characters', `{"${'a'.repeat(1_000_000)}":1}`, 422],
  ['100,000 properties', `{${Array.from({ length: 80_000 }, (_, i) => `"p${i}":1`).join()}}`, 422],
  ['an array of 500,000 zeros', `[${'0,'.repeat(500_000)}0]`, 422],
  ['half a surrogate', '{"name":"\\ud800"}', 422],
  ['a NUL', '{"name":"\\u0000"}', 422],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 422],
  ['UTF-16', Buffer.from('\ufeff{"name":"a"}', 'utf16le'), 400],
  ['no JSON', 'name=a', 400],
  ['NaN', '{"name":NaN}', 400],
  ['two values', '{}{}', 400],
] as const)('%s are refused at once', async (_what, body, status) => {
  const began = performance.now()
  const headers = { authorization, 'content-type': 'application/json' }
  const answer = await fetch(server.url + jobs, { method: 'POST', headers, body })
  const text = await answer.text()
  expect([answer.status, JSON.parse(text).error.code]).toEqual([
    status,
    status === 400 ? 'BadRequest' : 'InvalidRealityDataAnalysisRequest',
  ])
  expect(text.length).toBeLessThan(20_000)
  // Ten milliseconds to a tenth of a second on a machine that has nothing else to do.
  expect(performance.now() - began).toBeLessThan(5000)
  expect(handled).toEqual([])
})

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
  'a member called %s changes nothing but the request it is in',
  async (name) => {
    const inputs = [{ type: 'pointClouds1', id: '71237f05-a56c-41a2-ae76-503e0a412056' }]
    const good = {
      type: 'changeDetection',
      name: 'a',
      iTwinId: inputs[0]!.id,
      inputs,
      outputs: ['objects3D'],
    }
    const poison = `"${name}":{"polluted":true,"prototype":{"polluted":true},"__proto__":{"polluted":true}}`
    for (const body of [
      JSON.stringify(good).replace('{', `{${poison},`),
      JSON.stringify({ ...good, options: { x: 1 } }).replace('"x":1', poison),
      `{${poison}}`,
      `[${poison.slice(poison.indexOf(':') + 1)}]`,
    ]) {
      const headers = { authorization, 'content-type': 'application/json' }
      const answer = await fetch(server.url + jobs, { method: 'POST', headers, body })
      expect(answer.status).toBeLessThan(500)
      await answer.body?.cancel()
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect((Object as unknown as Record<string, unknown>).polluted).toBeUndefined()
    for (const body of handled) {
      expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
      expect((body as Record<string, unknown>).polluted).toBeUndefined()
    }
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  },
)

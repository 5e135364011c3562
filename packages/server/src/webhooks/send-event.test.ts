// Attempts to deliver, against real receivers on loopback. Other people's name servers are doubles.
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { addressRules } from './address-rules.ts'
import { callbackTarget } from './callback-target.ts'
import { selfSigned } from './certificate.fixture.ts'
import { hostileNames, hostileUrls } from './hostile-urls.fixture.ts'
import { type SendOptions, sendEvent } from './send-event.ts'

const request = { body: '{"a":1}', headers: { 'content-type': 'application/json', signature: 'sha256=00' } }
const never = new AbortController().signal
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    if ('closeAllConnections' in server) (server as ReturnType<typeof createServer>).closeAllConnections()
  }
})

async function listening(server: Server, host = '127.0.0.1'): Promise<number> {
  servers.push(server)
  // Whoever gives up a connection may well reset it.
  server.on('connection', (socket) => socket.on('error', () => undefined))
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}
const receiver = (answer: RequestListener) => listening(createServer(answer))
/** Loopback is allowed, and these names have these addresses. */
const rulesOf = (names: Record<string, string[]> = {}, allowed = ['127.0.0.0/8']): SendOptions['rules'] => ({
  addresses: addressRules(allowed),
  resolve: async (host) => names[host] ?? [],
})
const send = (url: string, options: Partial<SendOptions> = {}) =>
  sendEvent(url, request, { rules: rulesOf(), ...options }, never)

test('the receiver gets the bytes and headers as they are, by POST', async () => {
  let seen: unknown
  const port = await receiver((message, response) => {
    const { method, url, headers } = message
    let body = ''
    message.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk
    })
    message.on('end', () => {
      seen = { method, url, host: headers.host, signature: headers.signature, body }
      response.writeHead(202).end('thank you')
    })
  })
  expect(await send(`http://127.0.0.1:${port}/a/b?c=d`)).toEqual({ status: 202 })
  const { body, headers } = request
  const host = `127.0.0.1:${port}`
  expect(seen).toEqual({ method: 'POST', url: '/a/b?c=d', host, signature: headers.signature, body })
})

test('no hostile URL of more than 200 is connected to, though it was taken once', async () => {
  let reached = 0
  const canaries = await Promise.all(
    ['127.0.0.1', '::1'].map((host) =>
      listening(
        createTcpServer((socket) => {
          reached++
          socket.destroy()
        }),
        host,
      ).catch(() => 0),
    ),
  )
  const urls = canaries.filter((port) => port !== 0).flatMap((port) => hostileUrls(port))
  expect(new Set(urls).size).toBeGreaterThan(200)
  const rules = rulesOf(hostileNames, [])
  for (const url of urls) {
    const result = await send(url, { rules })
    expect(['AddressRefused', 'NameNotResolved'], url.slice(0, 80)).toContain(result.fault)
  }
  expect(reached).toBe(0)
})

test('a name that is public when asked first and inside when asked again is asked once an attempt', async () => {
  let reached = 0
  const port = await receiver((_, response) => {
    reached++
    response.end()
  })
  let asked = 0
  const rebinding = { addresses: addressRules([]), resolve: async () => [answers[asked++]!] }
  const answers = ['93.184.215.14', '127.0.0.1', '127.0.0.1']
  const url = `https://rebind.test:${port}/`
  expect(await callbackTarget(url, rebinding)).toMatchObject({ addresses: ['93.184.215.14'] })
  expect(await send(url, { rules: rebinding })).toEqual({ fault: 'AddressRefused' })
  expect([asked, reached]).toEqual([2, 0])

  // The other way round: what is checked is connected to, and nobody is asked again.
  asked = 0
  const flipping = {
    addresses: addressRules(['127.0.0.1']),
    resolve: async () => [['127.0.0.1', '169.254.169.254'][asked++]!],
  }
  expect(await send(`http://rebind.test:${port}/`, { rules: flipping })).toEqual({ status: 200 })
  expect([asked, reached]).toEqual([1, 1])
})

test('of several addresses one that does not answer leaves the next', async () => {
  let host: string | undefined
  const port = await receiver((message, response) => {
    host = message.headers.host
    response.end()
  })
  const rules = rulesOf({ 'two.test': ['127.0.0.9', '127.0.0.1'] })
  expect(await send(`http://two.test:${port}/`, { rules })).toEqual({ status: 200 })
  expect(host).toBe(`two.test:${port}`)
})

test('a redirect is an answer that does not do, and is not followed', async () => {
  let reached = 0
  const inside = await receiver((_, response) => {
    reached++
    response.end()
  })
  for (const status of [301, 302, 303, 307, 308]) {
    const port = await receiver((_, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${inside}/` }).end()
    })
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status, fault: 'StatusRefused' })
  }
  expect(reached).toBe(0)
})

test('only 2xx delivers', async () => {
  const port = await receiver((message, response) => {
    response.writeHead(Number(message.url!.slice(1))).end()
  })
  for (const status of [200, 201, 204, 299]) {
    expect(await send(`http://127.0.0.1:${port}/${status}`)).toEqual({ status })
  }
  for (const status of [300, 304, 400, 401, 404, 410, 429, 500, 503]) {
    expect(await send(`http://127.0.0.1:${port}/${status}`)).toEqual({ status, fault: 'StatusRefused' })
  }
})

test('a receiver has so long and no longer: to accept, to begin, and to end its answer', async () => {
  const silent = await listening(createTcpServer(() => undefined))
  const begins = await receiver((_, response) => {
    response.write('more to come')
  })
  const drips = await receiver((_, response) => {
    const timer = setInterval(() => response.write('.'), 20)
    response.on('close', () => clearInterval(timer))
  })
  const informs = await receiver((_, response) => {
    const timer = setInterval(() => response.writeProcessing(), 20)
    response.on('close', () => clearInterval(timer))
  })
  for (const port of [silent, begins, drips, informs]) {
    expect(await send(`http://127.0.0.1:${port}/`, { timeoutMs: 150 })).toEqual({ fault: 'TimedOut' })
  }
  const rules = { addresses: addressRules([]), resolve: () => new Promise<string[]>(() => undefined) }
  expect(await send('https://slow.test/', { rules, timeoutMs: 50 })).toEqual({ fault: 'TimedOut' })
})

test('of an answer without end so much is read as fits into buffers, and the connection ends', async () => {
  let written = 0
  const closed = Promise.withResolvers<void>()
  const port = await receiver((_, response) => {
    const chunk = Buffer.alloc(64 * 1024)
    const more = () => {
      while (!response.destroyed && response.write(chunk)) written += chunk.length
    }
    response.on('drain', more).on('close', () => closed.resolve())
    more()
  })
  expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 200 })
  await closed.promise
  expect(written).toBeLessThan(16 * 1024 * 1024)
})

test('a connection that is refused, cut, or speaks something else is a fault and no more', async () => {
  const gone = createServer()
  const port = await listening(gone)
  await new Promise((resolve) => gone.close(resolve))
  const cut = await listening(createTcpServer((socket) => socket.destroy()))
  const garbage = await listening(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n\r\n')))
  const huge = await listening(
    createTcpServer((socket) => socket.end(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`)),
  )
  const upgrades = await listening(
    createTcpServer((socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    ),
  )
  for (const bad of [port, cut, garbage, huge, upgrades]) {
    expect(await send(`http://127.0.0.1:${bad}/`)).toEqual({ fault: 'ConnectionFailed' })
  }
})

test('https goes to the pinned address and still checks the certificate for the name', async () => {
  const certificate = selfSigned(['hooks.test'])
  let servername: unknown
  const port = await listening(
    createSecureServer(certificate, (message, response) => {
      servername = (message.socket as unknown as { servername: string }).servername
      response.end()
    }),
  )
  const rules = rulesOf({ 'hooks.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] })
  const ca = certificate.cert
  expect(await send(`https://hooks.test:${port}/`, { rules, ca })).toEqual({ status: 200 })
  expect(servername).toBe('hooks.test')
  servername = undefined
  for (const url of [`https://other.test:${port}/`, `https://127.0.0.1:${port}/`]) {
    expect(await send(url, { rules, ca })).toEqual({ fault: 'CertificateRefused' })
  }
  expect(await send(`https://hooks.test:${port}/`, { rules })).toEqual({ fault: 'CertificateRefused' })
  expect(servername).toBeUndefined()
})

test('an attempt that is cut off says so, at whatever moment', async () => {
  const silent = await listening(createTcpServer(() => undefined))
  const cutOff = new AbortController()
  const url = `http://127.0.0.1:${silent}/`
  const sending = sendEvent(url, request, { rules: rulesOf() }, cutOff.signal)
  cutOff.abort(new Error('the service stops'))
  await expect(sending).rejects.toThrow('the service stops')
  await expect(sendEvent(url, request, { rules: rulesOf() }, cutOff.signal)).rejects.toThrow('stops')
})

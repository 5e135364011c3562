// Look-ups against a name server of our own, which speaks the real protocol on loopback.
import { createSocket, type Socket } from 'node:dgram'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveHost } from './resolve-host.ts'

const [typeA, typeAAAA] = [1, 28]
const records: Record<string, Record<number, number[][]>> = {
  'both.test': {
    [typeA]: [
      [93, 184, 215, 14],
      [10, 0, 0, 1],
    ],
    [typeAAAA]: [[0x26, 0x06, ...Array<number>(13).fill(0), 1]],
  },
  'v6.test': { [typeAAAA]: [[...Array<number>(10).fill(0), 0xff, 0xff, 127, 0, 0, 1]] },
}
let server: Socket
let servers: string[]
const asked: string[] = []

beforeAll(async () => {
  server = createSocket('udp4')
  server.on('message', (query, { port, address }) => {
    const answer = answerTo(query)
    if (answer !== undefined) server.send(answer, port, address)
  })
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve))
  servers = [`127.0.0.1:${server.address().port}`]
})
afterAll(() => server.close())

/** RFC 1035, section 4: the question again, and an answer for each record; 3 as the code where the name is unknown. */
function answerTo(query: Buffer): Buffer | undefined {
  const labels: string[] = []
  let at = 12
  for (; query[at] !== 0; at += query[at]! + 1)
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!))
  const name = labels.join('.').toLowerCase()
  const type = query.readUInt16BE(at + 1)
  asked.push(`${name} ${type}`)
  if (name === 'silent.test') return undefined
  const found = records[name]?.[type] ?? []
  const head = Buffer.from(query.subarray(0, 12))
  head.writeUInt16BE(name in records ? 0x8180 : 0x8183, 2)
  head.writeUInt16BE(found.length, 6)
  head.writeUInt32BE(0, 8)
  const answers = found.map((address) =>
    Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length, ...address]),
  )
  return Buffer.concat([head, query.subarray(12, at + 5), ...answers])
}

test('a host has all addresses of both kinds, of which one kind may be missing', async () => {
  expect(await resolveHost('both.test', { servers })).toEqual(['93.184.215.14', '10.0.0.1', '2606::1'])
  expect(await resolveHost('v6.test', { servers })).toEqual(['::ffff:127.0.0.1'])
})

test('a host that nobody knows, and what is no host, has none', async () => {
  for (const host of ['nowhere.test', '', 'a..b', '*', 'x'.repeat(300), 'with space', '999.999.999.999']) {
    expect(await resolveHost(host, { servers }), host).toEqual([])
  }
})

test('localhost is this machine, whatever a name server would say', async () => {
  asked.length = 0
  for (const host of ['localhost', 'a.localhost']) {
    expect(await resolveHost(host, { servers })).toEqual(['127.0.0.1', '::1'])
  }
  expect(asked).toEqual([])
})

test('a name server that does not answer is not waited for for long', async () => {
  expect(await resolveHost('silent.test', { servers, longestMs: 100 })).toEqual([])
})

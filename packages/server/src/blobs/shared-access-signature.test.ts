import { expect, test } from 'vitest'
import { signContainer, verifySignature } from './shared-access-signature.ts'

const containerId = '7b1e3c52-9a0d-4c55-8a54-0f1d6b1f2c11'
const otherId = '7b1e3c52-9a0d-4c55-8a54-0f1d6b1f2c12'
const key = new Uint8Array(32).fill(1)
const otherKey = new Uint8Array(32).fill(2)
const now = new Date('2025-03-01T10:00:00Z')
const minutes = (n: number) => new Date(now.getTime() + n * 60_000)

const sign = (changes: Partial<Parameters<typeof signContainer>[1]> = {}) =>
  signContainer([key], { containerId, permissions: 'rl', now, ...changes })
const verify = (query: string, id = containerId, at = now, keys = [key]) =>
  verifySignature(keys, id, new URLSearchParams(query), at)

test('a signed query gives its permissions for one hour', () => {
  const query = sign()
  expect(query).toMatch(/^sv=2024-11-04&sr=c&sp=rl&se=2025-03-01T11%3A00%3A00Z&sig=[\w-]{43}$/)
  expect(verify(query)).toEqual({ ok: true, permissions: new Set('rl'), httpsOnly: false })
  expect(verify(query, containerId.toUpperCase())).toMatchObject({ ok: true })
  expect(verify(query, containerId, minutes(59.99))).toMatchObject({ ok: true })
  expect(verify(query, containerId, minutes(60))).toEqual({ ok: false, reason: 'expired' })
})

test('a signature for one container opens no other', () => {
  expect(verify(sign(), otherId)).toEqual({ ok: false, reason: 'signature does not match' })
})

test('a signature for one blob opens no other, and not its container', () => {
  const query = sign({ blobName: 'a/straße.zip', permissions: 'w' })
  expect(query).toMatch(/^sv=2024-11-04&sr=b&sp=w&se=/)
  const verifyBlob = (query: string, blobName?: string) =>
    verifySignature([key], containerId, new URLSearchParams(query), now, blobName)
  expect(verifyBlob(query, 'a/straße.zip')).toMatchObject({ ok: true, permissions: new Set('w') })
  const mismatch = { ok: false, reason: 'signature does not match' }
  for (const other of ['a/strasse.zip', 'A/straße.zip', 'a%2Fstraße.zip', '', undefined]) {
    expect(verifyBlob(query, other), other).toEqual(mismatch)
  }
  expect(verifyBlob(query.replace('sr=b', 'sr=c'), 'a/straße.zip')).toEqual(mismatch)
  expect(verifyBlob(sign().replace('sr=c', 'sr=b'), 'a')).toEqual(mismatch)
  expect(verifyBlob(sign(), 'any')).toMatchObject({ ok: true })
})

test('it is not valid before its start', () => {
  const query = sign({ startsAt: minutes(5), expiresAt: minutes(10) })
  expect(verify(query, containerId, minutes(4))).toEqual({ ok: false, reason: 'not yet valid' })
  expect(verify(query, containerId, minutes(5))).toMatchObject({ ok: true })
})

test('the first key signs, all keys verify', () => {
  const query = signContainer([otherKey, key], { containerId, permissions: 'r', now })
  expect(verify(query, containerId, now, [key, otherKey])).toMatchObject({ ok: true })
  expect(verify(query, containerId, now, [otherKey])).toMatchObject({ ok: true })
  expect(verify(query, containerId, now, [key])).toMatchObject({ ok: false })
})

test('it may insist on https', () => {
  expect(verify(sign({ httpsOnly: true }))).toMatchObject({ ok: true, httpsOnly: true })
})

test('every changed, removed, added or doubled field is refused', () => {
  const query = sign({ startsAt: minutes(-5), httpsOnly: true })
  const fields = [...new URLSearchParams(query)]
  expect(fields.map(([name]) => name)).toEqual(['sv', 'sr', 'sp', 'st', 'se', 'spr', 'sig'])
  const changes: Record<string, string[]> = {
    sv: ['2024-11-05', '', 'x', '2024-11-04\n'],
    sr: ['b', 'd', '', 'C'],
    sp: ['rwdl', 'racwdl', 'lr', 'r', '', 'rll', 'rl\nx', 'RL'],
    st: ['2020-01-01T00:00:00Z', '', '2025-03-01', 'never'],
    se: ['2035-03-01T11:00:00Z', '2025-03-01T11:00:01Z', '', '9999', '2025-02-31T11:00:00Z'],
    spr: ['https,http', '', 'http'],
    sig: ['', 'x', 'A'.repeat(43), `${fields[6]![1]}=`, fields[6]![1].toLowerCase()],
  }
  for (const [name, value] of fields) {
    for (const changed of changes[name]!) {
      const altered = fields.map(([n, v]): [string, string] => [n, n === name ? changed : v])
      expect(verify(new URLSearchParams(altered).toString()), `${name}=${changed}`).toMatchObject({
        ok: false,
      })
    }
    const removed = new URLSearchParams(fields.filter(([n]) => n !== name)).toString()
    expect(verify(removed), `without ${name}`).toMatchObject({ ok: false })
    for (const twice of [`${query}&${name}=${encodeURIComponent(value)}`, `${name}=&${query}`]) {
      expect(verify(twice), `${name} twice`).toEqual({ ok: false, reason: 'duplicated' })
    }
  }
  expect(verify(query)).toMatchObject({ ok: true })
  expect(verify('')).toEqual({ ok: false, reason: 'missing' })
})

test('each of the 256 bits of a signature counts', () => {
  const query = new URLSearchParams(sign())
  const bytes = Buffer.from(query.get('sig')!, 'base64url')
  for (let bit = 0; bit < 256; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    query.set('sig', changed.toString('base64url'))
    expect(verify(query.toString())).toEqual({ ok: false, reason: 'signature does not match' })
  }
})

test('other parameters of a request do not disturb', () => {
  expect(verify(`restype=container&${sign()}&comp=list&prefix=a`)).toMatchObject({ ok: true })
})

test('permissions out of order, unknown ones and short keys are refused when signing', () => {
  for (const permissions of ['', 'lr', 'x', 'rr']) expect(() => sign({ permissions })).toThrow(RangeError)
  expect(() => signContainer([], { containerId, permissions: 'r', now })).toThrow(RangeError)
  const short = [new Uint8Array(31)]
  expect(() => signContainer(short, { containerId, permissions: 'r', now })).toThrow(RangeError)
})

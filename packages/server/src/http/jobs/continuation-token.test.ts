import { expect, test } from 'vitest'
import { continuationToken, readContinuationToken } from './continuation-token.ts'

const acme = { org: 'acme', version: 'v1' } as const
const key = new Uint8Array(32).fill(7)
const position = {
  after: { createdAt: new Date('2026-04-02T08:00:00.123Z'), id: 'cc3d35cc-416a-4262-9714-b359da70b419' },
  top: 25,
  filter: "name eq 'Größe'",
}

test('a token carries the position, the page size and the filter', () => {
  expect(readContinuationToken(continuationToken(position, acme, key), acme, key)).toEqual(position)
  const unfiltered = { ...position, filter: undefined }
  expect(readContinuationToken(continuationToken(unfiltered, acme, key), acme, key)).toEqual(unfiltered)
})

test('a token goes into a URL as it is', () => {
  const token = continuationToken(position, acme, key)
  expect(encodeURIComponent(token)).toBe(token)
})

test('a token of another key, and one with any character changed, is none of ours', () => {
  const token = continuationToken(position, acme, key)
  expect(readContinuationToken(token, acme, new Uint8Array(32).fill(8))).toBeUndefined()
  // The last character of each half may hold bits that base64 ignores.
  const dot = token.indexOf('.')
  for (let i = 0; i < token.length; i++) {
    if (i === token.length - 1 || i === dot - 1) continue
    const changed = token.slice(0, i) + (token[i] === 'A' ? 'B' : 'A') + token.slice(i + 1)
    expect(readContinuationToken(changed, acme, key), `character ${i}`).toBeUndefined()
  }
})

test.each(['', '.', 'x', 'x.y', 'eyJ0Ijoi', '%', `${'a'.repeat(20)}.${'a'.repeat(22)}`])(
  '%j is no token',
  (text) => {
    expect(readContinuationToken(text, acme, key)).toBeUndefined()
  },
)

test('a token of another tenant, or of the other version, is none of ours', () => {
  const token = continuationToken(position, acme, key)
  expect(readContinuationToken(token, { ...acme, org: 'other' }, key)).toBeUndefined()
  expect(readContinuationToken(token, { ...acme, version: 'v2' }, key)).toBeUndefined()
})

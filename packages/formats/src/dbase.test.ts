import { expect, test } from 'vitest'
import { encodeDbf } from './dbase.ts'
import type { DbfField } from './dbase.ts'

const name: DbfField = { name: 'name', type: 'text', widthBytes: 5 }
const height: DbfField = { name: 'heightM', type: 'number', widthBytes: 7, decimals: 2 }

function textOf(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.subarray(from, to)).toString('utf8')
}

test('the head says how many records of what length follow, and describes each field in 32 bytes', () => {
  const bytes = encodeDbf([name, height], [['Ada', 1.5], ['Bob', -2]]) // biome-ignore format: rows
  const view = new DataView(bytes.buffer)
  expect(bytes[0]).toBe(3)
  expect([view.getUint32(4, true), view.getUint16(8, true), view.getUint16(10, true)]).toEqual([2, 97, 13])
  expect([textOf(bytes, 32, 37), textOf(bytes, 43, 44), bytes[48], bytes[49]]).toEqual(['name\0', 'C', 5, 0])
  expect([textOf(bytes, 64, 72), textOf(bytes, 75, 76), bytes[80], bytes[81]]).toEqual([
    'heightM\0',
    'N',
    7,
    2,
  ])
  expect(bytes[96]).toBe(0x0d)
  expect(textOf(bytes, 97, bytes.length)).toBe(' Ada     1.50 Bob    -2.00\x1a')
})

test('what is not known is blank', () => {
  const rows = [[undefined, undefined], ['x', Number.NaN]] // biome-ignore format: rows
  expect(textOf(encodeDbf([name, height], rows), 97, 97 + 26)).toBe(`${' '.repeat(13)} x${' '.repeat(11)}`)
})

test('a text that is too long loses whole characters', () => {
  const written = (text: string) => textOf(encodeDbf([name], [[text]]), 66, 71)
  expect(written('abcdefg')).toBe('abcde')
  expect(written('Straße')).toBe('Stra ')
  expect(written('ab\u{1F30D}')).toBe('ab   ')
})

test('a number that its field cannot hold is refused, not cut', () => {
  expect(() => encodeDbf([height], [[12345.678]])).toThrow('heightM of at most 7 characters, got 12345.68')
  expect(() => encodeDbf([{ ...height, widthBytes: 20 }], [[1e300]])).toThrow(RangeError)
})

test.each([
  [{ ...name, name: 'elevenChars' }],
  [{ ...name, name: 'größe' }],
  [{ ...name, widthBytes: 255 }],
  [{ ...height, widthBytes: 21 }],
])('the field %j is refused', (field) => {
  expect(() => encodeDbf([field], [])).toThrow(RangeError)
})

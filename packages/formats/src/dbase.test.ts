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

test.each([
  ['none', []],
  ['two of one name in another case', [name, { ...name, name: 'NAME' }]],
  ['256 of them', Array.from({ length: 256 }, (_, i) => ({ ...height, name: `f${i}` }))],
  [
    'more than 4000 bytes',
    Array.from({ length: 16 }, (_, i) => ({ ...name, name: `f${i}`, widthBytes: 250 })),
  ],
])('fields that no table can have are refused: %s', (_, fields: DbfField[]) => {
  expect(() => encodeDbf(fields, [])).toThrow(RangeError)
})

test('a table above 2 GiB is refused before memory is asked for', () => {
  const wide = Array.from({ length: 15 }, (_, i): DbfField => ({ ...name, name: `f${i}`, widthBytes: 250 }))
  const rows = Array<[]>(600_000).fill([])
  expect(() => encodeDbf(wide, rows)).toThrow(expect.objectContaining({ code: 'TooLarge', place: '.dbf' }))
})

// Attribute tables as dBASE III files, the form that shapefiles keep them in (dBASE III PLUS file header, 1 table).

import { tooLarge } from './format-error.ts'

export type DbfField = {
  /** At most ten characters of ASCII. */
  readonly name: string
  /** `text` is UTF-8, which takes a file .cpg beside the table; `number` is written in digits. */
  readonly type: 'text' | 'number'
  /** Bytes of a value, at most 254; of a number its digits, sign and point, at most 20. */
  readonly widthBytes: number
  /** Digits after the point, of numbers. */
  readonly decimals?: number
}

export type DbfValue = string | number | undefined

const headBytes = 32
const descriptorBytes = 32
const headEnd = 0x0d
const fileEnd = 0x1a
const blank = 0x20
/** Limits of ESRI's programs, and of those that keep offsets in 31 bits. */
const most = { fields: 255, recordBytes: 4000, bytes: 0x7fffffff } as const

/**
 * The table as bytes. A value that is undefined, or a number that is not finite, is left blank, which readers take for
 * null. Text that is too long loses its end, whole characters of it. RangeError for a number that needs more digits and
 * for fields that no table can have; FormatError `TooLarge` for more than 2 GiB.
 */
export function encodeDbf(fields: readonly DbfField[], rows: readonly (readonly DbfValue[])[]): Uint8Array {
  const recordBytes = 1 + fields.reduce((sum, { widthBytes }) => sum + widthBytes, 0)
  checkFields(fields, recordBytes)
  const dataOffset = headBytes + descriptorBytes * fields.length + 1
  const total = dataOffset + recordBytes * rows.length + 1
  if (total > most.bytes) throw tooLarge('.dbf', most.bytes, total)
  const bytes = new Uint8Array(total).fill(blank, dataOffset)
  const view = new DataView(bytes.buffer)
  bytes[0] = 0x03
  // The day of the last change, which is no day here: the same rows give the same bytes.
  bytes.set([70, 1, 1], 1)
  view.setUint32(4, rows.length, true)
  view.setUint16(8, dataOffset, true)
  view.setUint16(10, recordBytes, true)
  for (const [i, { name, type, widthBytes, decimals = 0 }] of fields.entries()) {
    const at = headBytes + descriptorBytes * i
    bytes.set(Buffer.from(name, 'latin1'), at)
    bytes[at + 11] = (type === 'text' ? 'C' : 'N').charCodeAt(0)
    bytes[at + 16] = widthBytes
    bytes[at + 17] = decimals
  }
  bytes[dataOffset - 1] = headEnd
  for (const [row, values] of rows.entries()) {
    // The blank before the first field: not deleted.
    let at = dataOffset + recordBytes * row + 1
    for (const [i, field] of fields.entries()) {
      writeValue(bytes, at, field, values[i])
      at += field.widthBytes
    }
  }
  bytes[bytes.length - 1] = fileEnd
  return bytes
}

function writeValue(bytes: Uint8Array, at: number, field: DbfField, value: DbfValue): void {
  if (value === undefined || (typeof value === 'number' && !Number.isFinite(value))) return
  if (field.type === 'text') {
    bytes.set(cutUtf8(String(value), field.widthBytes), at)
    return
  }
  const digits = Number(value).toFixed(field.decimals ?? 0)
  if (digits.length > field.widthBytes || digits.includes('e')) {
    throw new RangeError(`expected a ${field.name} of at most ${field.widthBytes} characters, got ${digits}`)
  }
  bytes.set(Buffer.from(digits, 'latin1'), at + field.widthBytes - digits.length)
}

/** As much of the text as fits, never a part of a character. */
function cutUtf8(text: string, mostBytes: number): Uint8Array {
  const encoded = Buffer.from(text, 'utf8')
  let end = Math.min(encoded.length, mostBytes)
  while (end < encoded.length && end > 0 && (encoded[end]! & 0xc0) === 0x80) end--
  return encoded.subarray(0, end)
}

function checkFields(fields: readonly DbfField[], recordBytes: number): void {
  for (const field of fields) checkField(field)
  const names = fields.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new RangeError(`expected fields of different names, got '${twice}' twice`)
  if (fields.length === 0 || fields.length > most.fields || recordBytes > most.recordBytes) {
    const got = `${fields.length} of ${recordBytes} bytes`
    throw new RangeError(
      `expected 1 to ${most.fields} fields of at most ${most.recordBytes} bytes in all, got ${got}`,
    )
  }
}

function checkField({ name, type, widthBytes }: DbfField): void {
  const widest = type === 'text' ? 254 : 20
  if (!/^\w{1,10}$/.test(name))
    throw new RangeError(`expected a field name of 1 to 10 letters, got '${name}'`)
  if (!(widthBytes >= 1 && widthBytes <= widest)) {
    throw new RangeError(`expected a width of 1 to ${widest} bytes of ${name}, got ${widthBytes}`)
  }
}

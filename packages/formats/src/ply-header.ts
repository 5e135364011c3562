// The text at the start of a PLY file: which elements follow, and of what properties each is made.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { scalarSizeBytes } from './las-extra-bytes.ts'
import type { ScalarType } from './las-extra-bytes.ts'

export type PlyProperty = {
  readonly name: string
  /** Of the value, or of each value of the list. */
  readonly type: ScalarType
  /** Present for a list: the type of the number of its values. */
  readonly countType?: ScalarType
}

export type PlyElement = {
  readonly name: string
  readonly count: number
  readonly properties: readonly PlyProperty[]
}

export type PlyHeader = {
  readonly encoding: 'ascii' | 'little' | 'big'
  readonly elements: readonly PlyElement[]
  /** Where the first element starts. */
  readonly dataOffset: number
  /** Number of the line that starts there. */
  readonly dataLine: number
}

const types: Readonly<Record<string, ScalarType>> = {
  ...{ char: 'int8', int8: 'int8', uchar: 'uint8', uint8: 'uint8' },
  ...{ short: 'int16', int16: 'int16', ushort: 'uint16', uint16: 'uint16' },
  ...{ int: 'int32', int32: 'int32', uint: 'uint32', uint32: 'uint32' },
  ...{ float: 'float32', float32: 'float32', double: 'float64', float64: 'float64' },
}
const encodings = { ascii: 'ascii', binary_little_endian: 'little', binary_big_endian: 'big' } as const

const longestHeaderBytes = 256 * 1024
const mostElements = 100
const mostProperties = 400

export async function readPlyHeader(source: ByteSource): Promise<PlyHeader> {
  const bytes = await source.read(0, Math.min(source.sizeBytes, longestHeaderBytes))
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  if (!/^ply\s*\n/.test(text)) {
    const got =
      text.length === 0 ? 'an empty file' : `bytes ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}`
    throw new FormatError('NotAPointCloud', 'byte 0', `expected a PLY file (ply), got ${got}`)
  }
  const end = /\nend_header[ \t\r]*\n/.exec(text)
  if (end === null) {
    throw corrupt('byte 0', `a header that ends within ${longestHeaderBytes} bytes`, 'no line end_header')
  }
  const lines = text.slice(0, end.index).split('\n')
  const dataOffset = end.index + end[0].length
  const header = { ...parseLines(lines), dataOffset, dataLine: lines.length + 2 }
  checkSizes(header, source.sizeBytes)
  return header
}

function parseLines(lines: readonly string[]): Pick<PlyHeader, 'encoding' | 'elements'> {
  let encoding: PlyHeader['encoding'] | undefined
  const elements: { name: string; count: number; properties: PlyProperty[] }[] = []
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + 1}`
    const words = line.trim().split(/\s+/)
    const got = () => JSON.stringify(line.trim().slice(0, 80))
    if (index === 0 || words[0] === '' || words[0] === 'comment' || words[0] === 'obj_info') continue
    if (words[0] === 'format') {
      if (!Object.hasOwn(encodings, words[1] ?? '') || words[2] !== '1.0') {
        throw new FormatError(
          'Unsupported',
          place,
          `expected format ascii, binary_little_endian or binary_big_endian 1.0, got ${got()}`,
        )
      }
      encoding = encodings[words[1] as keyof typeof encodings]
    } else if (words[0] === 'element') {
      const count = /^\d{1,15}$/.test(words[2] ?? '') ? Number(words[2]) : Number.NaN
      if (words.length !== 3 || !Number.isSafeInteger(count))
        throw corrupt(place, 'element NAME COUNT', got())
      if (elements.length === mostElements) throw corrupt(place, `at most ${mostElements} elements`, 'more')
      elements.push({ name: words[1]!, count, properties: [] })
    } else if (words[0] === 'property') {
      const properties = elements.at(-1)?.properties
      if (properties === undefined) throw corrupt(place, 'an element before its properties', got())
      const property = parseProperty(words)
      if (property === undefined)
        throw corrupt(place, 'property TYPE NAME or property list TYPE TYPE NAME', got())
      if (properties.length === mostProperties) {
        throw new FormatError('Unsupported', place, `expected at most ${mostProperties} properties, got more`)
      }
      properties.push(property)
    } else throw corrupt(place, 'format, element, property, comment or end_header', got())
  }
  if (encoding === undefined) throw corrupt('line 2', 'a line with the format', 'none')
  return { encoding, elements }
}

function parseProperty(words: readonly string[]): PlyProperty | undefined {
  const typeNamed = (name = '') => (Object.hasOwn(types, name) ? types[name] : undefined)
  if (words[1] === 'list') {
    const [countType, type] = [typeNamed(words[2]), typeNamed(words[3])]
    if (words.length !== 5 || !countType || !type || countType.startsWith('float')) return undefined
    return { name: words[4]!, type, countType }
  }
  const type = typeNamed(words[1])
  return words.length === 3 && type ? { name: words[2]!, type } : undefined
}

/** Bytes that one record takes at the least: lists may be empty, and a number in text takes a digit and a mark behind it. */
function leastBytes({ encoding }: PlyHeader, { properties }: PlyElement): number {
  if (encoding === 'ascii') return 2 * properties.length
  return properties.reduce((sum, { type, countType }) => sum + scalarSizeBytes(countType ?? type), 0)
}

function checkSizes(header: PlyHeader, sizeBytes: number): void {
  let left = sizeBytes - header.dataOffset + 1
  for (const element of header.elements) {
    const least = leastBytes(header, element)
    if (least === 0 && element.count > 0) throw corrupt(`element ${element.name}`, 'a property', 'none')
    const room = least === 0 ? 0 : Math.floor(left / least)
    if (element.count > room) {
      throw corrupt(`element ${element.name}`, `at most ${room} of them in this file`, element.count)
    }
    left -= element.count * least
  }
}

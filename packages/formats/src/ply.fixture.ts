// PLY files laid out by hand from the published format, in each of its encodings.

export type PlyFixtureElement = {
  name: string
  /** As the header says them: `float x`, `list uchar int vertex_indices`. */
  properties: string[]
  /** A number for a value, numbers for a list. */
  rows: (number | number[])[][]
}

export type PlyEncoding = 'ascii' | 'binary_little_endian' | 'binary_big_endian'

const writers: Record<
  string,
  [bytes: number, write: (buffer: Buffer, value: number, little: boolean) => void]
> = {
  char: [1, (buffer, value) => buffer.writeInt8(value)],
  uchar: [1, (buffer, value) => buffer.writeUInt8(value)],
  short: [2, (buffer, value, little) => (little ? buffer.writeInt16LE(value) : buffer.writeInt16BE(value))],
  ushort: [
    2,
    (buffer, value, little) => (little ? buffer.writeUInt16LE(value) : buffer.writeUInt16BE(value)),
  ],
  int: [4, (buffer, value, little) => (little ? buffer.writeInt32LE(value) : buffer.writeInt32BE(value))],
  uint: [4, (buffer, value, little) => (little ? buffer.writeUInt32LE(value) : buffer.writeUInt32BE(value))],
  float: [4, (buffer, value, little) => (little ? buffer.writeFloatLE(value) : buffer.writeFloatBE(value))],
  double: [
    8,
    (buffer, value, little) => (little ? buffer.writeDoubleLE(value) : buffer.writeDoubleBE(value)),
  ],
}

function scalar(type: string, value: number, encoding: PlyEncoding) {
  if (encoding === 'ascii') return Buffer.from(`${value} `)
  const [bytes, write] = writers[type]!
  const buffer = Buffer.alloc(bytes)
  write(buffer, value, encoding === 'binary_little_endian')
  return buffer
}

export function encodePly(encoding: PlyEncoding, elements: PlyFixtureElement[]): Uint8Array {
  const head = elements.flatMap(({ name, properties, rows }) => [
    `element ${name} ${rows.length}`,
    ...properties.map((property) => `property ${property}`),
  ])
  const parts = [
    Buffer.from(['ply', `format ${encoding} 1.0`, 'comment by hand', ...head, 'end_header', ''].join('\n')),
  ]
  for (const { properties, rows } of elements) {
    for (const row of rows) {
      for (const [i, value] of row.entries()) {
        const words = properties[i]!.split(' ')
        // A number for a list is one that lies: it has as many values as none.
        if (typeof value === 'number')
          parts.push(scalar(words[0] === 'list' ? words[1]! : words[0]!, value, encoding))
        else {
          parts.push(scalar(words[1]!, value.length, encoding))
          parts.push(...value.map((entry) => scalar(words[2]!, entry, encoding)))
        }
      }
      if (encoding === 'ascii') parts.push(Buffer.from('\n'))
    }
  }
  return new Uint8Array(Buffer.concat(parts))
}

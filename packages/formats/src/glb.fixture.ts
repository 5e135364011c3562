// GLB files laid out by hand: twelve bytes, a chunk of JSON, a chunk of numbers.

export type GlbAccessorFixture = {
  componentType: 5120 | 5121 | 5122 | 5123 | 5125 | 5126
  type: 'SCALAR' | 'VEC3' | 'VEC4'
  values: number[]
  normalized?: boolean
  /** Bytes from an element to the next; default as long as it is. */
  stride?: number
}

const sizes = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4 } as const
const components = { SCALAR: 1, VEC3: 3, VEC4: 4 } as const

function write(buffer: Buffer, type: GlbAccessorFixture['componentType'], value: number, at: number): void {
  if (type === 5126) buffer.writeFloatLE(value, at)
  else if (type === 5120 || type === 5122) buffer.writeIntLE(value, at, sizes[type])
  else buffer.writeUIntLE(value, at, sizes[type])
}

/** The value at a path such as `nodes.0.matrix` is another one. */
function changed(json: object, { path, value }: { path: string; value: unknown }): object {
  const copy = structuredClone(json)
  const keys = path.split('.')
  const parent = keys.slice(0, -1).reduce((object, key) => Reflect.get(object, key), copy)
  Reflect.set(parent, keys.at(-1)!, value)
  return copy
}

/** `json` has everything but buffers, views and accessors; accessors are numbered as they are given. */
export function encodeGlb(
  json: object,
  accessors: GlbAccessorFixture[],
  change?: { path: string; value: unknown },
): Uint8Array {
  const parts: Buffer[] = []
  const views: object[] = []
  const described: object[] = []
  let offset = 0
  for (const { componentType, type, values, normalized, stride } of accessors) {
    const [size, width] = [sizes[componentType], components[type]]
    const step = stride ?? size * width
    const count = values.length / width
    const bytes = Buffer.alloc(4 * Math.ceil((count * step) / 4), 0xaa)
    for (const [i, value] of values.entries())
      write(bytes, componentType, value, Math.floor(i / width) * step + (i % width) * size)
    views.push({
      buffer: 0,
      byteOffset: offset,
      byteLength: bytes.length,
      ...(stride && { byteStride: stride }),
    })
    described.push({
      bufferView: described.length,
      componentType,
      type,
      count,
      ...(normalized && { normalized }),
    })
    parts.push(bytes)
    offset += bytes.length
  }
  const whole = {
    asset: { version: '2.0' },
    ...json,
    buffers: [{ byteLength: offset }],
    bufferViews: views,
    accessors: described,
  }
  const text = Buffer.from(JSON.stringify(change ? changed(whole, change) : whole))
  const padded = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, ' ')])
  const head = Buffer.alloc(20)
  head.write('glTF', 0, 'latin1')
  head.writeUInt32LE(2, 4)
  head.writeUInt32LE(28 + padded.length + offset, 8)
  head.writeUInt32LE(padded.length, 12)
  head.write('JSON', 16, 'latin1')
  const binaryHead = Buffer.alloc(8)
  binaryHead.writeUInt32LE(offset, 0)
  binaryHead.write('BIN\0', 4, 'latin1')
  return new Uint8Array(Buffer.concat([head, padded, binaryHead, ...parts]))
}

// E57 files laid out by hand from the published format: pages with checksums, packets of bit streams, XML behind them.

export type E57FixtureField =
  | { name: string; kind: 'Float'; single?: boolean }
  | { name: string; kind: 'Integer'; minimum: bigint; maximum: bigint }
  | { name: string; kind: 'ScaledInteger'; minimum: bigint; maximum: bigint; scale: number; offset: number }
  | { name: string; kind: 'String' }

export type E57FixtureScan = {
  fields: E57FixtureField[]
  /** As stored: whole numbers for integers, scaled or not. */
  rows: (number | bigint | string)[][]
  /** More elements of the scan: pose, limits, start. */
  xml?: string
  /** Records that each packet brings; default all in one. */
  recordsPerPacket?: number
  /** Whether packets of other kinds stand between those with data. */
  otherPackets?: boolean
  /** What the XML says instead of the number of rows. */
  statedCount?: bigint
}

export type E57Fixture = {
  scans: E57FixtureScan[]
  metadata?: string
  pageBytes?: number
  /** The last word on the XML, and on the logical bytes before there are pages. */
  changeXml?: (xml: string) => string
  changeBytes?: (logical: Buffer) => void
}

/** Bit by bit, as the polynomial says. */
export function plainCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

/** All values of one field as the bits of a stream, lowest first. */
function streamBits(field: E57FixtureField, values: (number | bigint | string)[]): string {
  return values
    .map((value) => {
      if (field.kind === 'String') {
        const text = Buffer.from(value as string)
        return bytesAsBits(Buffer.concat([Buffer.from([text.length << 1]), text]))
      }
      if (field.kind === 'Float') {
        const bytes = Buffer.alloc(field.single ? 4 : 8)
        if (field.single) bytes.writeFloatLE(value as number)
        else bytes.writeDoubleLE(value as number)
        return bytesAsBits(bytes)
      }
      const width = field.maximum === field.minimum ? 0 : (field.maximum - field.minimum).toString(2).length
      const above = BigInt(value as bigint) - field.minimum
      return width === 0 ? '' : [...above.toString(2).padStart(width, '0')].reverse().join('')
    })
    .join('')
}

const bytesAsBits = (bytes: Buffer) =>
  [...bytes].map((byte) => [...byte.toString(2).padStart(8, '0')].reverse().join('')).join('')

function bitsAsBytes(bits: string): Buffer {
  const bytes = bits.padEnd(8 * Math.ceil(bits.length / 8), '0').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt([...byte].reverse().join(''), 2)))
}

function dataPacket(streams: Buffer[]): Buffer {
  const used = 6 + 2 * streams.length + streams.reduce((sum, { length }) => sum + length, 0)
  const packet = Buffer.alloc(4 * Math.ceil(used / 4))
  packet[0] = 1
  packet.writeUInt16LE(packet.length - 1, 2)
  packet.writeUInt16LE(streams.length, 4)
  for (const [i, { length }] of streams.entries()) packet.writeUInt16LE(length, 6 + 2 * i)
  Buffer.concat(streams).copy(packet, 6 + 2 * streams.length)
  return packet
}

/** Streams go on over packets: bits that do not fill a byte wait for the next one. */
function packetsOf({ fields, rows, recordsPerPacket = rows.length, otherPackets }: E57FixtureScan): Buffer[] {
  const packets: Buffer[] = []
  const waiting = fields.map(() => '')
  for (let first = 0; first < rows.length; first += recordsPerPacket) {
    const isLast = first + recordsPerPacket >= rows.length
    const streams = fields.map((field, i) => {
      const bits = waiting[i]! + streamBits(field, rows.slice(first, first + recordsPerPacket).map((row) => row[i]!)) // biome-ignore format: one line
      const whole = isLast ? bits.length : 8 * Math.floor(bits.length / 8)
      waiting[i] = bits.slice(whole)
      return bitsAsBytes(bits.slice(0, whole))
    })
    packets.push(dataPacket(streams))
    if (otherPackets)
      packets.push(Buffer.from([2, 0, 7, 0, 9, 9, 9, 9]), Buffer.from([0, 0, 15, 0, ...Array(12).fill(0)]))
  }
  return packets
}

function prototypeXml(field: E57FixtureField): string {
  const attributes = {
    Float: () => ('single' in field && field.single ? ' precision="single"' : ''),
    Integer: () => ('minimum' in field ? ` minimum="${field.minimum}" maximum="${field.maximum}"` : ''),
    ScaledInteger: () =>
      'scale' in field
        ? ` minimum="${field.minimum}" maximum="${field.maximum}" scale="${field.scale}" offset="${field.offset}"`
        : '',
    String: () => '',
  }[field.kind]()
  return `<${field.name} type="${field.kind}"${attributes}/>`
}

export function encodeE57({
  scans,
  metadata = '',
  pageBytes = 1024,
  changeXml,
  changeBytes,
}: E57Fixture): Uint8Array {
  const payload = pageBytes - 4
  const physical = (logical: number) => Math.floor(logical / payload) * pageBytes + (logical % payload)
  const sections: Buffer[] = [Buffer.alloc(48)]
  let at = 48
  const scansXml = scans.map((scan) => {
    const packets = Buffer.concat(packetsOf(scan))
    const head = Buffer.alloc(32)
    head[0] = 1
    head.writeBigUInt64LE(BigInt(32 + packets.length), 8)
    head.writeBigUInt64LE(BigInt(physical(at + 32)), 16)
    const xml = `<vectorChild type="Structure">${scan.xml ?? ''}<points type="CompressedVector" fileOffset="${physical(at)}" recordCount="${scan.statedCount ?? scan.rows.length}"><prototype type="Structure">${scan.fields.map(prototypeXml).join('')}</prototype><codecs type="Vector"/></points></vectorChild>`
    sections.push(head, packets)
    at += 32 + packets.length
    return xml
  })
  const plain = `<?xml version="1.0" encoding="UTF-8"?>\n<e57Root type="Structure" xmlns="http://www.astm.org/COMMIT/E57/2010-e57-v1.0"><formatName type="String"><![CDATA[a <b> & c]]></formatName><coordinateMetadata type="String"><![CDATA[${metadata}]]></coordinateMetadata><data3D type="Vector">${scansXml.join('')}</data3D></e57Root>`
  const xml = Buffer.from(changeXml?.(plain) ?? plain)
  const used = Buffer.concat([...sections, xml])
  const pageCount = Math.ceil(used.length / payload)
  const logical = Buffer.concat([used, Buffer.alloc(pageCount * payload - used.length)])
  logical.write('ASTM-E57', 0, 'latin1')
  logical.writeUInt32LE(1, 8)
  logical.writeBigUInt64LE(BigInt(pageCount * pageBytes), 16)
  logical.writeBigUInt64LE(BigInt(physical(at)), 24)
  logical.writeBigUInt64LE(BigInt(xml.length), 32)
  logical.writeBigUInt64LE(BigInt(pageBytes), 40)
  changeBytes?.(logical)
  const pages: Buffer[] = []
  for (let page = 0; page < pageCount; page++) {
    const bytes = logical.subarray(page * payload, (page + 1) * payload)
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(plainCrc32c(bytes))
    pages.push(bytes, checksum)
  }
  return new Uint8Array(Buffer.concat(pages))
}

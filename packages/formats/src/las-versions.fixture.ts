// LAS files of every version and point format with everything in them, laid out byte by byte from the published tables:
// LAS 1.0 (2003), 1.1 (2005), 1.2 (2008), 1.3 R11 (2010), 1.4 R15 (2019). Nothing of the package's own tables is used, so
// that readers and writers are held against the documents. Every value is known by construction: see `pointOf`.

export type VersionFixture = {
  minor: 0 | 1 | 2 | 3 | 4
  pointFormat: number
  pointCount: number
  vlrs?: RecordFixture[]
  /** LAS 1.4 only; after the waveforms, if there are any. */
  evlrs?: RecordFixture[]
  /** Bytes after each record, `extraValue` each. */
  extraBytes?: number
  globalEncoding?: number
  /** Payload of the waveform record of LAS 1.3 and 1.4 (LASF_Spec 65535), behind the points. */
  waveforms?: Uint8Array
  /** LAS 1.0: whether the offset to the points leads to the signature before them, as some writers have it. */
  offsetToSignature?: boolean
}

export type RecordFixture = { userId: string; recordId: number; description: string; data: Uint8Array }

const headerSizes = [227, 227, 227, 235, 375] as const
const scale = [0.001, 0.01, 0.25] as const
const offset = [600_000, 5_000_000, -100] as const

/** What point `i` holds, by the names of `decodeAttribute`; a format stores what it has room for. */
export function pointOf(i: number, pointFormat: number) {
  const modern = pointFormat >= 6
  return {
    x: (1000 * i - 7) * scale[0] + offset[0],
    y: (-3 * i + 2_000_000_000) * scale[1] + offset[1],
    z: i * i * scale[2] + offset[2],
    intensity: (i * 257) % 65_536,
    returnNumber: 1 + (i % (modern ? 15 : 7)),
    numberOfReturns: modern ? 15 : 7,
    synthetic: i % 2,
    keyPoint: (i >> 1) % 2,
    withheld: (i >> 2) % 2,
    overlap: (i >> 3) % 2,
    scannerChannel: i % 4,
    scanDirection: (i >> 1) % 2,
    edgeOfFlightLine: (i >> 2) % 2,
    classification: modern ? (i * 13) % 256 : (i * 13) % 32,
    // Stored in whole degrees, or in steps of 0.006 degrees.
    scanAngle: modern ? (200 * i - 30_000) * 0.006 : (i % 181) - 90,
    userData: (i * 3 + 1) % 256,
    pointSourceId: (i * 1001) % 65_536,
    gpsTime: 250_000_000.125 + i / 8,
    red: (i * 311 + 1) % 65_536,
    green: (i * 313 + 2) % 65_536,
    blue: (i * 317 + 3) % 65_536,
    nir: (i * 331 + 4) % 65_536,
    wavePacketDescriptorIndex: 1 + (i % 2),
    waveformOffsetBytes: 60 + 16 * i,
    waveformSizeBytes: 16,
    returnPointWaveformLocation: 125.5 * i,
    waveformDx: 0.25 * i,
    waveformDy: -0.5,
    waveformDz: -0.0625 * i,
  }
}

export const extraValue = (i: number, k: number) => (i * 7 + k * 11 + 5) & 0xff

/** Appends numbers, little-endian, one after the other, as the tables list them. */
class Bytes {
  private readonly parts: Buffer[] = []
  private add(sizeBytes: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.alloc(sizeBytes)
    write(bytes)
    this.parts.push(bytes)
    return this
  }
  u8 = (value: number) => this.add(1, (bytes) => bytes.writeUInt8(value))
  i8 = (value: number) => this.add(1, (bytes) => bytes.writeInt8(value))
  u16 = (value: number) => this.add(2, (bytes) => bytes.writeUInt16LE(value))
  i16 = (value: number) => this.add(2, (bytes) => bytes.writeInt16LE(value))
  u32 = (value: number) => this.add(4, (bytes) => bytes.writeUInt32LE(value))
  i32 = (value: number) => this.add(4, (bytes) => bytes.writeInt32LE(value))
  u64 = (value: number) => this.add(8, (bytes) => bytes.writeBigUInt64LE(BigInt(value)))
  f32 = (value: number) => this.add(4, (bytes) => bytes.writeFloatLE(value))
  f64 = (value: number) => this.add(8, (bytes) => bytes.writeDoubleLE(value))
  text = (value: string, length: number) => this.add(length, (bytes) => bytes.write(value, 'latin1'))
  raw = (value: Uint8Array) => this.add(value.length, (bytes) => bytes.set(value))
  whole = () => Buffer.concat(this.parts)
}

export function encodeVersion(fixture: VersionFixture): {
  bytes: Buffer
  records: Buffer
  recordLength: number
} {
  const { minor, pointFormat, pointCount, vlrs = [], waveforms } = fixture
  const encodedVlrs = Buffer.concat(vlrs.map((vlr) => encodeRecord(vlr, minor === 0 ? 0xaabb : 0, false)))
  // LAS 1.0, section "Point data start signature": two bytes 0xCCDD directly before the points.
  const signature = minor === 0 ? new Bytes().u16(0xccdd).whole() : Buffer.alloc(0)
  const points = Array.from({ length: pointCount }, (_, i) => encodePoint(i, fixture))
  const records = Buffer.concat(points)
  const recordLength = points[0]?.length ?? 0
  const pointDataOffset = headerSizes[minor] + encodedVlrs.length + signature.length
  const behind = pointDataOffset + records.length
  const evlrs = [
    ...(waveforms
      ? [{ userId: 'LASF_Spec', recordId: 65535, description: 'waveforms', data: waveforms }]
      : []),
    ...(fixture.evlrs ?? []),
  ]
  const header = encodeHeader(fixture, {
    pointDataOffset: pointDataOffset - (fixture.offsetToSignature ? 2 : 0),
    recordLength,
    waveformOffset: waveforms ? behind : 0,
    evlrOffset: evlrs.length > 0 ? behind : 0,
    evlrCount: evlrs.length,
    returns: Array.from({ length: 15 }, (_, k) =>
      points.reduce((sum, _, i) => sum + (pointOf(i, pointFormat).returnNumber === k + 1 ? 1 : 0), 0),
    ),
  })
  const encodedEvlrs = evlrs.map((evlr) => encodeRecord(evlr, 0, true))
  const bytes = Buffer.concat([header, encodedVlrs, signature, records, ...encodedEvlrs])
  return { bytes, records, recordLength }
}

type Places = {
  pointDataOffset: number
  recordLength: number
  waveformOffset: number
  evlrOffset: number
  evlrCount: number
  returns: number[]
}

/** The public header block: table 1 of LAS 1.0 to 1.3, table 3 of 1.4. */
function encodeHeader(
  { minor, pointFormat, pointCount, ...fixture }: VersionFixture,
  places: Places,
): Buffer {
  const { vlrs = [], globalEncoding = 0 } = fixture
  const bytes = new Bytes().text('LASF', 4)
  // 1.0: four reserved bytes; 1.1: file source id and two reserved; from 1.2 on: file source id and global encoding.
  if (minor === 0) bytes.u32(0)
  else bytes.u16(4711).u16(minor >= 2 ? globalEncoding : 0)
  bytes.raw(Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i))
  bytes.u8(1).u8(minor).text('Airborne sensor 7', 32).text('by hand', 32)
  bytes.u16(200).u16(2009)
  bytes.u16(headerSizes[minor]).u32(places.pointDataOffset).u32(vlrs.length)
  const legacy = minor < 4 || pointFormat < 6
  bytes
    .u8(pointFormat)
    .u16(places.recordLength)
    .u32(legacy ? pointCount : 0)
  for (let k = 0; k < 5; k++) bytes.u32(legacy ? places.returns[k]! : 0)
  for (const step of [...scale, ...offset]) bytes.f64(step)
  const all = Array.from({ length: pointCount }, (_, i) => pointOf(i, pointFormat))
  for (const axis of ['x', 'y', 'z'] as const) {
    bytes.f64(Math.max(...all.map((point) => point[axis]))).f64(Math.min(...all.map((point) => point[axis])))
  }
  if (minor >= 3) bytes.u64(places.waveformOffset)
  if (minor >= 4) {
    bytes.u64(places.evlrOffset).u32(places.evlrCount).u64(pointCount)
    for (const count of places.returns) bytes.u64(count)
  }
  return bytes.whole()
}

/** The head of a variable length record, or of an extended one, and its payload. `first`: 0xAABB in LAS 1.0, reserved since. */
function encodeRecord(
  { userId, recordId, description, data }: RecordFixture,
  first: number,
  extended: boolean,
): Buffer {
  const bytes = new Bytes().u16(first).text(userId, 16).u16(recordId)
  if (extended) bytes.u64(data.length)
  else bytes.u16(data.length)
  return bytes.text(description, 32).raw(data).whole()
}

function encodePoint(i: number, { pointFormat, extraBytes = 0 }: VersionFixture): Buffer {
  const point = pointOf(i, pointFormat)
  const bytes = new Bytes()
    .i32(1000 * i - 7)
    .i32(-3 * i + 2_000_000_000)
    .i32(i * i)
    .u16(point.intensity)
  const { returnNumber, numberOfReturns, scanDirection, edgeOfFlightLine } = point
  const { synthetic, keyPoint, withheld, classification } = point
  const scanner = (scanDirection << 6) | (edgeOfFlightLine << 7)
  if (pointFormat < 6) {
    bytes.u8(returnNumber | (numberOfReturns << 3) | scanner)
    bytes.u8(classification | (synthetic << 5) | (keyPoint << 6) | (withheld << 7))
    bytes.i8(point.scanAngle).u8(point.userData).u16(point.pointSourceId)
  } else {
    bytes.u8(returnNumber | (numberOfReturns << 4))
    const flags = synthetic | (keyPoint << 1) | (withheld << 2) | (point.overlap << 3)
    bytes.u8(flags | (point.scannerChannel << 4) | scanner)
    bytes
      .u8(classification)
      .u8(point.userData)
      .i16(200 * i - 30_000)
      .u16(point.pointSourceId)
  }
  if (![0, 2].includes(pointFormat)) bytes.f64(point.gpsTime)
  if ([2, 3, 5, 7, 8, 10].includes(pointFormat)) bytes.u16(point.red).u16(point.green).u16(point.blue)
  if ([8, 10].includes(pointFormat)) bytes.u16(point.nir)
  if ([4, 5, 9, 10].includes(pointFormat)) {
    bytes.u8(point.wavePacketDescriptorIndex).u64(point.waveformOffsetBytes).u32(point.waveformSizeBytes)
    bytes
      .f32(point.returnPointWaveformLocation)
      .f32(point.waveformDx)
      .f32(point.waveformDy)
      .f32(point.waveformDz)
  }
  for (let k = 0; k < extraBytes; k++) bytes.u8(extraValue(i, k))
  return bytes.whole()
}

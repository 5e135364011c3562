// LAS files of every version and point format, laid out by hand from the specification's tables, so that readers
// and writers are not checked against themselves.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export type LasFixture = {
  minor: number
  pointFormat: number
  /** Stored integers. */
  points: [x: number, y: number, z: number][]
  /** Bytes after each standard record. */
  extra?: number
  scale?: number
  offset?: [number, number, number]
  vlrs?: { userId: string; recordId: number; data: Uint8Array }[]
  evlrs?: { userId: string; recordId: number; data: Uint8Array }[]
  globalEncoding?: number
}

export const headerBytes = [227, 227, 227, 235, 375]
export const recordBytes = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67]

/** Point i is return 1 + i % n of n, the most its format can count; every byte after the return field is a pattern of i and its place. */
export function encodeLas(fixture: LasFixture): Uint8Array {
  const {
    minor,
    pointFormat,
    points,
    extra = 0,
    scale = 0.01,
    offset = [1000, 2000, 30],
    vlrs = [],
  } = fixture
  const head = headerBytes[minor]!
  const recordLength = recordBytes[pointFormat]! + extra
  const vlrBytes = Buffer.concat(vlrs.map((vlr) => encodeRecord(vlr, false)))
  const evlrBytes = Buffer.concat((fixture.evlrs ?? []).map((vlr) => encodeRecord(vlr, true)))
  const dataOffset = head + vlrBytes.length
  const bytes = Buffer.alloc(dataOffset + points.length * recordLength + evlrBytes.length)
  bytes.write('LASF', 0, 'latin1')
  bytes.writeUInt16LE(fixture.globalEncoding ?? 0, 6)
  bytes[24] = 1
  bytes[25] = minor
  bytes.write('fixture', 26, 'latin1')
  bytes.writeUInt16LE(head, 94)
  bytes.writeUInt32LE(dataOffset, 96)
  bytes.writeUInt32LE(vlrs.length, 100)
  bytes[104] = pointFormat
  bytes.writeUInt16LE(recordLength, 105)
  if (pointFormat < 6) bytes.writeUInt32LE(points.length, 107)
  if (minor >= 4) {
    bytes.writeBigUInt64LE(BigInt(points.length), 247)
    if (evlrBytes.length > 0) {
      bytes.writeBigUInt64LE(BigInt(dataOffset + points.length * recordLength), 235)
      bytes.writeUInt32LE(fixture.evlrs!.length, 243)
    }
  }
  for (let axis = 0; axis < 3; axis++) {
    const places = points.map((point) => point[axis]! * scale + offset[axis]!)
    bytes.writeDoubleLE(scale, 131 + 8 * axis)
    bytes.writeDoubleLE(offset[axis]!, 155 + 8 * axis)
    bytes.writeDoubleLE(Math.max(...places, -1e300), 179 + 16 * axis)
    bytes.writeDoubleLE(Math.min(...places, 1e300), 187 + 16 * axis)
  }
  bytes.set(vlrBytes, head)
  for (const [i, [x, y, z]] of points.entries()) {
    const at = dataOffset + i * recordLength
    bytes.writeInt32LE(x, at)
    bytes.writeInt32LE(y, at + 4)
    bytes.writeInt32LE(z, at + 8)
    bytes.writeUInt16LE(100 + i, at + 12)
    bytes[at + 14] = pointFormat >= 6 ? (1 + (i % 15)) | (15 << 4) : (1 + (i % 7)) | (7 << 3)
    for (let k = 15; k < recordLength; k++) bytes[at + k] = (i * 7 + k) & 0xff
  }
  bytes.set(evlrBytes, dataOffset + points.length * recordLength)
  return new Uint8Array(bytes)
}

function encodeRecord(
  { userId, recordId, data }: NonNullable<LasFixture['vlrs']>[number],
  extended: boolean,
) {
  const head = Buffer.alloc(extended ? 60 : 54)
  head.write(userId, 2, 'latin1')
  head.writeUInt16LE(recordId, 18)
  if (extended) head.writeBigUInt64LE(BigInt(data.length), 20)
  else head.writeUInt16LE(data.length, 20)
  return Buffer.concat([head, data])
}

/** A folder for the running test, removed when it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'alidade-formats-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** The same numbers on every run: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

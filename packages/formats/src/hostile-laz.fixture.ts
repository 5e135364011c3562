// A LAZ file of one layered chunk laid out by hand, of which every part can be made to lie. There is no encoder here:
// what the chunk holds are zeros.
import { encodeLas } from './las.fixture.ts'

export type LazLie = {
  pointFormat?: number
  recordLength?: number
  pointCount?: number
  /** Of the LASzip VLR. */
  vlrBytes?: number
  compressor?: number
  coder?: number
  chunkPoints?: number
  itemCount?: number
  items?: [type: number, sizeBytes: number, version: number][]
  /** Of the chunk table. */
  tableOffset?: bigint
  tableVersion?: number
  chunkCount?: number
  /** First bytes of the coded sizes; the rest is zero. 68 says 197. */
  coded?: number[]
  /** The last 8 bytes of the file. */
  tail?: bigint
  /** Byte counts of the first layers of the chunk. */
  layers?: number[]
  /** Instead of everything from the points on. */
  data?: Uint8Array
}

const vlrHead = 54
const headBytes = 375
const recordBytes = 30
const vlrSize = 34 + 6
const chunkBytes = 197
const codedBytes = 16

const data = headBytes + vlrHead + vlrSize
/** Where the parts of a file with one item lie. */
export const tableAt = {
  data,
  chunk: data + 8,
  table: data + 8 + chunkBytes,
  tail: data + 8 + chunkBytes + 8 + codedBytes,
} as const

export function encodeLaz(lie: LazLie): () => Uint8Array {
  return () => {
    const { pointFormat = 6, recordLength = recordBytes, pointCount = 100 } = lie
    const vlrs = [{ userId: 'laszip encoded', recordId: 22204, data: laszipVlr(lie) }]
    const bytes = Buffer.from(encodeLas({ minor: 4, pointFormat, points: [[0, 0, 0]], vlrs }))
    const end = bytes.readUInt32LE(96)
    bytes[104] = 0x80 | pointFormat
    bytes.writeUInt16LE(recordLength, 105)
    bytes.writeBigUInt64LE(BigInt(pointCount), 247)
    bytes.writeUInt32LE(0, 107)
    return Buffer.concat([bytes.subarray(0, end), lie.data ?? pointData(lie)])
  }
}

function laszipVlr({
  compressor = 3,
  coder = 0,
  chunkPoints = 50_000,
  vlrBytes,
  ...lie
}: LazLie): Uint8Array {
  const items = lie.items ?? [[10, 30, 3]]
  const bytes = Buffer.alloc(34 + 6 * items.length)
  bytes.writeUInt16LE(compressor, 0)
  bytes.writeUInt16LE(coder, 2)
  bytes.writeUInt32LE(chunkPoints, 12)
  bytes.writeUInt16LE(lie.itemCount ?? items.length, 32)
  for (const [i, item] of items.entries())
    for (const [k, value] of item.entries()) bytes.writeUInt16LE(value, 34 + 6 * i + 2 * k)
  return bytes.subarray(0, vlrBytes)
}

function pointData({
  tableOffset = BigInt(tableAt.table),
  tableVersion = 0,
  chunkCount = 1,
  ...lie
}: LazLie) {
  const bytes = Buffer.alloc(8 + chunkBytes + 8 + codedBytes + 8)
  bytes.writeBigInt64LE(tableOffset, 0)
  bytes.writeUInt32LE(100, 8 + recordBytes)
  // The first of nine layers fills the chunk.
  const layers = lie.layers ?? [chunkBytes - recordBytes - 4 - 9 * 4]
  for (const [i, size] of layers.entries()) bytes.writeUInt32LE(size, 8 + recordBytes + 4 + 4 * i)
  const table = 8 + chunkBytes
  bytes.writeUInt32LE(tableVersion, table)
  bytes.writeUInt32LE(chunkCount, table + 4)
  bytes.set(lie.coded ?? [68], table + 8)
  bytes.writeBigInt64LE(lie.tail ?? 0n, table + 8 + codedBytes)
  return bytes
}

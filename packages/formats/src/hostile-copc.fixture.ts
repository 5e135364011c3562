// A COPC of one chunk laid out by hand from the published layout (COPC 1.0), of which every part can be made to lie: the LAZ
// file of `hostile-laz.fixture.ts` with an info VLR, and pages behind everything else.
import { encodeLaz, tableAt } from './hostile-laz.fixture.ts'

export type CopcEntry = {
  key?: [level: number, x: number, y: number, z: number]
  /** From the first page on for an entry that leads to a page. */
  offset?: bigint
  sizeBytes?: number
  pointCount?: number
}

export type CopcLie = {
  center?: [number, number, number]
  halfSize?: number
  spacing?: number
  rootOffset?: bigint
  rootBytes?: bigint
  infoBytes?: number
  /** Each a page of entries; default: one page with the one node. */
  pages?: CopcEntry[][]
}

const infoVlrBytes = 54 + 160
const entryBytes = 32
const infoAt = tableAt.data
/** Where the parts of the file lie: its chunk, and its first page. */
export const copcAt = {
  chunk: tableAt.chunk + infoVlrBytes,
  pages: tableAt.tail + 8 + infoVlrBytes,
} as const

export function encodeCopc(lie: CopcLie): () => Uint8Array {
  return () => {
    const { pages = [[{}]] } = lie
    const laz = Buffer.from(encodeLaz({})())
    laz.writeUInt32LE(2, 100)
    laz.writeUInt32LE(laz.readUInt32LE(96) + infoVlrBytes, 96)
    laz.writeBigInt64LE(BigInt(tableAt.table + infoVlrBytes), tableAt.data)
    const info = encodeInfo(lie, pages[0]!.length).subarray(0, 54 + (lie.infoBytes ?? 160))
    info.writeUInt16LE(info.length - 54, 20)
    const padding = Buffer.alloc(infoVlrBytes - info.length)
    const encoded = pages.flat().map(encodeEntry)
    return Buffer.concat([laz.subarray(0, infoAt), info, padding, laz.subarray(infoAt), ...encoded])
  }
}

function encodeInfo(lie: CopcLie, rootEntries: number): Buffer {
  const { center = [1000, 2000, 30], halfSize = 8, spacing = 1 } = lie
  const bytes = Buffer.alloc(infoVlrBytes)
  bytes.write('copc', 2, 'latin1')
  bytes.writeUInt16LE(1, 18)
  for (const [i, number] of [...center, halfSize, spacing].entries()) bytes.writeDoubleLE(number, 54 + 8 * i)
  bytes.writeBigUInt64LE(lie.rootOffset ?? BigInt(copcAt.pages), 54 + 40)
  bytes.writeBigUInt64LE(lie.rootBytes ?? BigInt(entryBytes * rootEntries), 54 + 48)
  return bytes
}

function encodeEntry({ key = [0, 0, 0, 0], pointCount = 100, ...entry }: CopcEntry): Buffer {
  const bytes = Buffer.alloc(entryBytes)
  for (const [i, number] of key.entries()) bytes.writeInt32LE(number, 4 * i)
  bytes.writeBigUInt64LE(entry.offset ?? BigInt(copcAt.chunk), 16)
  bytes.writeInt32LE(entry.sizeBytes ?? 197, 24)
  bytes.writeInt32LE(pointCount, 28)
  return bytes
}

/** An entry that leads to the page that begins with entry `first` of the file. */
export function pageEntry(key: CopcEntry['key'], first: number, entries: number): CopcEntry {
  const offset = BigInt(copcAt.pages + entryBytes * first)
  return { ...(key && { key }), offset, sizeBytes: entryBytes * entries, pointCount: -1 }
}

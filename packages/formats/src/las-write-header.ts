// Encodes the public header block of LAS 1.4 (R15, table 3) and the heads of VLRs and EVLRs.
import type { LasHeader } from './las-header.ts'
import type { LasStatistics } from './las-statistics.ts'
import { evlrHeaderBytes, vlrHeaderBytes } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'
import { writeAscii } from './little-endian.ts'

export const headerBytes14 = 375

type HeaderFacts = {
  readonly like: LasHeader
  readonly statistics: LasStatistics
  readonly pointDataOffset: number
  readonly vlrCount: number
  readonly recordLength: number
  readonly evlrOffset: number
  readonly evlrCount: number
  /** Of the EVLR that holds waveforms; 0: none. */
  readonly waveformOffset: number
  readonly createdAt: Date | undefined
}

/** Bit 1 announces waveforms in the file, bit 2 in a file beside it. */
const internalWaveforms = 0b10
const largestLegacyCount = 0xffffffff

export function encodeHeader14(facts: HeaderFacts): Uint8Array {
  const { like, statistics } = facts
  const bytes = new Uint8Array(headerBytes14)
  const view = new DataView(bytes.buffer)
  writeAscii(bytes, 0, 4, 'LASF')
  view.setUint16(4, like.fileSourceId, true)
  const otherBits = like.globalEncoding & ~internalWaveforms
  view.setUint16(6, facts.waveformOffset > 0 ? otherBits | internalWaveforms : otherBits, true)
  bytes.set(like.projectId, 8)
  bytes.set([1, 4], 24)
  writeAscii(bytes, 26, 32, like.systemIdentifier || 'OTHER')
  writeAscii(bytes, 58, 32, 'Alidade')
  if (facts.createdAt) writeCreationDate(view, facts.createdAt)
  view.setUint16(94, headerBytes14, true)
  view.setUint32(96, facts.pointDataOffset, true)
  view.setUint32(100, facts.vlrCount, true)
  bytes[104] = like.pointFormat
  view.setUint16(105, facts.recordLength, true)
  writeCounts(view, like.pointFormat, statistics)
  for (let axis = 0; axis < 3; axis++) {
    view.setFloat64(131 + 8 * axis, like.scale[axis]!, true)
    view.setFloat64(155 + 8 * axis, like.offset[axis]!, true)
    const { min, max } = statistics.bounds()
    view.setFloat64(179 + 16 * axis, max[axis]!, true)
    view.setFloat64(187 + 16 * axis, min[axis]!, true)
  }
  view.setBigUint64(227, BigInt(facts.waveformOffset), true)
  view.setBigUint64(235, BigInt(facts.evlrOffset), true)
  view.setUint32(243, facts.evlrCount, true)
  return bytes
}

// The 32-bit counts are for old readers: they know formats 0 to 5 only, and must read 0 otherwise.
export function writeCounts(
  view: DataView,
  pointFormat: number,
  statistics: Pick<LasStatistics, 'pointCount' | 'countByReturn'>,
): void {
  const { pointCount, countByReturn } = statistics
  if (pointFormat < 6 && pointCount <= largestLegacyCount) {
    view.setUint32(107, pointCount, true)
    for (let i = 0; i < 5; i++) view.setUint32(111 + 4 * i, countByReturn[i]!, true)
  }
  view.setBigUint64(247, BigInt(pointCount), true)
  for (let i = 0; i < 15; i++) view.setBigUint64(255 + 8 * i, BigInt(countByReturn[i]!), true)
}

function writeCreationDate(view: DataView, date: Date): void {
  const year = date.getUTCFullYear()
  view.setUint16(90, Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000) + 1, true)
  view.setUint16(92, year, true)
}

/** Head and payload of a VLR. */
export function encodeVlr(vlr: LasVlr): Uint8Array {
  const data = vlr.data ?? new Uint8Array(0)
  return Buffer.concat([encodeVlrHead(vlr, data.length, false), data])
}

/** The head of a VLR, or of an EVLR with its 64-bit length, whose payload follows. */
export function encodeVlrHead(vlr: LasVlr, sizeBytes: number, extended: boolean): Uint8Array {
  const bytes = new Uint8Array(extended ? evlrHeaderBytes : vlrHeaderBytes)
  const view = new DataView(bytes.buffer)
  writeAscii(bytes, 2, 16, vlr.userId)
  view.setUint16(18, vlr.recordId, true)
  if (extended) view.setBigUint64(20, BigInt(sizeBytes), true)
  else view.setUint16(20, sizeBytes, true)
  writeAscii(bytes, extended ? 28 : 22, 32, vlr.description)
  return bytes
}

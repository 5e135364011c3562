// The public header block of LAS 1.0 to 1.4: numbers at fixed places, each held against the others.
import { corrupt, FormatError } from './format-error.ts'
import { readCoordinates } from './las-coordinates.ts'
import { baseRecordLength, lastPointFormat } from './las-point-formats.ts'
import { mostLazPoints } from './laz-vlr.ts'
import { readAscii, readUint64 } from './little-endian.ts'

/** Header bytes that each minor version has; 1.3 is often written with the shorter block of 1.2. */
const smallestHeader = [227, 227, 227, 227, 375]

export type HeaderBlock = ReturnType<typeof parseHeaderBlock>

/** FormatError where the block contradicts itself or the size of the file. */
export function parseHeaderBlock(view: DataView, bytes: Uint8Array, fileBytes: number) {
  const [versionMajor, versionMinor] = [bytes[24]!, bytes[25]!]
  const smallest = versionMajor === 1 ? smallestHeader[versionMinor] : undefined
  if (smallest === undefined) {
    const got = `${versionMajor}.${versionMinor}`
    throw new FormatError('Unsupported', 'byte 24', `expected LAS 1.0 to 1.4, got ${got}`)
  }
  const headerSizeBytes = view.getUint16(94, true)
  if (headerSizeBytes < smallest || headerSizeBytes > fileBytes) {
    throw corrupt('byte 94', `a header of ${smallest} to ${fileBytes} bytes`, headerSizeBytes)
  }
  const pointDataOffset = view.getUint32(96, true)
  if (pointDataOffset < headerSizeBytes || pointDataOffset > fileBytes) {
    throw corrupt('byte 96', `points between byte ${headerSizeBytes} and ${fileBytes}`, pointDataOffset)
  }
  // LASzip sets bit 7, very old writers bit 6 as well; the format is in the low six bits.
  const compressed = (bytes[104]! & 0xc0) !== 0
  const pointFormat = bytes[104]! & 0x3f
  if (pointFormat > lastPointFormat) {
    throw new FormatError('Unsupported', 'byte 104', `expected a point format 0 to 10, got ${pointFormat}`)
  }
  const pointRecordLength = view.getUint16(105, true)
  const baseLength = baseRecordLength(pointFormat)
  if (pointRecordLength < baseLength) {
    throw corrupt('byte 105', `records of at least ${baseLength} bytes`, pointRecordLength)
  }
  const { pointCount, place } = readPointCount(view, versionMinor)
  const dataBytes = fileBytes - pointDataOffset
  const room = compressed ? mostLazPoints(dataBytes) : Math.floor(dataBytes / pointRecordLength)
  if (pointCount > room) {
    const what = compressed
      ? `compressed into ${dataBytes} bytes`
      : `of ${pointRecordLength} bytes in this file`
    throw corrupt(place, `at most ${room} points ${what}`, pointCount)
  }
  return {
    versionMinor,
    headerSizeBytes,
    pointDataOffset,
    compressed,
    pointFormat,
    pointRecordLength,
    pointCount,
    pointCountByReturn: readCountsByReturn(view, versionMinor),
    ...readCoordinates(view, pointCount),
    // Reserved before, and not always zero.
    globalEncoding: versionMinor >= 2 ? view.getUint16(6, true) : 0,
    fileSourceId: versionMinor >= 1 ? view.getUint16(4, true) : 0,
    projectId: new Uint8Array(bytes.subarray(8, 24)),
    systemIdentifier: readAscii(bytes, 26, 32),
    generatingSoftware: readAscii(bytes, 58, 32),
  }
}

// The header's point count is 32 bits up to LAS 1.3; from 1.4 on the 64-bit field at byte 247 is the true one.
function readPointCount(view: DataView, versionMinor: number): { pointCount: number; place: string } {
  const pointCount = versionMinor < 4 ? 0 : readUint64(view, 247, 'byte 247')
  if (pointCount > 0) return { pointCount, place: 'byte 247' }
  return { pointCount: view.getUint32(107, true), place: 'byte 107' }
}

function readCountsByReturn(view: DataView, versionMinor: number): number[] {
  if (versionMinor < 4) return Array.from({ length: 5 }, (_, i) => view.getUint32(111 + 4 * i, true))
  return Array.from({ length: 15 }, (_, i) => Number(view.getBigUint64(255 + 8 * i, true)))
}

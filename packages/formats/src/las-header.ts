// The public header block of LAS 1.0 to 1.4 with its VLRs and EVLRs, checked against the file before it is used.
import type { ByteSource } from './byte-source.ts'
import type { Crs } from './crs.ts'
import { crsFromVlrs } from './crs-from-vlrs.ts'
import { corrupt, FormatError } from './format-error.ts'
import type { Vector3 } from './las-coordinates.ts'
import { parseExtraBytes } from './las-extra-bytes.ts'
import type { ExtraBytesField } from './las-extra-bytes.ts'
import { parseHeaderBlock } from './las-header-block.ts'
import type { HeaderBlock } from './las-header-block.ts'
import { baseRecordLength } from './las-point-formats.ts'
import { evlrHeaderBytes, findVlr, readEvlrs, readVlrs } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'
import { parseLaszipVlr } from './laz-vlr.ts'
import type { LaszipVlr } from './laz-vlr.ts'
import { readAscii, readUint64 } from './little-endian.ts'

export type LasHeader = {
  readonly versionMinor: number
  readonly pointFormat: number
  /** Bytes of one record, extra bytes included. */
  readonly pointRecordLength: number
  readonly pointCount: number
  /** Points by return number, first return first: 5 numbers up to LAS 1.3, 15 in LAS 1.4. */
  readonly pointCountByReturn: readonly number[]
  readonly scale: Vector3
  readonly offset: Vector3
  /** As the header states them, in the unit of the CRS; not verified against the points. */
  readonly bounds: { readonly min: Vector3; readonly max: Vector3 }
  readonly headerSizeBytes: number
  readonly pointDataOffset: number
  readonly compressed: boolean
  /** How the points are compressed; present when `compressed`. */
  readonly laszip?: LaszipVlr
  /** VLRs, then EVLRs, in file order. */
  readonly vlrs: readonly LasVlr[]
  readonly extraBytes: readonly ExtraBytesField[]
  /** Absent when the file names none. */
  readonly crs?: Crs
  /** Bits of LAS 1.4, table 4; 0 before LAS 1.2. */
  readonly globalEncoding: number
  readonly fileSourceId: number
  readonly projectId: Uint8Array
  readonly systemIdentifier: string
  readonly generatingSoftware: string
}

/** Bit of the global encoding. */
const internalWaveforms = 0b10

/**
 * Reads and checks everything before the points. FormatError `NotAPointCloud` for another kind of file,
 * `Unsupported` for versions above 1.4 or point formats above 10, `Corrupt` for the rest.
 */
export async function readLasHeader(source: ByteSource): Promise<LasHeader> {
  const bytes = await source.read(0, Math.min(source.sizeBytes, 375))
  if (readAscii(bytes, 0, 4) !== 'LASF') {
    throw new FormatError(
      'NotAPointCloud',
      'byte 0',
      `expected a LAS or LAZ file (LASF), got ${firstBytes(bytes)}`,
    )
  }
  if (bytes.length < 227) throw corrupt('byte 0', 'a header of at least 227 bytes', `${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const block = parseHeaderBlock(view, bytes, source.sizeBytes)
  const vlrs = await readVlrs(source, block.headerSizeBytes, block.pointDataOffset, view.getUint32(100, true))
  const pointDataOffset = block.pointDataOffset + (await signatureBytes(source, block))
  const pointsEnd = endOfPoints({ ...block, pointDataOffset })
  if (block.versionMinor >= 4) {
    const start = readUint64(view, 235, 'byte 235')
    vlrs.push(...(await readEvlrs(source, start, view.getUint32(243, true), pointsEnd)))
  }
  const waveforms = waveformOffset(view, block)
  if (waveforms > 0 && !vlrs.some(({ dataOffset }) => dataOffset === waveforms + evlrHeaderBytes)) {
    vlrs.push(...(await readEvlrs(source, waveforms, 1, pointsEnd, 'byte 227')))
  }
  const baseLength = baseRecordLength(block.pointFormat)
  const extra = findVlr(vlrs, 'LASF_Spec', 4)?.data
  const extraBytes = extra ? parseExtraBytes(extra, baseLength, block.pointRecordLength) : []
  const crs = crsFromVlrs(vlrs, (block.globalEncoding & 0x10) !== 0 || block.pointFormat >= 6)
  const laszip = block.compressed ? parseLaszipVlr(vlrs, block) : undefined
  return { ...block, pointDataOffset, vlrs, extraBytes, ...(crs && { crs }), ...(laszip && { laszip }) }
}

/**
 * LAS 1.0 has two bytes 0xCCDD directly before the points. Some of its writers let the offset lead to them instead of to the
 * first point; a point may begin with these bytes as well, so the file has to be just so much longer.
 */
async function signatureBytes(source: ByteSource, block: HeaderBlock): Promise<0 | 2> {
  const { versionMinor, pointDataOffset, pointCount, pointRecordLength, compressed } = block
  const spare = source.sizeBytes - pointDataOffset - pointCount * pointRecordLength
  if (versionMinor > 0 || compressed || spare !== 2) return 0
  const [first, second] = await source.read(pointDataOffset, 2)
  return (first === 0xdd && second === 0xcc) || (first === 0xcc && second === 0xdd) ? 2 : 0
}

/** Of the record that holds waveforms inside the file (LAS 1.3; deprecated in 1.4, where it is one of the EVLRs); 0: none. */
function waveformOffset(
  view: DataView,
  { versionMinor, headerSizeBytes, globalEncoding }: HeaderBlock,
): number {
  const inFile = (globalEncoding & internalWaveforms) !== 0
  return versionMinor >= 3 && headerSizeBytes >= 235 && inFile ? readUint64(view, 227, 'byte 227') : 0
}

/** Where EVLRs may start at the earliest; compressed points take at least their first record. */
function endOfPoints(block: HeaderBlock): number {
  const { pointDataOffset, pointCount, pointRecordLength, compressed } = block
  return pointDataOffset + (compressed ? Math.min(1, pointCount) : pointCount) * pointRecordLength
}

function firstBytes(bytes: Uint8Array): string {
  return bytes.length === 0 ? 'an empty file' : `bytes ${Buffer.from(bytes.subarray(0, 4)).toString('hex')}`
}

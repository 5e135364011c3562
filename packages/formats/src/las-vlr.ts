// Variable length records (VLR) and their extended form (EVLR, at the end of LAS 1.4 files).
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { readAscii, readUint64 } from './little-endian.ts'

export type LasVlr = {
  readonly userId: string
  readonly recordId: number
  readonly description: string
  readonly extended: boolean
  /** Where the payload lies in the file. */
  readonly dataOffset: number
  readonly sizeBytes: number
  /** The payload; absent for an extended record above `loadedEvlrBytes`, which is left in the file. */
  readonly data?: Uint8Array
}

/** Extended records may be as large as the file (waveforms, COPC pages); those above this stay there. */
export const loadedEvlrBytes = 8 * 1024 * 1024

/** Real files have a few; each costs two reads. */
const mostRecords = 1000

export const vlrHeaderBytes = 54
export const evlrHeaderBytes = 60

/** Reads `count` VLRs that must all end at or before `endOffset`, where the points start. */
export async function readVlrs(
  source: ByteSource,
  startOffset: number,
  endOffset: number,
  count: number,
): Promise<LasVlr[]> {
  if (count * vlrHeaderBytes > endOffset - startOffset) {
    throw corrupt(
      'byte 100',
      `${count} VLRs in ${endOffset - startOffset} bytes before the points`,
      'too few bytes',
    )
  }
  refuseTooMany('byte 100', count)
  const vlrs: LasVlr[] = []
  let at = startOffset
  for (let i = 0; i < count; i++) {
    if (at + vlrHeaderBytes > endOffset)
      throw corrupt(`byte ${at}`, `VLR ${i + 1} of ${count}`, 'the point data')
    const head = await source.read(at, vlrHeaderBytes)
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
    const sizeBytes = view.getUint16(20, true)
    const dataOffset = at + vlrHeaderBytes
    if (dataOffset + sizeBytes > endOffset) {
      throw corrupt(`byte ${at + 20}`, `a VLR of at most ${endOffset - dataOffset} bytes`, sizeBytes)
    }
    const data = await source.read(dataOffset, sizeBytes)
    const names = { userId: readAscii(head, 2, 16), description: readAscii(head, 22, 32) }
    vlrs.push({ ...names, recordId: view.getUint16(18, true), extended: false, dataOffset, sizeBytes, data })
    at = dataOffset + sizeBytes
  }
  return vlrs
}

/**
 * Reads `count` EVLRs from `startOffset`, which may not lie before `endOfPoints`; their payloads are loaded up to
 * `loadedEvlrBytes` in all. `startPlace` is the field of the header that holds the offset.
 */
export async function readEvlrs(
  source: ByteSource,
  startOffset: number,
  count: number,
  endOfPoints: number,
  startPlace = 'byte 235',
): Promise<LasVlr[]> {
  if (count === 0) return []
  const left = source.sizeBytes - startOffset
  if (startOffset < endOfPoints) {
    throw corrupt(startPlace, `EVLRs after the points, from byte ${endOfPoints} on`, `byte ${startOffset}`)
  }
  if (count * evlrHeaderBytes > left) {
    throw corrupt(
      startPlace,
      `${count} EVLRs inside ${source.sizeBytes} bytes`,
      `a start at byte ${startOffset}`,
    )
  }
  refuseTooMany('byte 243', count)
  const evlrs: LasVlr[] = []
  let at = startOffset
  let budget = loadedEvlrBytes
  for (let i = 0; i < count; i++) {
    if (at + evlrHeaderBytes > source.sizeBytes) {
      throw corrupt(`byte ${at}`, `EVLR ${i + 1} of ${count}`, 'the end of the file')
    }
    const head = await source.read(at, evlrHeaderBytes)
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
    const dataOffset = at + evlrHeaderBytes
    const sizeBytes = readUint64(view, 20, `byte ${at + 20}`)
    if (sizeBytes > source.sizeBytes - dataOffset) {
      throw corrupt(`byte ${at + 20}`, `an EVLR of at most ${source.sizeBytes - dataOffset} bytes`, sizeBytes)
    }
    const record = {
      userId: readAscii(head, 2, 16),
      recordId: view.getUint16(18, true),
      description: readAscii(head, 28, 32),
      extended: true,
      dataOffset,
      sizeBytes,
    }
    if (sizeBytes <= budget) {
      budget -= sizeBytes
      evlrs.push({ ...record, data: await source.read(dataOffset, sizeBytes) })
    } else evlrs.push(record)
    at = dataOffset + sizeBytes
  }
  return evlrs
}

function refuseTooMany(place: string, count: number): void {
  if (count <= mostRecords) return
  throw new FormatError('Unsupported', place, `expected at most ${mostRecords} records, got ${count}`)
}

/** The first record with this user id and record id. */
export function findVlr(vlrs: readonly LasVlr[], userId: string, recordId: number): LasVlr | undefined {
  return vlrs.find((vlr) => vlr.userId === userId && vlr.recordId === recordId)
}

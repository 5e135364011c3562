// The few little-endian reads that DataView lacks.
import { corrupt } from './format-error.ts'

/** An unsigned 64-bit integer as a number; FormatError `Corrupt` above 2^53 - 1, which no real file reaches. */
export function readUint64(view: DataView, offset: number, place: string): number {
  const value = view.getBigUint64(offset, true)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(place, 'a number below 2^53', value)
  return Number(value)
}

/** Text of a fixed field up to its first NUL, Latin-1, without the padding that some writers add. */
export function readAscii(bytes: Uint8Array, offset: number, length: number): string {
  const field = bytes.subarray(offset, offset + length)
  const nul = field.indexOf(0)
  return Buffer.from(nul < 0 ? field : field.subarray(0, nul))
    .toString('latin1')
    .trimEnd()
}

/** Writes text into a fixed field, cut to its length and padded with NUL. */
export function writeAscii(bytes: Uint8Array, offset: number, length: number, text: string): void {
  bytes.fill(0, offset, offset + length)
  bytes.set(Buffer.from(text, 'latin1').subarray(0, length), offset)
}

export function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

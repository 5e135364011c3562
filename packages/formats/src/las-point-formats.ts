// What each LAS point format holds, as far as this package looks into a record (ASPRS LAS 1.4 R15, section 2.6).

/** Bytes of a record of each point format 0-10, without extra bytes. */
const baseLengths = [20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67] as const

export const lastPointFormat = baseLengths.length - 1

/** Smallest legal record length of a point format; RangeError for a format that does not exist. */
export function baseRecordLength(pointFormat: number): number {
  const length = baseLengths[pointFormat]
  if (length === undefined) throw new RangeError(`expected a point format 0 to 10, got ${pointFormat}`)
  return length
}

/** Byte offset of the classification inside a record, and the bits that hold the class. */
export function classificationField(pointFormat: number): { offset: number; mask: number } {
  return pointFormat >= 6 ? { offset: 16, mask: 0xff } : { offset: 15, mask: 0x1f }
}

/** Byte offset of red, green and blue inside a record, 16 bits each; undefined where the format has no colours. */
export function rgbOffset(pointFormat: number): number | undefined {
  return ({ 2: 20, 3: 28, 5: 28, 7: 30, 8: 30, 10: 30 } as Record<number, number>)[pointFormat]
}

/** Byte 14 holds the return number in its low bits: 3 bits up to format 5, 4 bits from 6 on. */
export function returnNumberMask(pointFormat: number): number {
  return pointFormat >= 6 ? 0x0f : 0x07
}

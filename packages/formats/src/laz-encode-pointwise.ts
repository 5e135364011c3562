// A chunk of point formats 0 to 3: the first record as it is, then all others in one arithmetic code.
import { ArithmeticEncoder, SymbolModel } from './laz-encode-arithmetic.ts'
import { ColourModels, copyColour } from './laz-encode-colours.ts'
import { GpsTimeEncoder } from './laz-encode-gps-time.ts'
import { Point10Encoder } from './laz-encode-point10.ts'
import { baseRecordLength, rgbOffset } from './las-point-formats.ts'

const gpsTimeOffset = 20

/** At least one record. */
export function encodePointwiseChunk(
  records: Uint8Array,
  count: number,
  pointFormat: number,
  recordLength: number,
): Uint8Array {
  const encoder = new ArithmeticEncoder()
  const points = new Point10Encoder(encoder, records, 0)
  const times =
    pointFormat === 1 || pointFormat === 3
      ? new GpsTimeEncoder(encoder, records, gpsTimeOffset, true)
      : undefined
  const rgbAt = rgbOffset(pointFormat)
  const colours = rgbAt === undefined ? undefined : new ColourModels()
  const lastColour = new Int32Array(3)
  if (rgbAt !== undefined) copyColour(lastColour, records, rgbAt, 3)
  const base = baseRecordLength(pointFormat)
  const extra = Array.from({ length: recordLength - base }, () => new SymbolModel(256))
  for (let i = 1, at = recordLength; i < count; i++, at += recordLength) {
    points.encode(records, at)
    if (times) times.encode(records, at + gpsTimeOffset)
    if (colours) colours.encode(encoder, lastColour, records, at + rgbAt!)
    for (let k = 0, byteAt = at + base; k < extra.length; k++, byteAt++) {
      encoder.symbol(extra[k]!, (records[byteAt]! - records[byteAt - recordLength]!) & 0xff)
    }
  }
  const coded = encoder.finish()
  const chunk = new Uint8Array(recordLength + coded.length)
  chunk.set(records.subarray(0, recordLength))
  chunk.set(coded, recordLength)
  return chunk
}

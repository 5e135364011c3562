// A chunk of point formats 0 to 3: the first record as it is, then all others in one arithmetic code.
import { ArithmeticEncoder, mostBytesPerSymbol, SymbolModel } from './arithmetic'
import { ColourModels, mostBytesPerColour } from './colours'
import { Encoded } from './encoded'
import { GpsTimeEncoder, mostBytesPerGpsTime } from './gps-time'
import { mostBytesPerPoint10, Point10Encoder } from './point10'

const gpsTimeAt: usize = 20

export function encodePointwise(records: usize, count: u32, pointFormat: u32, recordLength: u32): Encoded {
  const hasTime = (pointFormat & 1) === 1
  const hasColour = pointFormat >= 2
  const colourAt = gpsTimeAt + (hasTime ? 8 : 0)
  const base = <u32>colourAt + (hasColour ? 6 : 0)
  const extra = recordLength - base
  const mostBytesPerPoint =
    mostBytesPerPoint10 + mostBytesPerGpsTime + mostBytesPerColour + extra * mostBytesPerSymbol

  const encoder = new ArithmeticEncoder(recordLength + count * mostBytesPerPoint)
  const points = new Point10Encoder(encoder, records)
  const times = new GpsTimeEncoder(encoder, load<i64>(records, gpsTimeAt), true)
  const colours = new ColourModels()
  const bytes = new StaticArray<SymbolModel>(extra)
  for (let k: u32 = 0; k < extra; k++) bytes[k] = new SymbolModel(256)

  memory.copy(encoder.start, records, recordLength)
  encoder.end += recordLength
  let last = records
  for (let i: u32 = 1; i < count; i++) {
    const record = last + recordLength
    points.encode(record)
    if (hasTime) times.encode(load<i64>(record, gpsTimeAt))
    if (hasColour) colours.encode(encoder, last + colourAt, record + colourAt)
    for (let k: u32 = 0; k < extra; k++) {
      const at = base + k
      const difference = <u32>load<u8>(record + at) - <u32>load<u8>(last + at)
      encoder.symbol(unchecked(bytes[k]), difference & 0xff)
    }
    last = record
  }
  return new Encoded(encoder.start, encoder.finish())
}

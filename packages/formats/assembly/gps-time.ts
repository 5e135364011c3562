// GPS times as 64-bit patterns: LASzip item GPSTIME11, version 2, and the same layer of POINT14, version 3.
import { ArithmeticEncoder, mostBytesPerSymbol, SymbolModel } from './arithmetic'
import { IntegerEncoder, mostBytesPerInteger32 } from './integer'

/** Multiples of the last difference that have a symbol of their own. */
const mostMultiple: i32 = 500
const leastMultiple: i32 = -10
/** Symbols of the multiples 0 to 500 and -1 to -10. */
const multiples: i32 = mostMultiple - leastMultiple + 1
const sequences: i32 = 4
/** A difference that is far from a multiple of the last one so many times in a row takes its place. */
const mostExtremes: i32 = 3

/** Two symbols to change to another sequence and go on there, or one, the upper half and the lower half as it is. */
export const mostBytesPerGpsTime: u32 = 2 * mostBytesPerSymbol + mostBytesPerInteger32 + 4

/** Up to four interleaved sequences of times (several flight lines, say), each with the last time and difference. */
export class GpsTimeEncoder {
  private readonly encoder: ArithmeticEncoder
  /** 1 where an unchanged time has a symbol of its own: POINT14 tells of it elsewhere. */
  private readonly unchanged: i32
  private readonly multiple: SymbolModel
  private readonly afterZero: SymbolModel
  private readonly times: IntegerEncoder
  private sequence: i32 = 0
  private newest: i32 = 0
  private readonly lastTimes: StaticArray<i64> = new StaticArray<i64>(sequences)
  private readonly lastDifferences: StaticArray<i32> = new StaticArray<i32>(sequences)
  private readonly extremes: StaticArray<i32> = new StaticArray<i32>(sequences)

  constructor(encoder: ArithmeticEncoder, first: i64, codesUnchanged: bool) {
    const unchanged = codesUnchanged ? 1 : 0
    this.encoder = encoder
    this.unchanged = unchanged
    this.multiple = new SymbolModel(multiples + unchanged + sequences)
    this.afterZero = new SymbolModel(1 + unchanged + sequences)
    this.times = new IntegerEncoder(encoder, 32, 9)
    this.lastTimes[0] = first
  }

  encode(time: i64): void {
    const encoder = this.encoder
    const sequence = this.sequence
    const lastTime = unchecked(this.lastTimes[sequence])
    const last = unchecked(this.lastDifferences[sequence])
    const model = last === 0 ? this.afterZero : this.multiple
    if (this.unchanged && time === lastTime) {
      encoder.symbol(model, last === 0 ? 0 : multiples)
      return
    }
    const difference = time - lastTime
    if (fits32(difference)) {
      this.encodeNear(sequence, last, <i32>difference)
      unchecked((this.lastTimes[sequence] = time))
      return
    }
    const far = last === 0 ? this.unchanged + 1 : multiples + this.unchanged
    for (let i = 1; i < sequences; i++) {
      const other = (sequence + i) & 3
      if (!fits32(time - unchecked(this.lastTimes[other]))) continue
      encoder.symbol(model, far + i)
      this.sequence = other
      this.encode(time)
      return
    }
    encoder.symbol(model, far)
    this.times.encode(<i32>(lastTime >> 32), <i32>(time >> 32), 8)
    encoder.bits(32, <u32>time)
    this.startSequence(time)
  }

  private startSequence(time: i64): void {
    this.newest = (this.newest + 1) & 3
    this.sequence = this.newest
    unchecked((this.lastDifferences[this.newest] = 0))
    unchecked((this.extremes[this.newest] = 0))
    unchecked((this.lastTimes[this.newest] = time))
  }

  private encodeNear(sequence: i32, last: i32, difference: i32): void {
    if (last !== 0) {
      this.encodeMultiple(sequence, last, difference)
      return
    }
    this.encoder.symbol(this.afterZero, this.unchanged)
    this.times.encode(0, difference, 0)
    unchecked((this.lastDifferences[sequence] = difference))
    unchecked((this.extremes[sequence] = 0))
  }

  private encodeMultiple(sequence: i32, last: i32, difference: i32): void {
    const encoder = this.encoder
    const model = this.multiple
    const times = this.times
    const multiple = nearestMultiple(<f32>difference / <f32>last)
    if (multiple === 1) {
      encoder.symbol(model, 1)
      times.encode(last, difference, 1)
      unchecked((this.extremes[sequence] = 0))
    } else if (multiple > 0 && multiple < mostMultiple) {
      encoder.symbol(model, multiple)
      times.encode(multiple * last, difference, multiple < 10 ? 2 : 3)
    } else if (multiple < 0 && multiple > leastMultiple) {
      encoder.symbol(model, mostMultiple - multiple)
      times.encode(multiple * last, difference, 5)
    } else {
      // 0 and the ends of the range.
      encoder.symbol(model, multiple < 0 ? mostMultiple - multiple : multiple)
      times.encode(multiple * last, difference, multiple === 0 ? 7 : multiple > 0 ? 4 : 6)
      this.countExtreme(sequence, difference)
    }
  }

  private countExtreme(sequence: i32, difference: i32): void {
    const extremes = unchecked(this.extremes[sequence]) + 1
    if (extremes > mostExtremes) unchecked((this.lastDifferences[sequence] = difference))
    unchecked((this.extremes[sequence] = extremes > mostExtremes ? 0 : extremes))
  }
}

/** Within the range of those that have a symbol. */
function nearestMultiple(quotient: f32): i32 {
  const rounded = quotient >= 0 ? quotient + <f32>0.5 : quotient - <f32>0.5
  return <i32>max<f32>(<f32>leastMultiple, min<f32>(<f32>mostMultiple, rounded))
}

function fits32(difference: i64): bool {
  return difference === <i64>(<i32>difference)
}

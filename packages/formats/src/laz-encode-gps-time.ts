// GPS times as 64-bit patterns: LASzip item GPSTIME11, version 2, and the same layer of POINT14, version 3.
import { SymbolModel } from './laz-encode-arithmetic.ts'
import type { ArithmeticEncoder } from './laz-encode-arithmetic.ts'
import { IntegerEncoder } from './laz-encode-integer.ts'
import { int32 } from './laz-encode-record.ts'

/** Multiples of the last difference that have a symbol of their own. */
const mostMultiple = 500
const leastMultiple = -10
/** Symbols of the multiples 0 to 500 and -1 to -10. */
const multiples = mostMultiple - leastMultiple + 1
const sequences = 4
/** A difference that is far from a multiple of the last one so many times in a row takes its place. */
const mostExtremes = 3

/** Up to four interleaved sequences of times (several flight lines, say), each with the last time and difference. */
export class GpsTimeEncoder {
  private readonly encoder: ArithmeticEncoder
  /** POINT14 says elsewhere that a time is unchanged, and has no symbol for it here. */
  private readonly unchanged: 0 | 1
  private readonly multiple: SymbolModel
  private readonly afterZero: SymbolModel
  private readonly times: IntegerEncoder
  private sequence = 0
  private newest = 0
  private readonly lastLow = new Int32Array(sequences)
  private readonly lastHigh = new Int32Array(sequences)
  private readonly lastDifference = new Int32Array(sequences)
  private readonly extremes = new Int32Array(sequences)

  constructor(encoder: ArithmeticEncoder, bytes: Uint8Array, at: number, codesUnchanged: boolean) {
    this.encoder = encoder
    this.unchanged = codesUnchanged ? 1 : 0
    this.multiple = new SymbolModel(multiples + this.unchanged + sequences)
    this.afterZero = new SymbolModel(1 + this.unchanged + sequences)
    this.times = new IntegerEncoder(encoder, 32, 9)
    this.lastLow[0] = int32(bytes, at)
    this.lastHigh[0] = int32(bytes, at + 4)
  }

  /** The time that stands at `at`. */
  encode(bytes: Uint8Array, at: number): void {
    this.encodeTime(int32(bytes, at), int32(bytes, at + 4))
  }

  private encodeTime(low: number, high: number): void {
    const { encoder, unchanged, sequence, lastLow, lastHigh } = this
    const last = this.lastDifference[sequence]!
    const model = last === 0 ? this.afterZero : this.multiple
    if (unchanged && low === lastLow[sequence] && high === lastHigh[sequence]) {
      return encoder.symbol(model, last === 0 ? 0 : multiples)
    }
    if (this.isNear(sequence, low, high)) {
      const difference = (low - lastLow[sequence]!) | 0
      if (last === 0) {
        encoder.symbol(model, unchanged)
        this.times.encode(0, difference, 0)
        this.lastDifference[sequence] = difference
        this.extremes[sequence] = 0
      } else this.encodeMultiple(sequence, last, difference)
      lastLow[sequence] = low
      lastHigh[sequence] = high
      return
    }
    const far = last === 0 ? unchanged + 1 : multiples + unchanged
    for (let i = 1; i < sequences; i++) {
      const other = (sequence + i) & 3
      if (!this.isNear(other, low, high)) continue
      encoder.symbol(model, far + i)
      this.sequence = other
      return this.encodeTime(low, high)
    }
    encoder.symbol(model, far)
    this.times.encode(lastHigh[sequence]!, high, 8)
    encoder.bits(32, low)
    this.newest = (this.newest + 1) & 3
    this.sequence = this.newest
    this.lastDifference[this.newest] = 0
    this.extremes[this.newest] = 0
    lastLow[this.newest] = low
    lastHigh[this.newest] = high
  }

  /** Whether the difference to the last time of a sequence fits 32 bits. */
  private isNear(sequence: number, low: number, high: number): boolean {
    const lastLow = this.lastLow[sequence]!
    const borrow = low >>> 0 < lastLow >>> 0 ? 1 : 0
    return ((high - this.lastHigh[sequence]! - borrow) | 0) === ((low - lastLow) | 0) >> 31
  }

  private encodeMultiple(sequence: number, last: number, difference: number): void {
    const { encoder, multiple: model, times } = this
    const quotient = Math.fround(Math.fround(difference) / Math.fround(last))
    const multiple = Math.trunc(Math.fround(quotient >= 0 ? quotient + 0.5 : quotient - 0.5))
    if (multiple === 1) {
      encoder.symbol(model, 1)
      times.encode(last, difference, 1)
      this.extremes[sequence] = 0
    } else if (multiple > 0 && multiple < mostMultiple) {
      encoder.symbol(model, multiple)
      times.encode(Math.imul(multiple, last), difference, multiple < 10 ? 2 : 3)
    } else if (multiple < 0 && multiple > leastMultiple) {
      encoder.symbol(model, mostMultiple - multiple)
      times.encode(Math.imul(multiple, last), difference, 5)
    } else {
      const nearest = multiple === 0 ? 0 : multiple > 0 ? mostMultiple : leastMultiple
      encoder.symbol(model, nearest < 0 ? mostMultiple - nearest : nearest)
      times.encode(Math.imul(nearest, last), difference, nearest === 0 ? 7 : nearest > 0 ? 4 : 6)
      if (++this.extremes[sequence]! > mostExtremes) {
        this.lastDifference[sequence] = difference
        this.extremes[sequence] = 0
      }
    }
  }
}

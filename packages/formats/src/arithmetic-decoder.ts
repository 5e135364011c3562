// Adaptive arithmetic decoding as LAZ chunk tables need it.
// Method: A. Said, "Introduction to Arithmetic Coding - Theory and Practice", HPL-2004-76 (carry-free range coder,
// adaptive models), and the integer corrector of M. Isenburg, "LASzip: lossless compression of LiDAR data" (2013).
import { corrupt } from './format-error.ts'

const minLength = 0x01000000
const bitLengthShift = 13
const bitMaxCount = 1 << bitLengthShift
const symbolLengthShift = 15
const symbolMaxCount = 1 << symbolLengthShift

class BitModel {
  zeroCount = 1
  count = 2
  zeroProbability = 1 << (bitLengthShift - 1)
  updateCycle = 4
  untilUpdate = 4

  update(): void {
    this.count += this.updateCycle
    if (this.count > bitMaxCount) {
      this.count = (this.count + 1) >>> 1
      this.zeroCount = (this.zeroCount + 1) >>> 1
      if (this.zeroCount === this.count) this.count++
    }
    const scale = Math.floor(0x80000000 / this.count)
    this.zeroProbability = Math.floor((this.zeroCount * scale) / 2 ** (31 - bitLengthShift))
    this.updateCycle = Math.min((5 * this.updateCycle) >>> 2, 64)
    this.untilUpdate = this.updateCycle
  }
}

class SymbolModel {
  readonly counts: Uint32Array
  /** Lower end of each symbol's share of the range, in units of 2^-15. */
  readonly distribution: Uint32Array
  total = 0
  updateCycle: number
  untilUpdate = 0

  constructor(symbols: number) {
    this.counts = new Uint32Array(symbols).fill(1)
    this.distribution = new Uint32Array(symbols)
    this.updateCycle = symbols
    this.update()
    this.updateCycle = (symbols + 6) >>> 1
    this.untilUpdate = this.updateCycle
  }

  update(): void {
    const { counts, distribution } = this
    this.total += this.updateCycle
    if (this.total > symbolMaxCount) {
      this.total = 0
      for (let i = 0; i < counts.length; i++) {
        counts[i] = (counts[i]! + 1) >>> 1
        this.total += counts[i]!
      }
    }
    const scale = Math.floor(0x80000000 / this.total)
    let sum = 0
    for (let i = 0; i < counts.length; i++) {
      distribution[i] = Math.floor((scale * sum) / 2 ** (31 - symbolLengthShift))
      sum += counts[i]!
    }
    this.updateCycle = Math.min((5 * this.updateCycle) >>> 2, (counts.length + 6) << 3)
    this.untilUpdate = this.updateCycle
  }
}

class ArithmeticDecoder {
  private readonly bytes: Uint8Array
  private at = 4
  private value: number
  private length = 0xffffffff

  constructor(bytes: Uint8Array) {
    if (bytes.length < 4) throw corrupt('chunk table', 'at least 4 coded bytes', bytes.length)
    this.bytes = bytes
    this.value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  }

  bit(model: BitModel): number {
    const split = model.zeroProbability * (this.length >>> bitLengthShift)
    const bit = this.value >= split ? 1 : 0
    if (bit === 0) {
      this.length = split
      model.zeroCount++
    } else {
      this.value -= split
      this.length -= split
    }
    this.renormalise()
    if (--model.untilUpdate === 0) model.update()
    return bit
  }

  symbol(model: SymbolModel): number {
    const unit = this.length >>> symbolLengthShift
    let low = 0
    let high = model.counts.length
    let lowEnd = 0
    let highEnd = this.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      const end = unit * model.distribution[middle]!
      if (end > this.value) {
        high = middle
        highEnd = end
      } else {
        low = middle
        lowEnd = end
      }
    }
    this.value -= lowEnd
    this.length = highEnd - lowEnd
    this.renormalise()
    model.counts[low]!++
    if (--model.untilUpdate === 0) model.update()
    return low
  }

  /** Up to 32 equally likely bits, the low 16 first when there are more than 19. */
  bits(count: number): number {
    if (count > 19) {
      const low = this.bits(16)
      return this.bits(count - 16) * 0x10000 + low
    }
    this.length = this.length >>> count
    const value = Math.floor(this.value / this.length)
    this.value -= this.length * value
    this.renormalise()
    return value
  }

  private renormalise(): void {
    while (this.length < minLength) {
      // Zero length can only come from bytes no encoder wrote; without this the loop would not end.
      if (this.length <= 0) throw corrupt('chunk table', 'decodable bytes', 'an empty range')
      const next = this.bytes[this.at++] ?? 0
      if (this.at > this.bytes.length + 8) throw corrupt('chunk table', 'more coded bytes', 'their end')
      this.value = (this.value * 256 + next) % 0x100000000
      this.length = this.length * 256
    }
  }
}

const highBits = 8

/** Decodes 32-bit integers, each coded as a correction to a prediction, in one of several contexts. */
export class IntegerDecoder {
  private readonly decoder: ArithmeticDecoder
  private readonly widths: SymbolModel[]
  private readonly smallest = new BitModel()
  private readonly correctors: SymbolModel[]

  constructor(bytes: Uint8Array, contexts: number) {
    this.decoder = new ArithmeticDecoder(bytes)
    this.widths = Array.from({ length: contexts }, () => new SymbolModel(33))
    this.correctors = Array.from({ length: 33 }, (_, k) => new SymbolModel(1 << Math.min(k, highBits)))
  }

  next(prediction: number, context: number): number {
    return (prediction + this.correction(this.widths[context]!)) | 0
  }

  /** A correction of width k lies in [1 - 2^k, -2^(k-1)] or [2^(k-1) + 1, 2^k]; width 0 means 0 or 1. */
  private correction(widths: SymbolModel): number {
    const k = this.decoder.symbol(widths)
    if (k === 0) return this.decoder.bit(this.smallest)
    if (k === 32) return -0x80000000
    let c = this.decoder.symbol(this.correctors[k]!)
    if (k > highBits) c = c * 2 ** (k - highBits) + this.decoder.bits(k - highBits)
    return c >= 2 ** (k - 1) ? c + 1 : c - (2 ** k - 1)
  }
}

// Adaptive arithmetic coding, the writing side.
// Method: A. Said, "Introduction to Arithmetic Coding - Theory and Practice", HPL-2004-76: a range coder whose carry
// runs back into the bytes already written.

const smallestLengthShift = 24
const bitLengthShift = 13
const bitMaxCount = 1 << bitLengthShift
const symbolLengthShift = 15
const symbolMaxCount = 1 << symbolLengthShift

/** How often a bit was 0 so far; counts are halved now and then, so that old bits weigh less. */
export class BitModel {
  zeroProbability = 1 << (bitLengthShift - 1)
  zeroCount = 1
  untilUpdate = 4
  private count = 2
  private updateCycle = 4

  update(): void {
    this.count += this.updateCycle
    if (this.count > bitMaxCount) {
      this.count = (this.count + 1) >>> 1
      this.zeroCount = (this.zeroCount + 1) >>> 1
      if (this.zeroCount === this.count) this.count++
    }
    const scale = (0x80000000 / this.count) | 0
    this.zeroProbability = Math.imul(this.zeroCount, scale) >>> (31 - bitLengthShift)
    this.updateCycle = Math.min((5 * this.updateCycle) >>> 2, 64)
    this.untilUpdate = this.updateCycle
  }
}

/** How often each symbol came so far. */
export class SymbolModel {
  readonly last: number
  readonly counts: Int32Array
  /** Lower end of each symbol's share of the range, in units of 2^-15. */
  readonly starts: Int32Array
  untilUpdate = 0
  private total = 0
  private updateCycle: number

  constructor(symbols: number) {
    this.last = symbols - 1
    this.counts = new Int32Array(symbols).fill(1)
    this.starts = new Int32Array(symbols)
    this.updateCycle = symbols
    this.update()
    this.updateCycle = (symbols + 6) >>> 1
    this.untilUpdate = this.updateCycle
  }

  update(): void {
    const { counts, starts } = this
    const symbols = counts.length
    let total = this.total + this.updateCycle
    if (total > symbolMaxCount) {
      total = 0
      for (let i = 0; i < symbols; i++) {
        const half = (counts[i]! + 1) >>> 1
        counts[i] = half
        total += half
      }
    }
    this.total = total
    const scale = (0x80000000 / total) | 0
    let sum = 0
    for (let i = 0; i < symbols; i++) {
      starts[i] = Math.imul(scale, sum) >>> (31 - symbolLengthShift)
      sum += counts[i]!
    }
    this.updateCycle = Math.min((5 * this.updateCycle) >>> 2, (symbols + 6) << 3)
    this.untilUpdate = this.updateCycle
  }
}

/** Statistics that are made when they are needed; most never are. */
export class LazyModels {
  private readonly models: (SymbolModel | undefined)[]
  private readonly symbols: number

  constructor(count: number, symbols: number) {
    this.models = new Array<SymbolModel | undefined>(count).fill(undefined)
    this.symbols = symbols
  }

  at(index: number): SymbolModel {
    return (this.models[index] ??= new SymbolModel(this.symbols))
  }
}

/** `base` and `length` are 32-bit unsigned numbers kept as signed ones, which stay small integers for the engine. */
export class ArithmeticEncoder {
  private bytes = new Uint8Array(4096)
  private at = 0
  private base = 0
  private length = -1

  bit(model: BitModel, bit: number): void {
    const split = Math.imul(model.zeroProbability, this.length >>> bitLengthShift)
    if (bit === 0) {
      this.length = split
      model.zeroCount++
    } else this.narrow(split, (this.length - split) | 0)
    if (this.length >>> smallestLengthShift === 0) this.renormalise()
    if (--model.untilUpdate === 0) model.update()
  }

  symbol(model: SymbolModel, symbol: number): void {
    const { starts } = model
    const unit = this.length >>> symbolLengthShift
    const low = Math.imul(starts[symbol]!, unit)
    // The last symbol takes all that rounding has left over.
    const end = symbol === model.last ? this.length : Math.imul(starts[symbol + 1]!, unit)
    this.narrow(low, (end - low) | 0)
    if (this.length >>> smallestLengthShift === 0) this.renormalise()
    model.counts[symbol]!++
    if (--model.untilUpdate === 0) model.update()
  }

  /** Up to 32 equally likely bits, the low 16 first when there are more than 19. */
  bits(count: number, value: number): void {
    if (count > 19) {
      this.bits(16, value & 0xffff)
      value >>>= 16
      count -= 16
    }
    const unit = this.length >>> count
    this.narrow(Math.imul(value, unit), unit)
    if (this.length >>> smallestLengthShift === 0) this.renormalise()
  }

  /** Writes what is needed to tell the range from all others; the view is valid until the encoder is used again. */
  finish(): Uint8Array {
    const wide = this.length >>> 0 > 2 << smallestLengthShift
    if (wide) this.narrow(1 << smallestLengthShift, 1 << (smallestLengthShift - 1))
    else this.narrow(1 << (smallestLengthShift - 1), 1 << (smallestLengthShift - 9))
    this.renormalise()
    // Decoders read four bytes ahead; these are the ones they may miss.
    for (let i = wide ? 3 : 2; i > 0; i--) this.put(0)
    return this.bytes.subarray(0, this.at)
  }

  private narrow(low: number, length: number): void {
    const before = this.base
    this.base = (before + low) | 0
    this.length = length
    if (this.base >>> 0 < before >>> 0) this.carry()
  }

  private carry(): void {
    let at = this.at - 1
    while (this.bytes[at] === 0xff) this.bytes[at--] = 0
    this.bytes[at]!++
  }

  private renormalise(): void {
    do {
      this.put(this.base >>> 24)
      this.base <<= 8
      this.length <<= 8
    } while (this.length >>> smallestLengthShift === 0)
  }

  private put(byte: number): void {
    if (this.at === this.bytes.length) {
      const larger = new Uint8Array(2 * this.at)
      larger.set(this.bytes)
      this.bytes = larger
    }
    this.bytes[this.at++] = byte
  }
}

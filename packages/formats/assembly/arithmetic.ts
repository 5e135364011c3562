// Adaptive arithmetic coding, the writing side. AssemblyScript: `npm run build:kernels`.
// Method: A. Said, "Introduction to Arithmetic Coding - Theory and Practice", HPL-2004-76: a range coder whose carry
// runs back into the bytes already written.

const smallestLength: u32 = 1 << 24
const bitLengthShift: u32 = 13
const bitMaxCount: u32 = 1 << bitLengthShift
const symbolLengthShift: u32 = 15
const symbolMaxCount: u32 = 1 << symbolLengthShift

/** How often a bit was 0 so far; counts are halved now and then, so that old bits weigh less. */
export class BitModel {
  zeroProbability: u32 = 1 << (bitLengthShift - 1)
  zeroCount: u32 = 1
  untilUpdate: u32 = 4
  private count: u32 = 2
  private updateCycle: u32 = 4

  update(): void {
    this.count += this.updateCycle
    if (this.count > bitMaxCount) {
      this.count = (this.count + 1) >>> 1
      this.zeroCount = (this.zeroCount + 1) >>> 1
      if (this.zeroCount === this.count) this.count++
    }
    const scale: u32 = <u32>0x80000000 / this.count
    this.zeroProbability = (this.zeroCount * scale) >>> (31 - bitLengthShift)
    this.updateCycle = min((5 * this.updateCycle) >>> 2, 64)
    this.untilUpdate = this.updateCycle
  }
}

/** How often each symbol came so far. */
export class SymbolModel {
  readonly last: u32
  readonly counts: StaticArray<u32>
  /** Lower end of each symbol's share of the range, in units of 2^-15. */
  readonly starts: StaticArray<u32>
  untilUpdate: u32 = 0
  private total: u32 = 0
  private updateCycle: u32

  constructor(symbols: u32) {
    this.last = symbols - 1
    this.counts = new StaticArray<u32>(symbols)
    this.starts = new StaticArray<u32>(symbols)
    this.counts.fill(1)
    this.updateCycle = symbols
    this.update()
    this.updateCycle = (symbols + 6) >>> 1
    this.untilUpdate = this.updateCycle
  }

  update(): void {
    const counts = this.counts
    const starts = this.starts
    const symbols = this.last + 1
    let total = this.total + this.updateCycle
    if (total > symbolMaxCount) {
      total = 0
      for (let i: u32 = 0; i < symbols; i++) {
        const half = (unchecked(counts[i]) + 1) >>> 1
        unchecked((counts[i] = half))
        total += half
      }
    }
    this.total = total
    const scale: u32 = <u32>0x80000000 / total
    let sum: u32 = 0
    for (let i: u32 = 0; i < symbols; i++) {
      unchecked((starts[i] = (scale * sum) >>> (31 - symbolLengthShift)))
      sum += unchecked(counts[i])
    }
    this.updateCycle = min((5 * this.updateCycle) >>> 2, (symbols + 6) << 3)
    this.untilUpdate = this.updateCycle
  }
}

/** Statistics that are made when they are needed; most never are. */
export class LazyModels {
  private readonly models: StaticArray<SymbolModel | null>
  private readonly symbols: u32

  constructor(count: u32, symbols: u32) {
    this.models = new StaticArray<SymbolModel | null>(count)
    this.symbols = symbols
  }

  at(index: u32): SymbolModel {
    let model = unchecked(this.models[index])
    if (model === null) {
      model = new SymbolModel(this.symbols)
      unchecked((this.models[index] = model))
    }
    return model
  }
}

/**
 * What a symbol or a modelled bit takes at most: no share is below 2^-15 of the range. Bits that are not modelled take what
 * they are.
 */
export const mostBytesPerSymbol: u32 = 2
/** The end of a code, and what rounding adds. */
export const spareBytes: u32 = 64

/** Writes to memory of its own, which has to be large enough: nothing is checked here. */
export class ArithmeticEncoder {
  readonly start: usize
  end: usize
  private base: u32 = 0
  private length: u32 = 0xffffffff

  constructor(mostBytes: usize) {
    this.start = heap.alloc(mostBytes + spareBytes)
    this.end = this.start
  }

  bit(model: BitModel, bit: u32): void {
    const split = model.zeroProbability * (this.length >>> bitLengthShift)
    if (bit === 0) {
      this.length = split
      model.zeroCount++
    } else this.narrow(split, this.length - split)
    this.renormalise()
    if (--model.untilUpdate === 0) model.update()
  }

  symbol(model: SymbolModel, symbol: u32): void {
    const starts = model.starts
    const unit = this.length >>> symbolLengthShift
    const low = unchecked(starts[symbol]) * unit
    // The last symbol takes all that rounding has left over.
    const end = symbol === model.last ? this.length : unchecked(starts[symbol + 1]) * unit
    this.narrow(low, end - low)
    this.renormalise()
    unchecked(model.counts[symbol]++)
    if (--model.untilUpdate === 0) model.update()
  }

  /** Up to 32 equally likely bits, the low 16 first when there are more than 19. */
  bits(count: u32, value: u32): void {
    if (count > 19) {
      this.bits(16, value & 0xffff)
      value >>>= 16
      count -= 16
    }
    const unit = this.length >>> count
    this.narrow(value * unit, unit)
    this.renormalise()
  }

  /** Writes what is needed to tell the range from all others; gives the number of bytes in all. */
  finish(): usize {
    const wide = this.length > 2 * smallestLength
    if (wide) this.narrow(smallestLength, smallestLength >>> 1)
    else this.narrow(smallestLength >>> 1, smallestLength >>> 9)
    this.renormalise()
    // Decoders read four bytes ahead; these are the ones they may miss.
    for (let i = wide ? 3 : 2; i > 0; i--) this.put(0)
    return this.end - this.start
  }

  private narrow(low: u32, length: u32): void {
    const before = this.base
    this.base = before + low
    this.length = length
    if (this.base < before) this.carry()
  }

  private carry(): void {
    let at = this.end - 1
    while (load<u8>(at) === 0xff) store<u8>(at--, 0)
    store<u8>(at, load<u8>(at) + 1)
  }

  private renormalise(): void {
    while (this.length < smallestLength) {
      this.put(this.base >>> 24)
      this.base <<= 8
      this.length <<= 8
    }
  }

  private put(byte: u32): void {
    store<u8>(this.end++, byte)
  }
}

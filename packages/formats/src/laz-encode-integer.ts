// Integers coded as corrections to a prediction (M. Isenburg, "LASzip: lossless compression of LiDAR data", 2013).
import { BitModel, SymbolModel } from './laz-encode-arithmetic.ts'
import type { ArithmeticEncoder } from './laz-encode-arithmetic.ts'

/** Of a correction this many bits are modelled; those below are written as they are. */
const modelledBits = 8

export class IntegerEncoder {
  /** Bits that the last correction took: its magnitude tells what the next coordinate will be like. */
  width = 0
  private readonly encoder: ArithmeticEncoder
  private readonly wrap: number
  private readonly widths: SymbolModel[]
  private readonly smallest = new BitModel()
  private readonly correctors: (SymbolModel | undefined)[]

  /** Values of `bits` bits, 16 or 32, in one of `contexts` contexts. */
  constructor(encoder: ArithmeticEncoder, bits: 16 | 32, contexts: number) {
    this.encoder = encoder
    this.wrap = 32 - bits
    this.widths = Array.from({ length: contexts }, () => new SymbolModel(bits + 1))
    this.correctors = new Array<SymbolModel | undefined>(bits + 1).fill(undefined)
  }

  /** A correction of width k lies in [1 - 2^k, -2^(k-1)] or [2^(k-1) + 1, 2^k]; width 0 means 0 or 1. */
  encode(prediction: number, value: number, context: number): void {
    const { encoder, wrap } = this
    const correction = (((value - prediction) | 0) << wrap) >> wrap
    const k = 32 - Math.clz32(correction <= 0 ? -correction | 0 : correction - 1)
    this.width = k
    encoder.symbol(this.widths[context]!, k)
    if (k === 0) return encoder.bit(this.smallest, correction)
    // -2^31 is the only one of width 32.
    if (k === 32) return
    const c = correction < 0 ? correction + (((1 << k) - 1) | 0) : correction - 1
    const corrector = (this.correctors[k] ??= new SymbolModel(1 << Math.min(k, modelledBits)))
    if (k <= modelledBits) return encoder.symbol(corrector, c)
    const low = k - modelledBits
    encoder.symbol(corrector, c >>> low)
    encoder.bits(low, c & ((1 << low) - 1))
  }
}

// Integers coded as corrections to a prediction (M. Isenburg, "LASzip: lossless compression of LiDAR data", 2013).
import { ArithmeticEncoder, BitModel, LazyModels, mostBytesPerSymbol, SymbolModel } from './arithmetic'

/** Of a correction this many bits are modelled; those below are written as they are. */
const modelledBits: u32 = 8

/** Width, modelled bits, and the others of 16 or of 32 bits. */
export const mostBytesPerInteger16: u32 = 2 * mostBytesPerSymbol + 1
export const mostBytesPerInteger32: u32 = 2 * mostBytesPerSymbol + 3

export class IntegerEncoder {
  /** Bits that the last correction took: its magnitude tells what the next coordinate will be like. */
  width: u32 = 0
  private readonly encoder: ArithmeticEncoder
  private readonly wrap: u32
  private readonly widths: LazyModels
  private readonly smallest: BitModel = new BitModel()
  private readonly correctors: StaticArray<SymbolModel | null> = new StaticArray<SymbolModel | null>(33)

  /** Values of `bits` bits, 16 or 32, in one of `contexts` contexts. */
  constructor(encoder: ArithmeticEncoder, bits: u32, contexts: u32) {
    this.encoder = encoder
    this.wrap = 32 - bits
    this.widths = new LazyModels(contexts, bits + 1)
  }

  /** A correction of width k lies in [1 - 2^k, -2^(k-1)] or [2^(k-1) + 1, 2^k]; width 0 means 0 or 1. */
  encode(prediction: i32, value: i32, context: u32): void {
    const encoder = this.encoder
    const correction = ((value - prediction) << this.wrap) >> this.wrap
    const k: u32 = 32 - clz<u32>(correction <= 0 ? -correction : correction - 1)
    this.width = k
    encoder.symbol(this.widths.at(context), k)
    if (k === 0) {
      encoder.bit(this.smallest, correction)
      return
    }
    // -2^31 is the only one of width 32.
    if (k === 32) return
    const c: u32 = correction < 0 ? correction + ((1 << k) - 1) : correction - 1
    const corrector = this.corrector(k)
    if (k <= modelledBits) {
      encoder.symbol(corrector, c)
      return
    }
    const low = k - modelledBits
    encoder.symbol(corrector, c >>> low)
    encoder.bits(low, c & ((1 << low) - 1))
  }

  private corrector(k: u32): SymbolModel {
    let model = unchecked(this.correctors[k])
    if (model === null) {
      model = new SymbolModel(1 << min(k, modelledBits))
      unchecked((this.correctors[k] = model))
    }
    return model
  }
}

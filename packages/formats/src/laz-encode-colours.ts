// Red, green and blue of 16 bits each: LASzip items RGB12, version 2, and RGB14 and the colours of RGBNIR14, version 3.
import { SymbolModel } from './laz-encode-arithmetic.ts'
import type { ArithmeticEncoder } from './laz-encode-arithmetic.ts'
import { uint16 } from './laz-encode-record.ts'

/** Statistics of the differences of each of the six bytes of a colour. */
export class ColourModels {
  private readonly changes = new SymbolModel(128)
  private readonly redLow = new SymbolModel(256)
  private readonly redHigh = new SymbolModel(256)
  private readonly greenLow = new SymbolModel(256)
  private readonly greenHigh = new SymbolModel(256)
  private readonly blueLow = new SymbolModel(256)
  private readonly blueHigh = new SymbolModel(256)

  /**
   * Codes the colour at `at` after the one in `last`, which it then replaces. False when the decoder would get the
   * same without reading anything.
   */
  encode(encoder: ArithmeticEncoder, last: Int32Array, bytes: Uint8Array, at: number): boolean {
    const [red, green, blue] = [uint16(bytes, at), uint16(bytes, at + 2), uint16(bytes, at + 4)]
    const [lastRed, lastGreen, lastBlue] = [last[0]!, last[1]!, last[2]!]
    const [dRed, dGreen, dBlue] = [red ^ lastRed, green ^ lastGreen, blue ^ lastBlue]
    const changes =
      (dRed & 0xff ? 1 : 0) |
      (dRed & 0xff00 ? 2 : 0) |
      (dGreen & 0xff ? 4 : 0) |
      (dGreen & 0xff00 ? 8 : 0) |
      (dBlue & 0xff ? 16 : 0) |
      (dBlue & 0xff00 ? 32 : 0) |
      (red !== green || red !== blue ? 64 : 0)
    encoder.symbol(this.changes, changes)
    let low = 0
    let high = 0
    if (changes & 1) {
      low = (red & 0xff) - (lastRed & 0xff)
      encoder.symbol(this.redLow, low & 0xff)
    }
    if (changes & 2) {
      high = (red >>> 8) - (lastRed >>> 8)
      encoder.symbol(this.redHigh, high & 0xff)
    }
    // Grey needs no more than its red.
    if (changes & 64) {
      if (changes & 4) encoder.symbol(this.greenLow, ((green & 0xff) - byte(low + (lastGreen & 0xff))) & 0xff)
      if (changes & 16) {
        low = half(low + (green & 0xff) - (lastGreen & 0xff))
        encoder.symbol(this.blueLow, ((blue & 0xff) - byte(low + (lastBlue & 0xff))) & 0xff)
      }
      if (changes & 8) encoder.symbol(this.greenHigh, ((green >>> 8) - byte(high + (lastGreen >>> 8))) & 0xff)
      if (changes & 32) {
        high = half(high + (green >>> 8) - (lastGreen >>> 8))
        encoder.symbol(this.blueHigh, ((blue >>> 8) - byte(high + (lastBlue >>> 8))) & 0xff)
      }
    }
    last[0] = red
    last[1] = green
    last[2] = blue
    return changes !== 0
  }
}

/** Statistics of near infrared. */
export class InfraredModels {
  private readonly changes = new SymbolModel(4)
  private readonly low = new SymbolModel(256)
  private readonly high = new SymbolModel(256)

  encode(encoder: ArithmeticEncoder, last: Int32Array, bytes: Uint8Array, at: number): boolean {
    const infrared = uint16(bytes, at)
    const before = last[3]!
    const difference = infrared ^ before
    const changes = (difference & 0xff ? 1 : 0) | (difference & 0xff00 ? 2 : 0)
    encoder.symbol(this.changes, changes)
    if (changes & 1) encoder.symbol(this.low, (infrared - before) & 0xff)
    if (changes & 2) encoder.symbol(this.high, ((infrared >>> 8) - (before >>> 8)) & 0xff)
    last[3] = infrared
    return changes !== 0
  }
}

/** The colour, and near infrared behind it, if there is any. */
export function copyColour(last: Int32Array, bytes: Uint8Array, at: number, channels: number): void {
  for (let i = 0; i < channels; i++) last[i] = uint16(bytes, at + 2 * i)
}

function byte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : value
}

/** Half, rounded towards zero. */
function half(value: number): number {
  return (value / 2) | 0
}

// Red, green and blue of 16 bits each: LASzip items RGB12, version 2, and RGB14 and RGBNIR14, version 3.
import { ArithmeticEncoder, mostBytesPerSymbol, SymbolModel } from './arithmetic'

export const mostBytesPerColour: u32 = 7 * mostBytesPerSymbol
export const mostBytesPerInfrared: u32 = 3 * mostBytesPerSymbol

/** Statistics of the differences of each of the six bytes of a colour. */
export class ColourModels {
  private readonly changes: SymbolModel = new SymbolModel(128)
  private readonly redLow: SymbolModel = new SymbolModel(256)
  private readonly redHigh: SymbolModel = new SymbolModel(256)
  private readonly greenLow: SymbolModel = new SymbolModel(256)
  private readonly greenHigh: SymbolModel = new SymbolModel(256)
  private readonly blueLow: SymbolModel = new SymbolModel(256)
  private readonly blueHigh: SymbolModel = new SymbolModel(256)

  /** Codes a colour after the last one. False when the decoder would get the same without reading anything. */
  encode(encoder: ArithmeticEncoder, last: usize, colour: usize): bool {
    const red: i32 = load<u16>(colour)
    const green: i32 = load<u16>(colour, 2)
    const blue: i32 = load<u16>(colour, 4)
    const lastRed: i32 = load<u16>(last)
    const lastGreen: i32 = load<u16>(last, 2)
    const lastBlue: i32 = load<u16>(last, 4)
    const grey = red === green && red === blue
    const changes =
      changedBytes(red, lastRed) |
      (changedBytes(green, lastGreen) << 2) |
      (changedBytes(blue, lastBlue) << 4) |
      (grey ? 0 : 64)
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
    if (grey) return changes !== 0
    if (changes & 4) encoder.symbol(this.greenLow, residue(green & 0xff, low + (lastGreen & 0xff)))
    if (changes & 16) {
      low = (low + (green & 0xff) - (lastGreen & 0xff)) / 2
      encoder.symbol(this.blueLow, residue(blue & 0xff, low + (lastBlue & 0xff)))
    }
    if (changes & 8) encoder.symbol(this.greenHigh, residue(green >>> 8, high + (lastGreen >>> 8)))
    if (changes & 32) {
      high = (high + (green >>> 8) - (lastGreen >>> 8)) / 2
      encoder.symbol(this.blueHigh, residue(blue >>> 8, high + (lastBlue >>> 8)))
    }
    return true
  }
}

/** Statistics of near infrared. */
export class InfraredModels {
  private readonly changes: SymbolModel = new SymbolModel(4)
  private readonly low: SymbolModel = new SymbolModel(256)
  private readonly high: SymbolModel = new SymbolModel(256)

  encode(encoder: ArithmeticEncoder, last: usize, infrared: usize): bool {
    const now: i32 = load<u16>(infrared)
    const before: i32 = load<u16>(last)
    const changes = changedBytes(now, before)
    encoder.symbol(this.changes, changes)
    if (changes & 1) encoder.symbol(this.low, (now - before) & 0xff)
    if (changes & 2) encoder.symbol(this.high, ((now >>> 8) - (before >>> 8)) & 0xff)
    return changes !== 0
  }
}

/** 1 for the lower byte, 2 for the upper. */
function changedBytes(now: i32, before: i32): i32 {
  const difference = now ^ before
  return (difference & 0xff ? 1 : 0) | (difference & 0xff00 ? 2 : 0)
}

/** What is left of a byte after its prediction. */
function residue(byte: i32, prediction: i32): i32 {
  return (byte - max(0, min(255, prediction))) & 0xff
}

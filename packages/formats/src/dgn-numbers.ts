// Numbers as design files have them (Intergraph Standard File Formats, "Byte ordering" and "Floating-point values").

/** A 32-bit integer, the word of its upper half first, each word little-endian. */
export function setLong(view: DataView, at: number, value: number): void {
  view.setInt16(at, value >> 16, true)
  view.setUint16(at + 2, value & 0xffff, true)
}

/** Of an element's range, which is unsigned: counted from the lowest place of the design plane. */
export function setRangeLong(view: DataView, at: number, value: number): void {
  setLong(view, at, value ^ 0x80000000)
}

const fractionBits = 55n
const exponentBias = 128

/**
 * A VAX D-float: sign, 8 bits of exponent, 55 bits of a fraction between 1/2 and 1 whose first bit is left out, in four words from
 * the upper to the lower, each little-endian. Every double of its range fits without loss. RangeError for one that is not
 * finite or too large; what is too small is 0.
 */
export function setDFloat(view: DataView, at: number, value: number): void {
  const bits = dFloatBits(value)
  for (let word = 0; word < 4; word++)
    view.setUint16(at + 2 * word, Number((bits >> BigInt(16 * (3 - word))) & 0xffffn), true)
}

function dFloatBits(value: number): bigint {
  if (!Number.isFinite(value)) throw new RangeError(`expected a finite number, got ${value}`)
  if (value === 0) return 0n
  const exact = new DataView(new ArrayBuffer(8))
  exact.setFloat64(0, value)
  const bits = exact.getBigUint64(0)
  // Of a double: 1.fraction times 2^(e - 1023); the same as 0.1fraction times 2^(e - 1022).
  const exponent = Number((bits >> 52n) & 0x7ffn) - 1022 + exponentBias
  if (exponent < 1) return 0n
  if (exponent > 255) throw new RangeError(`expected at most 1.7e38, got ${value}`)
  const fraction = (bits & 0xfffffffffffffn) << 3n
  return ((bits >> 63n) << 63n) | (BigInt(exponent) << fractionBits) | fraction
}

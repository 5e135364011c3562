// Decimal numbers out of bytes of text.

const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
const [minus, plus, point, zero] = [0x2d, 0x2b, 0x2e, 0x30]

/**
 * The double nearest to a decimal number. Up to 15 digits it is one division of two exact numbers, which rounds once; the
 * rest is left to the language.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  const negative = bytes[at] === minus
  if (negative || bytes[at] === plus) at++
  let [mantissa, digits, decimals, seenPoint] = [0, 0, 0, false]
  for (; at < end; at++) {
    const digit = bytes[at]! - zero
    if (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit
      if (mantissa > 0) digits++
      if (seenPoint) decimals++
    } else if (bytes[at] === point && !seenPoint) seenPoint = true
    else return parseOther(latin1(bytes, start, end))
  }
  const length = end - start - (negative || bytes[start] === plus ? 1 : 0) - (seenPoint ? 1 : 0)
  if (length <= 0) return Number.NaN
  if (digits > 15 || decimals > 22) return parseOther(latin1(bytes, start, end))
  const value = decimals === 0 ? mantissa : mantissa / powersOfTen[decimals]!
  return negative ? -value : value
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/

function parseOther(text: string): number {
  if (decimal.test(text)) return Number(text.replace(/[dD]/, 'e'))
  return /^[+-]?inf(?:inity)?$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number.NaN
}

/** Whether a word that `parseDecimal` calls NaN means to be it. */
export function isNaNText(text: string): boolean {
  return /^[+-]?nan(?:\([a-z]*\))?$/i.test(text)
}

export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

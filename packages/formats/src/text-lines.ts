// Texts of numbers, from files of any size: blocks of whole lines, and the numbers in them without a string for each.
import type { ByteSource } from './byte-source.ts'
import { readChunks } from './byte-chunks.ts'
import { corrupt } from './format-error.ts'

export type LineBlock = {
  /** Whole lines; all but the last line of the file end with a line feed. */
  readonly bytes: Uint8Array
  /** Number of the first of them, counted from `firstLine` on. */
  readonly firstLine: number
  /** Where the block ends in the source. */
  readonly end: number
}

const longestLineBytes = 1024 * 1024
const lineFeed = 10

export async function* readLineBlocks(
  source: ByteSource,
  from: number,
  firstLine: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LineBlock, void, undefined> {
  let rest = new Uint8Array(0)
  let line = firstLine
  for await (const { offset, bytes } of readChunks(source, from, source.sizeBytes, signal)) {
    const end = offset + bytes.length
    const last = end === source.sizeBytes ? bytes.length : bytes.lastIndexOf(lineFeed) + 1
    const tooLong = last === 0 ? rest.length + bytes.length : rest.length + bytes.indexOf(lineFeed)
    if (tooLong > longestLineBytes) {
      throw corrupt(`line ${line}`, `a line of at most ${longestLineBytes} bytes`, 'a longer one')
    }
    const whole = joined(rest, bytes.subarray(0, last))
    rest = last === 0 ? whole : bytes.slice(last)
    if (last === 0) continue
    yield { bytes: whole, firstLine: line, end: offset + last }
    for (let at = whole.indexOf(lineFeed); at >= 0; at = whole.indexOf(lineFeed, at + 1)) line++
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

/** Goes through the words of one line after the other. */
export class LineCursor {
  /** Number of the line that `nextLine` has moved to. */
  line: number
  private readonly bytes: Uint8Array
  private readonly blockStart: number
  private readonly separators: Uint8Array
  private at = 0
  private wordStart = 0
  private lineStart = 0
  private lineEnd = 0
  private nextStart = 0

  /** `separators`: marks that stand between words, each as often as it likes. */
  constructor({ bytes, firstLine, end }: LineBlock, separators = ' \t') {
    this.bytes = bytes
    this.blockStart = end - bytes.length
    this.line = firstLine - 1
    this.separators = new Uint8Array(256)
    for (const mark of separators) this.separators[mark.charCodeAt(0)] = 1
  }

  /** Whether there is another line. */
  nextLine(): boolean {
    if (this.nextStart >= this.bytes.length) return false
    const feed = this.bytes.indexOf(lineFeed, this.nextStart)
    this.at = this.lineStart = this.nextStart
    this.lineEnd = feed < 0 ? this.bytes.length : feed
    this.nextStart = this.lineEnd + 1
    while (this.lineEnd > this.at && this.bytes[this.lineEnd - 1] === 13) this.lineEnd--
    this.line++
    return true
  }

  /** Where the line behind this one starts: in the source, and its number. */
  get next(): { offset: number; line: number } {
    return { offset: this.blockStart + Math.min(this.nextStart, this.bytes.length), line: this.line + 1 }
  }

  /** Whether another word follows in the line. */
  hasWord(): boolean {
    while (this.at < this.lineEnd && this.separators[this.bytes[this.at]!] === 1) this.at++
    return this.at < this.lineEnd
  }

  /** The next word as a number; NaN where there is none, or it is no number. `nan` and `inf` are numbers. */
  number(): number {
    this.passWord()
    return parseDecimal(this.bytes, this.wordStart, this.at)
  }

  /** The next word; empty where there is none. */
  word(): string {
    this.passWord()
    return this.lastWord()
  }

  /** The word that was read last; empty where the line had ended. */
  lastWord(): string {
    return latin1(this.bytes, this.wordStart, this.at)
  }

  /** The whole of the line. */
  lineText(): string {
    return latin1(this.bytes, this.lineStart, this.lineEnd)
  }

  private passWord(): void {
    this.hasWord()
    this.wordStart = this.at
    while (this.at < this.lineEnd && this.separators[this.bytes[this.at]!] === 0) this.at++
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

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

// The words and numbers of a text, line by line, without a string for each.
import { latin1, parseDecimal } from './decimal.ts'
import type { LineBlock } from './text-lines.ts'

const lineFeed = 10

/** Goes through the words of one line after the other. */
export class LineCursor {
  /** Number of the line that `nextLine` has moved to. */
  line: number
  private readonly bytes: Uint8Array
  private readonly blockStart: number
  /** By byte: what stands between words, and what else may stand around them. */
  private readonly separates: Uint8Array
  private readonly blank: Uint8Array
  private at = 0
  private wordStart = 0
  private wordEnd = 0
  private lineStart = 0
  private lineEnd = 0
  private nextStart = 0

  /** `separators`: marks that stand between words, each as often as it likes; blanks may stand beside them. */
  constructor({ bytes, firstLine, end }: LineBlock, separators = ' \t') {
    this.bytes = bytes
    this.blockStart = end - bytes.length
    this.line = firstLine - 1
    this.separates = new Uint8Array(256)
    for (const mark of separators) this.separates[mark.charCodeAt(0)] = 1
    this.blank = this.separates.slice()
    for (const mark of ' \t') this.blank[mark.charCodeAt(0)] = 1
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
    while (this.at < this.lineEnd && this.blank[this.bytes[this.at]!] === 1) this.at++
    return this.at < this.lineEnd
  }

  /** The byte that the next word begins with; 0 where there is none. */
  firstByte(): number {
    return this.hasWord() ? this.bytes[this.at]! : 0
  }

  /** Passes a word; its bytes as one number where there are one or two, else 0. */
  shortWord(): number {
    this.passWord()
    const [length, first] = [this.wordEnd - this.wordStart, this.bytes[this.wordStart]!]
    if (length === 1) return first
    return length === 2 ? (first << 8) | this.bytes[this.wordStart + 1]! : 0
  }

  /** The next word as a number; NaN where there is none, or it is no number. `nan` and `inf` are numbers. */
  number(): number {
    this.passWord()
    return parseDecimal(this.bytes, this.wordStart, this.wordEnd)
  }

  /** Whether the line ends in this byte. */
  endsWith(byte: number): boolean {
    return this.lineEnd > this.lineStart && this.bytes[this.lineEnd - 1] === byte
  }

  /** The number at the start of the next word, up to a mark or its end. */
  numberBefore(mark: number): number {
    this.passWord()
    let end = this.wordStart
    while (end < this.wordEnd && this.bytes[end] !== mark) end++
    return parseDecimal(this.bytes, this.wordStart, end)
  }

  /** The next word; empty where there is none. */
  word(): string {
    this.passWord()
    return this.lastWord()
  }

  /** The word that was read last; empty where the line had ended. */
  lastWord(): string {
    return latin1(this.bytes, this.wordStart, this.wordEnd)
  }

  /** The whole of the line. */
  lineText(): string {
    return latin1(this.bytes, this.lineStart, this.lineEnd)
  }

  private passWord(): void {
    this.hasWord()
    this.wordStart = this.at
    while (this.at < this.lineEnd && this.separates[this.bytes[this.at]!] === 0) this.at++
    this.wordEnd = this.at
    while (this.wordEnd > this.wordStart && this.blank[this.bytes[this.wordEnd - 1]!] === 1) this.wordEnd--
  }
}

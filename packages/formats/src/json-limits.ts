// How deep and how large a JSON text is, told before it is parsed: a value takes up to fifty times the memory of its text.
import { FormatError } from './format-error.ts'

export type JsonLimits = {
  readonly deepest: number
  /** Values, objects and arrays included. */
  readonly mostValues: number
}

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/** FormatError `Invalid` beyond a limit. Whether the text is JSON is not asked here. */
export function checkJsonLimits(text: string, { deepest, mostValues }: JsonLimits): void {
  let [depth, values] = [0, 1]
  for (let i = 0; i < text.length; i++) {
    const mark = text.charCodeAt(i)
    if (mark === quote) i = endOfString(text, i)
    else if (mark === comma) values++
    else if (mark === openBracket || mark === openBrace) {
      values++
      if (++depth > deepest) throw beyond(`at most ${deepest} levels`, `more at character ${i}`)
    } else if (mark === closeBracket || mark === closeBrace) depth--
    if (values > mostValues) throw beyond(`at most ${mostValues} values`, `more up to character ${i}`)
  }
}

/** The place of the closing quote, or the end of the text. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== quote) i += text.charCodeAt(i) === backslash ? 2 : 1
  return i
}

function beyond(expected: string, got: string): FormatError {
  return new FormatError('Invalid', '$', `expected ${expected}, got ${got}`)
}

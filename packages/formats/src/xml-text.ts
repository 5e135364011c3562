// The text of an XML file: its bytes in one of the encodings that are read, its references to characters as these.
import { corrupt, FormatError } from './format-error.ts'

/**
 * UTF-8 with or without a byte order mark, UTF-16 with one. FormatError for other encodings, by their names, for what
 * XML is abused by, before anything of it is read, and for control characters.
 */
export function decodeXml(bytes: Uint8Array, file: string): string {
  const encoding = encodingOf(bytes, file)
  let text: string
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError('Unsupported', file, `expected XML in ${encoding}, got other bytes`, { cause })
  }
  // It may stand in the midst of what some parsers take for a comment.
  if (/<!(?:DOCTYPE|ENTITY|\[CDATA)/i.test(text)) {
    throw new FormatError('Unsupported', file, 'expected XML without DOCTYPE, ENTITY and CDATA')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(text)
  if (control !== null) throw corrupt(`${file}, character ${control.index}`, 'no control characters', 'one')
  return text
}

/** By the byte order mark; what the declaration names has to agree. */
function encodingOf(bytes: Uint8Array, file: string): 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)
  const encoding = mark === 0xfffe ? 'UTF-16LE' : mark === 0xfeff ? 'UTF-16BE' : 'UTF-8'
  if (mark === 0x3c00 || mark === 0x003c)
    throw new FormatError('Unsupported', file, 'expected UTF-8, or UTF-16 with a byte order mark')
  const head = new TextDecoder(encoding).decode(bytes.subarray(0, 400))
  const stated = /^<\?xml\s[^<>]*?\bencoding\s*=\s*["']([^"']*)/.exec(head)?.[1] ?? encoding
  const agrees = encoding === 'UTF-8' ? /^(?:utf-8|us-ascii)$/i : /^utf-16(?:le|be)?$/i
  if (!agrees.test(stated))
    throw new FormatError('Unsupported', file, `expected XML in ${encoding}, got ${stated.slice(0, 40)}`)
  return encoding
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five names of XML and numbers of characters; `onReference` is told of each, before it is read. */
export function decodeReferences(
  text: string,
  fail: (expected: string) => never,
  onReference: () => void,
): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&\s]{0,10};)?/g, (_, reference: string | undefined) => {
    onReference()
    const name = reference?.slice(0, -1) ?? ''
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const code =
      number === null ? -1 : number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16)
    if (code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
      return String.fromCodePoint(code)
    if (code === 9 || code === 10 || code === 13) return String.fromCharCode(code)
    return (Object.hasOwn(named, name) ? named[name] : undefined) ?? fail('text whose entities XML knows')
  })
}

// A reader for small XML files of strangers: elements, attributes, text, comments. What XML is abused by is refused:
// document types and with them entities of one's own, processing instructions, depth and number without bound.
import { corrupt, FormatError } from './format-error.ts'

export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The text directly inside this element, without white space around it. */
  readonly text: string
}

export interface XmlLimits {
  readonly deepest: number
  readonly mostElements: number
}

interface OpenElement {
  name: string
  attributes: Map<string, string>
  children: XmlElement[]
  text: string
}

const mostAttributes = 64
const startTag = /<([A-Za-z_][\w.:-]*)/y
const endTag = /<\/([A-Za-z_][\w.:-]*)\s*>/y
const attributePattern = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y

/** The root element. `file` begins the place of every FormatError. */
export function readXml(bytes: Uint8Array, file: string, limits: XmlLimits): XmlElement {
  const text = decode(bytes, file)
  let [at, elements] = [0, 0]
  const place = () => `${file}, character ${at}`
  const fail = (expected: string): never => {
    throw corrupt(place(), expected, JSON.stringify(text.slice(at, at + 30)))
  }
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at = pattern.lastIndex
    return match ?? undefined
  }
  const comment = () => {
    if (!text.startsWith('<!--', at)) return false
    const end = text.indexOf('-->', at + 4)
    if (end < 0) fail('a comment that ends')
    at = end + 3
    return true
  }
  const passOver = () => {
    while (take(/\s+/y) !== undefined || comment());
  }

  take(/<\?xml\s[^<>]*\?>/y)
  passOver()
  const path: OpenElement[] = []
  let root: XmlElement | undefined
  while (root === undefined) {
    const top = path.at(-1)
    if (top !== undefined) {
      top.text += decodeEntities(take(/[^<]+/y)?.[0] ?? '', fail)
      if (comment()) continue
      const end = take(endTag)
      if (end !== undefined) {
        if (end[1] !== top.name) fail(`</${top.name}> before`)
        root = close()
        continue
      }
    }
    if (open()) root = close()
  }
  passOver()
  if (at !== text.length) fail('the end')
  return root

  /** Whether the element that begins here ends at once. */
  function open(): boolean {
    if (++elements > limits.mostElements) throw beyond(`${limits.mostElements} elements`)
    if (path.length === limits.deepest) throw beyond(`${limits.deepest} elements inside each other`)
    const start = take(startTag) ?? fail('an element')
    const attributes = new Map<string, string>()
    for (let match = take(attributePattern); match !== undefined; match = take(attributePattern)) {
      if (attributes.has(match[1]!)) fail(`one attribute ${match[1]}`)
      if (attributes.size === mostAttributes) throw beyond(`${mostAttributes} attributes`)
      attributes.set(match[1]!, decodeEntities(match[2] ?? match[3] ?? '', fail))
    }
    const end = take(/\s*(\/?)>/y) ?? fail('>')
    path.push({ name: start[1]!, attributes, children: [], text: '' })
    return end[1] === '/'
  }

  /** The root, once it is the one that ends. */
  function close(): XmlElement | undefined {
    const { text, ...element } = path.pop()!
    const closed = { ...element, text: text.trim() }
    const parent = path.at(-1)
    if (parent === undefined) return closed
    parent.children.push(closed)
    return undefined
  }

  function beyond(most: string): FormatError {
    return new FormatError('Unsupported', place(), `expected at most ${most}, got more`)
  }
}

export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

function decode(bytes: Uint8Array, file: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError('Unsupported', file, 'expected XML in UTF-8', { cause })
  }
  const encoding = /^<\?xml\s[^<>]*\bencoding\s*=\s*["']([^"']*)/.exec(text)?.[1] ?? 'utf-8'
  if (!/^(utf-8|us-ascii)$/i.test(encoding))
    throw new FormatError('Unsupported', file, `expected XML in UTF-8, got ${encoding}`)
  // Before anything is read: it may stand in the midst of what some parsers take for a comment.
  if (/<!(?:DOCTYPE|ENTITY|\[CDATA)/i.test(text)) {
    throw new FormatError('Unsupported', file, 'expected XML without DOCTYPE, ENTITY and CDATA')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.exec(text)
  if (control !== null) throw corrupt(`${file}, character ${control.index}`, 'no control characters', 'one')
  return text
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string, fail: (expected: string) => never): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&\s]{0,10};)?/g, (_, entity: string | undefined) => {
    const name = entity?.slice(0, -1) ?? ''
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const code =
      number === null ? -1 : number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16)
    if (code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
      return String.fromCodePoint(code)
    if (code === 9 || code === 10 || code === 13) return String.fromCharCode(code)
    return (Object.hasOwn(named, name) ? named[name] : undefined) ?? fail('text whose entities XML knows')
  })
}

// A reader for XML files of strangers: elements, attributes, text, comments. What XML is abused by is refused: document
// types and with them entities of one's own, processing instructions, depth, number and length without bound.
import { corrupt, FormatError } from './format-error.ts'
import { decodeReferences, decodeXml } from './xml-text.ts'

export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** The text directly inside this element, without white space around it. */
  readonly text: string
}

export interface XmlLimits {
  readonly deepest: number
  /** Attributes and references to characters (`&amp;`) count as elements do: each takes memory of its own. */
  readonly mostElements: number
}

interface OpenElement {
  name: string
  attributes: ReadonlyMap<string, string>
  children: XmlElement[]
  text: string
}

const mostAttributes = 64
/** Of one element or attribute. The longest ones there are describe a reference system. */
const longestText = 1_000_000
const startTag = /<([A-Za-z_][\w.:-]*)/y
const endOfStartTag = /\s*(\/?)>/y
const endTag = /<\/([A-Za-z_][\w.:-]*)\s*>/y
const attributePattern = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const declaration = /<\?xml\s[^<>]*\?>/y
const whiteSpace = /\s+/y

// Most elements have none: a million empty ones would take more memory than the file.
export const noAttributes: ReadonlyMap<string, string> = new Map()
const noChildren: readonly XmlElement[] = []

/** The root element. `file` begins the place of every FormatError. */
export function readXml(bytes: Uint8Array, file: string, limits: XmlLimits): XmlElement {
  const text = decodeXml(bytes, file)
  let [at, elements] = [0, 0]
  const place = () => `${file}, character ${at}`
  const fail = (expected: string): never => {
    throw corrupt(place(), expected, JSON.stringify(text.slice(at, at + 30)))
  }
  const beyond = (most: string) =>
    new FormatError('Unsupported', place(), `expected at most ${most}, got more`)
  const countOne = () => {
    if (++elements > limits.mostElements) throw beyond(`${limits.mostElements} elements`)
  }
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match !== null) at = pattern.lastIndex
    return match ?? undefined
  }
  const decoded = (raw: string) => {
    if (raw.length > longestText) throw beyond(`${longestText} characters of text`)
    return decodeReferences(raw, fail, countOne)
  }
  const comment = () => {
    if (!text.startsWith('<!--', at)) return false
    const end = text.indexOf('-->', at + 4)
    if (end < 0) fail('a comment that ends')
    at = end + 3
    return true
  }
  const passOver = () => {
    while (take(whiteSpace) !== undefined || comment());
  }

  take(declaration)
  passOver()
  const path: OpenElement[] = []
  let root: XmlElement | undefined
  while (root === undefined) {
    const top = path.at(-1)
    if (top !== undefined) {
      takeText(top)
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

  function takeText(top: OpenElement): void {
    const end = text.indexOf('<', at)
    if (end < 0) fail(`</${top.name}>`)
    if (end === at) return
    top.text += decoded(text.slice(at, end))
    if (top.text.length > longestText) throw beyond(`${longestText} characters of text`)
    at = end
  }

  /** Whether the element that begins here ends at once. */
  function open(): boolean {
    countOne()
    if (path.length === limits.deepest) throw beyond(`${limits.deepest} elements inside each other`)
    const start = take(startTag) ?? fail('an element')
    const attributes = takeAttributes()
    const end = take(endOfStartTag) ?? fail('>')
    path.push({ name: start[1]!, attributes, children: [], text: '' })
    return end[1] === '/'
  }

  function takeAttributes(): ReadonlyMap<string, string> {
    let attributes: Map<string, string> | undefined
    for (let match = take(attributePattern); match !== undefined; match = take(attributePattern)) {
      countOne()
      attributes ??= new Map()
      if (attributes.has(match[1]!)) fail(`one attribute ${match[1]}`)
      if (attributes.size === mostAttributes) throw beyond(`${mostAttributes} attributes`)
      attributes.set(match[1]!, decoded(match[2] ?? match[3] ?? ''))
    }
    return attributes ?? noAttributes
  }

  /** The root, once it is the one that ends. */
  function close(): XmlElement | undefined {
    const { name, attributes, children, text } = path.pop()!
    const closed = {
      name,
      attributes,
      children: children.length === 0 ? noChildren : children,
      text: text.trim(),
    }
    const parent = path.at(-1)
    if (parent === undefined) return closed
    parent.children.push(closed)
    return undefined
  }
}

export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name)
}

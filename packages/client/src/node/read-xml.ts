// A strict reader for the small XML of the blob dialect: elements, attributes, text, entities. Whatever else XML
// knows (document types, comments, CDATA, processing instructions) is refused: no blob store sends it, and
// document types are how XML is abused.

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The text directly inside this element, white space kept. */
  readonly text: string
}

/** The root element. Throws SyntaxError with the position of what is not understood. */
export function readXml(source: string): XmlElement {
  const text = source.replace(/^\ufeff/, '')
  let at = 0
  const fail = (expected: string): never => {
    throw new SyntaxError(
      `XML: expected ${expected} at ${at}, got ${JSON.stringify(text.slice(at, at + 30))}`,
    )
  }
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match) at = pattern.lastIndex
    return match ?? undefined
  }

  take(/<\?xml\s[^<>]*\?>/y)
  take(/\s+/y)
  const root = open()
  // A stack instead of recursion: depth is then a matter of memory, not of the call stack.
  for (const path = [root]; path.length > 0; ) {
    const current = path.at(-1)!
    if (current.closed) {
      path.pop()
      continue
    }
    const characters = take(/[^<]+/y)
    if (characters) current.text += decodeEntities(characters[0])
    const end = take(/<\/([\w.:-]+)\s*>/y)
    if (!end) {
      const child = open()
      current.children.push(child)
      path.push(child)
    } else if (end[1] === current.name) {
      current.closed = true
    } else {
      fail(`</${current.name}> before`)
    }
  }
  take(/\s+/y)
  if (at !== text.length) fail('the end')
  return root

  function open() {
    const start = take(/<([A-Za-z_][\w.:-]*)/y) ?? fail('an element')
    const attributes: Record<string, string> = Object.create(null)
    for (let match = attribute(); match; match = attribute()) {
      attributes[match[1]!] = decodeEntities(match[2] ?? match[3] ?? '')
    }
    const end = take(/\s*(\/?)>/y) ?? fail('>')
    return { name: start[1]!, attributes, children: [] as XmlElement[], text: '', closed: end[1] === '/' }
  }

  function attribute() {
    return take(/\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y)
  }
}

/** The first child of that name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name)
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decodeEntities(text: string): string {
  return text.replace(/&([^;&\s]{0,10});?/g, (whole, entity: string) => {
    const number = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(entity)
    const code = number && (number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16))
    const isScalar =
      typeof code === 'number' && code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000)
    const character = isScalar
      ? String.fromCodePoint(code)
      : Object.hasOwn(named, entity)
        ? named[entity]
        : undefined
    if (character === undefined || !whole.endsWith(';')) {
      throw new SyntaxError(`XML: unknown entity ${JSON.stringify(whole)}`)
    }
    return character
  })
}

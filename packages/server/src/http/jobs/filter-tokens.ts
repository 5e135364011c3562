// Cuts a `$filter` into tokens: one pass, one character at a time, so that time grows with its length and no faster.

export type Token =
  | { kind: 'open' | 'close' | 'comma' | 'end'; position: number }
  /** Anything unquoted: a name, an operator, a GUID, a date. */
  | { kind: 'word'; text: string; position: number }
  /** Quoted; `text` is what stands between the quotes, doubled quotes made single. */
  | { kind: 'string'; text: string; position: number }

/** The filter is not what the grammar allows; the message says where (counted from 1), what was expected, what came. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
}

const punctuation: Record<string, 'open' | 'close' | 'comma'> = { '(': 'open', ')': 'close', ',': 'comma' }
const isSpace = (character: string) =>
  character === ' ' || character === '\t' || character === '\n' || character === '\r'
const endsWord = (character: string) =>
  isSpace(character) || character === "'" || punctuation[character] !== undefined

/** The tokens of `filter` with an `end` after the last. Throws FilterError for a quote that is never closed. */
export function filterTokens(filter: string): Token[] {
  const tokens: Token[] = []
  let index = 0
  while (index < filter.length) {
    const character = filter[index]!
    const position = index + 1
    const mark = punctuation[character]
    if (isSpace(character)) {
      index++
    } else if (mark !== undefined) {
      tokens.push({ kind: mark, position })
      index++
    } else if (character === "'") {
      const { text, next } = quoted(filter, index)
      tokens.push({ kind: 'string', text, position })
      index = next
    } else {
      const start = index
      while (index < filter.length && !endsWord(filter[index]!)) index++
      tokens.push({ kind: 'word', text: filter.slice(start, index), position })
    }
  }
  tokens.push({ kind: 'end', position: filter.length + 1 })
  return tokens
}

function quoted(filter: string, opening: number): { text: string; next: number } {
  let text = ''
  let from = opening + 1
  for (;;) {
    const quote = filter.indexOf("'", from)
    if (quote < 0) throw new FilterError(`Expected a closing quote for the one at position ${opening + 1}.`)
    text += filter.slice(from, quote)
    if (filter[quote + 1] !== "'") return { text, next: quote + 1 }
    text += "'"
    from = quote + 2
  }
}

/** A token as a message shows it. */
export function described(token: Token): string {
  switch (token.kind) {
    case 'open':
      return "'('"
    case 'close':
      return "')'"
    case 'comma':
      return "','"
    case 'end':
      return 'the end of the filter'
    case 'word':
      return `'${shortened(token.text)}'`
    case 'string':
      return `the text '${shortened(token.text)}'`
  }
}

export function shortened(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 60)}...`
}

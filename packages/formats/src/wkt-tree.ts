// Well-known text of coordinate systems as a tree: WKT1 (OGC 01-009) and WKT2 (ISO 19162) share this syntax.
import { FormatError } from './format-error.ts'

export type WktNode = {
  /** Upper case: `PROJCS`, `UNIT`. */
  readonly keyword: string
  readonly children: readonly (WktNode | string | number)[]
  /** The node as it was written. */
  readonly text: string
}

/** Real definitions are under 10 kB and 12 levels. */
const longestText = 256 * 1024
const deepestLevel = 64

/** FormatError `Corrupt` for text that is not one complete node. */
export function parseWkt(text: string): WktNode {
  if (text.length > longestText) throw fault(`at most ${longestText} characters, got ${text.length}`)
  const reader = new WktReader(text)
  const node = reader.value(0)
  if (typeof node !== 'object') throw fault('a definition such as PROJCS[...], got a bare value')
  return node
}

export function childNode(node: WktNode, ...keywords: string[]): WktNode | undefined {
  return nodesOf(node).find((child) => keywords.includes(child.keyword))
}

export function nodesOf(node: WktNode): WktNode[] {
  return node.children.filter((child): child is WktNode => typeof child === 'object')
}

/** The n-th value of a node as a string, or `''`. */
export function stringAt(node: WktNode, index: number): string {
  const value = node.children[index]
  return typeof value === 'string' ? value : ''
}

/** The n-th value of a node as a number; WKT1 writes some numbers in quotes. */
export function numberAt(node: WktNode, index: number): number | undefined {
  const value = node.children[index]
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

class WktReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  value(level: number): WktNode | string | number {
    if (level > deepestLevel) throw fault(`at most ${deepestLevel} levels at character ${this.at}`)
    this.space()
    if (this.text[this.at] === '"') return this.quoted()
    const start = this.at
    while (/[\w.+-]/.test(this.text[this.at] ?? '')) this.at++
    const word = this.text.slice(start, this.at)
    if (word === '')
      throw fault(`a value at character ${start}, got ${JSON.stringify(this.text[start] ?? 'the end')}`)
    this.space()
    if (!'[('.includes(this.text[this.at] ?? '?')) {
      const number = Number(word)
      return Number.isNaN(number) ? word : number
    }
    this.at++
    const children: (WktNode | string | number)[] = []
    do children.push(this.value(level + 1))
    while (this.skip(','))
    if (!this.skip(']') && !this.skip(')')) throw fault(`, or ] at character ${this.at} in ${word}`)
    return { keyword: word.toUpperCase(), children, text: this.text.slice(start, this.at) }
  }

  private quoted(): string {
    let value = ''
    do {
      const end = this.text.indexOf('"', this.at + 1)
      if (end < 0) throw fault(`a closing quote for the one at character ${this.at}`)
      // Two quotes in a row stand for one inside the text.
      value += (value === '' ? '' : '"') + this.text.slice(this.at + 1, end)
      this.at = end + 1
    } while (this.text[this.at] === '"')
    return value
  }

  private skip(mark: string): boolean {
    this.space()
    if (this.text[this.at] !== mark) return false
    this.at++
    return true
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++
  }
}

function fault(problem: string): FormatError {
  return new FormatError('Corrupt', 'WKT', `expected ${problem}`)
}

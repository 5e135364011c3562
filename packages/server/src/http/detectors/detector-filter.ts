// `$filter` of the detector list: from text to a question asked of what a version can do, by recursive descent.
//
//   either     = both { "or" both }
//   both       = term { "and" term }
//   term       = "not" term | "(" either ")" | property ("eq" | "ne") value | property "in" "(" value { "," value } ")"
//
// A comparison holds where one of the labels, or exports, is among the values; `ne` where none is. Letter case is free.
import type { NewDetectorVersion } from '../../store/detector-store.ts'
import { described, FilterError, filterTokens, type Token } from '../jobs/filter-tokens.ts'

/** A detector of which no version is ready can do nothing. */
export type Capabilities = Pick<NewDetectorVersion, 'labels' | 'exports'> | undefined
type Question = (version: Capabilities) => boolean

const properties = ['labels', 'exports'] as const
const longestFilter = 4096
/** Of parentheses and `not` together. */
const deepest = 32

/** Throws FilterError, which says where (counted from 1), what was expected and what came. */
export function detectorFilter(filter: string): Question {
  if (filter.length > longestFilter) {
    throw new FilterError(`Expected a filter of at most ${longestFilter} characters, got ${filter.length}.`)
  }
  const tokens = filterTokens(filter)
  let next = 0
  const peek = (): Token => tokens[next]!
  const take = (): Token => tokens[next++]!
  const isWord = (token: Token, word: string) => token.kind === 'word' && token.text.toLowerCase() === word

  const whole = either(0)
  expect('end', "'and', 'or' or the end of the filter")
  return whole

  function either(depth: number): Question {
    const parts = chain('or', () => both(depth))
    return (version) => parts.some((part) => part(version))
  }

  function both(depth: number): Question {
    const parts = chain('and', () => term(depth))
    return (version) => parts.every((part) => part(version))
  }

  function chain(word: 'and' | 'or', part: () => Question): Question[] {
    const parts = [part()]
    while (isWord(peek(), word)) {
      take()
      parts.push(part())
    }
    return parts
  }

  function term(depth: number): Question {
    const negated = isWord(peek(), 'not')
    if (!negated && peek().kind !== 'open') return comparison()
    const { position } = take()
    if (depth === deepest) {
      throw new FilterError(
        `Expected at most ${deepest} nested parentheses, got one more at position ${position}.`,
      )
    }
    if (negated) {
      const inner = term(depth + 1)
      return (version) => !inner(version)
    }
    const inner = either(depth + 1)
    expect('close', "'and', 'or' or ')'")
    return inner
  }

  function comparison(): Question {
    const token = take()
    const property = properties.find((name) => isWord(token, name))
    if (property === undefined) {
      if (token.kind !== 'word') throw unexpected(token, `'(' or one of ${properties.join(', ')}`)
      throw new FilterError(
        `Unknown property ${described(token)} at position ${token.position}; expected one of ${properties.join(', ')}.`,
      )
    }
    const operator = take()
    const values = new Set<string>()
    if (isWord(operator, 'in')) {
      expect('open', "'('")
      values.add(takeValue())
      while (peek().kind === 'comma') {
        take()
        values.add(takeValue())
      }
      expect('close', "',' or ')'")
    } else if (isWord(operator, 'eq') || isWord(operator, 'ne')) values.add(takeValue())
    else throw unexpected(operator, 'one of eq, ne, in')
    const wanted = !isWord(operator, 'ne')
    return (version) => (version?.[property] ?? []).some((one) => values.has(one.toLowerCase())) === wanted
  }

  function takeValue(): string {
    const token = take()
    if (token.kind !== 'word' && token.kind !== 'string') throw unexpected(token, 'a value')
    return token.text.toLowerCase()
  }

  function expect(kind: Token['kind'], expected: string): void {
    const token = take()
    if (token.kind !== kind) throw unexpected(token, expected)
  }
}

function unexpected(token: Token, expected: string): FilterError {
  return new FilterError(`Expected ${expected} at position ${token.position}, got ${described(token)}.`)
}

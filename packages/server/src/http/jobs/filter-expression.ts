// `$filter` of the job list: from text to the store's JobFilter, by recursive descent.
//
//   either     = both { "or" both }
//   both       = term { "and" term }
//   term       = "(" either ")" | property operator value | property "in" "(" value { "," value } ")"
//
// Property names and operators are read without regard to case. Values may be quoted or not.
import { guidPattern } from '@alidade/contract'
import {
  type FilterOperator,
  type FilterProperty,
  filterProperties,
  type JobFilter,
} from '../../store/job-filter.ts'
import { parseDateLiteral } from '../date-literal.ts'
import { isStorableText, storableText } from '../storable-text.ts'
import { described, FilterError, filterTokens, type Token } from './filter-tokens.ts'

export { FilterError } from './filter-tokens.ts'

/** Longest filter that is read: about a hundred GUIDs. It returns inside links, so it has to fit a URL twice. */
export const maximumFilterLength = 4096
/** Deepest nesting of parentheses. */
export const maximumFilterDepth = 32

const operators: readonly string[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'] satisfies FilterOperator[]
const propertyByLowerCase = new Map(filterProperties.map((name) => [name.toLowerCase(), name]))
const guid = new RegExp(guidPattern)

/**
 * Parses a filter. `internalTypeName` translates the job type names of one API version; a name that it does not know
 * has to become one that no job has. Throws FilterError.
 */
export function parseFilter(filter: string, internalTypeName: (name: string) => string): JobFilter {
  if (filter.length > maximumFilterLength) {
    throw new FilterError(
      `Expected a filter of at most ${maximumFilterLength} characters, got ${filter.length}.`,
    )
  }
  const tokens = filterTokens(filter)
  let next = 0
  const peek = (): Token => tokens[next]!
  const take = (): Token => tokens[next++]!
  const isWord = (token: Token, word: string) => token.kind === 'word' && token.text.toLowerCase() === word

  function either(depth: number): JobFilter {
    return chain('or', () => chain('and', () => term(depth)))
  }

  function chain(kind: 'and' | 'or', part: () => JobFilter): JobFilter {
    const first = part()
    if (!isWord(peek(), kind)) return first
    const parts = [first]
    while (isWord(peek(), kind)) {
      take()
      parts.push(part())
    }
    return { kind, parts }
  }

  function term(depth: number): JobFilter {
    if (peek().kind !== 'open') return comparison()
    const opening = take()
    if (depth >= maximumFilterDepth) {
      throw new FilterError(
        `Expected at most ${maximumFilterDepth} nested parentheses, got one more at position ${opening.position}.`,
      )
    }
    const inner = either(depth + 1)
    expect('close', "'and', 'or' or ')'")
    return inner
  }

  function comparison(): JobFilter {
    const property = takeProperty()
    const token = take()
    const operator = token.kind === 'word' ? token.text.toLowerCase() : ''
    if (operators.includes(operator)) {
      return { kind: 'compare', property, operator: operator as FilterOperator, value: takeValue(property) }
    }
    if (operator !== 'in') throw unexpected(token, `one of ${operators.join(', ')}, in`)
    expect('open', "'('")
    const values = [takeValue(property)]
    while (peek().kind === 'comma') {
      take()
      values.push(takeValue(property))
    }
    expect('close', "',' or ')'")
    return { kind: 'in', property, values }
  }

  function takeProperty(): FilterProperty {
    const token = take()
    if (token.kind !== 'word') throw unexpected(token, `'(' or one of ${filterProperties.join(', ')}`)
    const property = propertyByLowerCase.get(token.text.toLowerCase())
    if (property !== undefined) return property
    throw new FilterError(
      `Unknown property ${described(token)} at position ${token.position}; ` +
        `expected one of ${filterProperties.join(', ')}.`,
    )
  }

  function takeValue(property: FilterProperty): string | Date {
    const token = take()
    if (token.kind !== 'word' && token.kind !== 'string') throw unexpected(token, 'a value')
    if (!isStorableText(token.text)) {
      throw new FilterError(`Expected ${storableText} at position ${token.position}.`)
    }
    switch (property) {
      case 'createdDateTime': {
        const moment = parseDateLiteral(token.text + takeOffset(token))
        if (moment === undefined) throw unexpected(token, 'a date such as 2026-03-30T15:14:55Z')
        return moment
      }
      case 'id':
      case 'iTwinId':
        if (!guid.test(token.text)) throw unexpected(token, 'a GUID')
        return token.text.toLowerCase()
      case 'inputId':
      case 'outputId':
        return guid.test(token.text) ? token.text.toLowerCase() : token.text
      case 'state':
        return token.text.toLowerCase()
      case 'type':
        return internalTypeName(token.text)
      case 'name':
      case 'email':
        return token.text
    }
  }

  /** Form decoding turns the plus of `...T14:04:56+02:00` into a space: the offset then comes as a word of its own. */
  function takeOffset(date: Token): string {
    const token = peek()
    if (date.kind !== 'word' || token.kind !== 'word' || token.text[2] !== ':') return ''
    take()
    return `+${token.text}`
  }

  function expect(kind: Token['kind'], expected: string): void {
    const token = take()
    if (token.kind !== kind) throw unexpected(token, expected)
  }

  const result = either(0)
  expect('end', "'and', 'or' or the end of the filter")
  return result
}

function unexpected(token: Token, expected: string): FilterError {
  return new FilterError(`Expected ${expected} at position ${token.position}, got ${described(token)}.`)
}

/**
 * Whether every job that matches must have one of the iTwin ids that the filter spells out: an `eq` or `in` on iTwinId
 * stands in every branch of every `or`, and in at least one part of every `and`. `ne`, `lt`, ... name no iTwin.
 */
export function restrictsITwin(filter: JobFilter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.some(restrictsITwin)
    case 'or':
      return filter.parts.every(restrictsITwin)
    case 'in':
      return filter.property === 'iTwinId'
    case 'compare':
      return filter.property === 'iTwinId' && filter.operator === 'eq'
  }
}

import { expect, test } from 'vitest'
import type { FilterProperty, JobFilter } from '../../store/job-filter.ts'
import {
  FilterError,
  maximumFilterDepth,
  maximumFilterLength,
  parseFilter,
  restrictsITwin,
} from './filter-expression.ts'

const id = '7e5a3ab9-4d4c-4b25-9b19-8f8e1f0f2f10'
const other = 'cc3d35cc-416a-4262-9714-b359da70b419'
const parse = (filter: string) =>
  parseFilter(filter, (name) => (name === 'wireName' ? 'inside' : `unknown ${name}`))
const refusal = (filter: string) => {
  try {
    parse(filter)
  } catch (error) {
    if (error instanceof FilterError) return error.message
    throw error
  }
  throw new Error(`accepted: ${filter}`)
}
const eq = (property: FilterProperty, value: string): JobFilter => ({
  kind: 'compare',
  property,
  operator: 'eq',
  value,
})
/** The best of several, so that a pause of the machine does not count. */
const bestMilliseconds = (work: () => void) =>
  Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = performance.now()
      work()
      return performance.now() - start
    }),
  )

test.each(['eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const)(
  '%s compares a property with a value',
  (operator) => {
    expect(parse(`name ${operator} 'a'`)).toEqual({ kind: 'compare', property: 'name', operator, value: 'a' })
  },
)

test('in takes one value or several, quoted or not', () => {
  expect(parse("name in ('a','b c', d)")).toEqual({ kind: 'in', property: 'name', values: ['a', 'b c', 'd'] })
  expect(parse("name in('a')")).toEqual({ kind: 'in', property: 'name', values: ['a'] })
})

test('and binds tighter than or, and parentheses tighter than both', () => {
  const [a, b, c] = [eq('name', 'a'), eq('name', 'b'), eq('name', 'c')]
  expect(parse('name eq a or name eq b and name eq c')).toEqual({
    kind: 'or',
    parts: [a, { kind: 'and', parts: [b, c] }],
  })
  expect(parse('(name eq a or name eq b) and name eq c')).toEqual({
    kind: 'and',
    parts: [{ kind: 'or', parts: [a, b] }, c],
  })
  expect(parse('name eq a and name eq b and name eq c')).toEqual({ kind: 'and', parts: [a, b, c] })
})

test('property names and operators are read without regard to case', () => {
  expect(parse(`ITWINID EQ ${id} AND State Eq Active`)).toEqual({
    kind: 'and',
    parts: [eq('iTwinId', id), eq('state', 'active')],
  })
})

test('GUIDs come quoted or unquoted and count in lower case', () => {
  for (const property of ['id', 'iTwinId', 'inputId', 'outputId'] as const) {
    expect(parse(`${property} eq ${id.toUpperCase()}`)).toEqual(eq(property, id))
    expect(parse(`${property} eq '${id}'`)).toEqual(eq(property, id))
  }
})

test('a doubled quote inside quotes stands for one', () => {
  expect(parse("name eq 'O''Brien''s (1), ''x'''")).toEqual(eq('name', "O'Brien's (1), 'x'"))
  expect(parse("name eq ''")).toEqual(eq('name', ''))
})

test('words that are operators elsewhere can be values', () => {
  expect(parse('name eq and and name eq or')).toEqual({
    kind: 'and',
    parts: [eq('name', 'and'), eq('name', 'or')],
  })
})

test('a type name is translated, and an unknown one becomes a type that no job has', () => {
  expect(parse("type in ('wireName','inside')")).toEqual({
    kind: 'in',
    property: 'type',
    values: ['inside', 'unknown inside'],
  })
})

test.each([
  ['2026-03-30', '2026-03-30T00:00:00.000Z'],
  ['2026-03-30T15:14:55Z', '2026-03-30T15:14:55.000Z'],
  ["'2026-03-30T15:14:55Z'", '2026-03-30T15:14:55.000Z'],
  ['2026-03-30T15:14:55', '2026-03-30T15:14:55.000Z'],
  ['2026-03-30t15:14z', '2026-03-30T15:14:00.000Z'],
  ['2025-08-05T14:04:56.1239999+00:00', '2025-08-05T14:04:56.123Z'],
  ['2026-03-30T15:14:55+02:30', '2026-03-30T12:44:55.000Z'],
  ['2026-03-30T15:14:55-02:30', '2026-03-30T17:44:55.000Z'],
  // What form decoding makes of a plus.
  ['2026-03-30T15:14:55 02:30', '2026-03-30T12:44:55.000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
])('the date literal %s is %s', (literal, iso) => {
  expect(parse(`createdDateTime ge ${literal}`)).toEqual({
    kind: 'compare',
    property: 'createdDateTime',
    operator: 'ge',
    value: new Date(iso),
  })
})

test.each([
  '2026-02-29',
  '2026-13-01',
  '2026-00-01',
  '2026-1-1',
  '2026-03-30T24:00:00Z',
  '2026-03-30T15:60:00Z',
  '2026-03-30T15:14:55.Z',
  '2026-03-30T15:14:55Zulu',
  '2026-03-30T15:14:55+2:00',
  'yesterday',
  "''",
])('%s is no date', (literal) => {
  expect(refusal(`createdDateTime lt ${literal}`)).toMatch(
    /^Expected a date such as 2026-03-30T15:14:55Z at position 20, got /,
  )
})

test.each([
  [
    'colour eq red',
    "Unknown property 'colour' at position 1; expected one of id, iTwinId, name, email, type, state, createdDateTime, inputId, outputId.",
  ],
  ['name like a', "Expected one of eq, ne, lt, le, gt, ge, in at position 6, got 'like'."],
  ['name', 'Expected one of eq, ne, lt, le, gt, ge, in at position 5, got the end of the filter.'],
  ['name eq', 'Expected a value at position 8, got the end of the filter.'],
  ['name eq )', "Expected a value at position 9, got ')'."],
  ["name eq 'a' name", "Expected 'and', 'or' or the end of the filter at position 13, got 'name'."],
  [
    "name eq 'a' and",
    "Expected '(' or one of id, iTwinId, name, email, type, state, createdDateTime, inputId, outputId at position 16, got the end of the filter.",
  ],
  ["name eq 'a", 'Expected a closing quote for the one at position 9.'],
  ["(name eq 'a'", "Expected 'and', 'or' or ')' at position 13, got the end of the filter."],
  ["name eq 'a')", "Expected 'and', 'or' or the end of the filter at position 12, got ')'."],
  ['name in ()', "Expected a value at position 10, got ')'."],
  ["name in ('a'", "Expected ',' or ')' at position 13, got the end of the filter."],
  ["name in 'a'", "Expected '(' at position 9, got the text 'a'."],
  ['id eq seven', "Expected a GUID at position 7, got 'seven'."],
  [`iTwinId in ('${id}', 'x')`, "Expected a GUID at position 53, got the text 'x'."],
  [
    "'a' eq name",
    "Expected '(' or one of id, iTwinId, name, email, type, state, createdDateTime, inputId, outputId at position 1, got the text 'a'.",
  ],
])('%s is refused with the place, what was expected and what came', (filter, message) => {
  expect(refusal(filter)).toBe(message)
})

test('text that no database keeps is refused', () => {
  for (const text of ['a\0', 'half \ud800']) {
    expect(refusal(`name eq '${text}'`)).toBe('Expected well-formed text without U+0000 at position 9.')
  }
})

test('parentheses nest as deep as is allowed and not deeper', () => {
  const nested = (depth: number) => `${'('.repeat(depth)}name eq a${')'.repeat(depth)}`
  expect(parse(nested(maximumFilterDepth))).toEqual(eq('name', 'a'))
  expect(refusal(nested(maximumFilterDepth + 1))).toBe(
    'Expected at most 32 nested parentheses, got one more at position 33.',
  )
})

test('a filter of a million characters is refused within 5 ms', () => {
  const filter = '('.repeat(1_000_000)
  expect(refusal(filter)).toBe('Expected a filter of at most 4096 characters, got 1000000.')
  expect(bestMilliseconds(() => refusal(filter))).toBeLessThan(5)
})

test('the longest filters are parsed within 5 ms, whatever they are made of', () => {
  const filled = (start: string, repeated: string, end: string) =>
    start +
    repeated.repeat(Math.floor((maximumFilterLength - start.length - end.length) / repeated.length)) +
    end
  for (const filter of [
    filled('name eq a', ' or name eq a', ''),
    filled("name in ('a'", ",'a'", ')'),
    filled("name eq '", "''", "'"),
    filled('name eq ', 'x', ''),
    filled('name eq a', ' ', ''),
  ]) {
    expect(bestMilliseconds(() => parse(filter))).toBeLessThan(5)
  }
})

test.each([
  [`iTwinId eq ${id}`, true],
  [`iTwinId in ('${id}', '${other}')`, true],
  [`iTwinId eq ${id} and state eq active`, true],
  [`state eq active and (name eq a or name eq b) and iTwinId eq ${id}`, true],
  [`iTwinId eq ${id} or iTwinId eq ${other}`, true],
  [`iTwinId eq ${id} and state eq active or iTwinId eq ${other} and name eq a`, true],
  [`iTwinId eq ${id} or state eq active`, false],
  [`iTwinId eq ${id} and state eq active or name eq a`, false],
  [`iTwinId ne ${id}`, false],
  [`iTwinId ge ${id}`, false],
  [`iTwinId ne ${id} and iTwinId eq ${other}`, true],
  [`inputId eq ${id}`, false],
  ['state eq active', false],
])('whether %s restricts the iTwin: %s', (filter, restricted) => {
  expect(restrictsITwin(parse(filter))).toBe(restricted)
})

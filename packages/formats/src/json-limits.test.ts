import { expect, test } from 'vitest'
import { checkJsonLimits } from './json-limits.ts'

const limits = { deepest: 3, mostValues: 8 }

test.each([
  '[[[1]]]',
  '{"a":{"b":[]}}',
  '[1,2,3,4,5,6]',
  '"[[[[["',
  '["\\"[[[[",1]',
  '["\\\\",[[1]]]',
  '[[[',
  ']]]]',
])('%s is within the limits', (text) => {
  expect(() => checkJsonLimits(text, limits)).not.toThrow()
})

test.each([
  ['[[[[', '$: expected at most 3 levels, got more at character 3'],
  ['{"a":[{"b":[]}]}', '$: expected at most 3 levels, got more at character 11'],
  ['["\\\\",[[[1]]]]', '$: expected at most 3 levels, got more at character 8'],
  ['[1,2,3,4,5,6,7,8]', '$: expected at most 8 values, got more up to character 14'],
  ['[[],[],[],[],[]]', '$: expected at most 8 values, got more up to character 10'],
])('%s is beyond them', (text, message) => {
  expect(() => checkJsonLimits(text, limits)).toThrow(expect.objectContaining({ code: 'Invalid', message }))
})

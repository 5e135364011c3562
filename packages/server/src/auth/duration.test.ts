import { expect, test } from 'vitest'
import { parseDurationSeconds } from './duration.ts'

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['1h', 3600],
  ['7d', 604_800],
  [' 2H ', 7200],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDurationSeconds(text)).toBe(seconds)
})

test.each(['', '1', 'h', '0h', '-1h', '1.5h', '1w', '1h30m', '9999999999d'])(
  '"%s" is refused with what is expected',
  (text) => {
    expect(() => parseDurationSeconds(text)).toThrow(`like 30m or 7d; got '${text}'`)
  },
)

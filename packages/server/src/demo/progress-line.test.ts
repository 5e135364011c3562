import { expect, test } from 'vitest'
import { progressLine } from './progress-line.ts'

function shown(isTTY: boolean): string {
  let text = ''
  const line = progressLine({
    isTTY,
    write: (part) => {
      text += part
    },
  })
  line.show({ percentage: 0, state: 'active', step: 'Wait_In_Queue' })
  line.show({ percentage: 99, state: 'active', step: 'Write_Results' })
  line.show({ percentage: 100, state: 'success', step: '' })
  line.end()
  line.end()
  return text
}

test('away from a terminal every change is a line of its own, without control characters', () => {
  expect(shown(false)).toBe(
    '   [..............................]   0 %  active  Wait_In_Queue\n' +
      '   [#############################.]  99 %  active  Write_Results\n' +
      '   [##############################] 100 %  success\n',
  )
})

test('on a terminal one line is written over and over, and left once at the end', () => {
  const text = shown(true)
  expect(text.split('\r\x1b[2K')).toHaveLength(4)
  expect(text.indexOf('\n')).toBe(text.length - 1)
})

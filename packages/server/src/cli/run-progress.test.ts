import { expect, test } from 'vitest'
import { runProgress } from './run-progress.ts'

function shown(isTTY: boolean, ...percentages: [step: string, percentage: number][]): string {
  const parts: string[] = []
  const out = { isTTY, write: (part: string) => void parts.push(part) }
  const progress = runProgress(out as unknown as NodeJS.WritableStream)
  for (const [step, percentage] of percentages)
    progress.show({ step, percentage, done: percentage * 10, total: 1000, unit: 'points' })
  progress.finish()
  progress.end()
  return parts.join('')
}

test('a line when a step begins, then one for every five percent', () => {
  const percentages = Array.from({ length: 24 }, (_, i): [string, number] => [i < 12 ? 'Read' : 'Compare', i])
  expect(shown(false, ...percentages).match(/\d+ % {2}\w+/g)).toEqual([
    '0 %  Read',
    '5 %  Read',
    '10 %  Read',
    '12 %  Compare',
    '17 %  Compare',
    '22 %  Compare',
    '100 %  done',
  ])
})

test('100 is kept for results that lie in their place', () => {
  expect(shown(false, ['Write', 100])).toMatch(/ 99 % {2}Write.*\n100 % {2}done\n/)
})

test('on a terminal one line is drawn over and over, and ended at the end', () => {
  const text = shown(true, ['Read', 10], ['Read', 11])
  expect(text.match(/\r/g)).toHaveLength(3)
  expect(text.match(/\n/g)).toHaveLength(1)
  expect(text.endsWith('\n')).toBe(true)
})

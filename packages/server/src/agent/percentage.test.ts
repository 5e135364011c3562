import type { PlannedPart } from '@alidade/jobs'
import { expect, test } from 'vitest'
import { createPercentage, type Percentage } from './percentage.ts'

const plan: PlannedPart[] = [
  { step: 'Prepare_Production', part: 'start', total: 1, secondsEach: 1 },
  { step: 'Read_Clouds', part: 'file 1', total: 9, secondsEach: 3 / 9 },
  { step: 'Compare_Clouds', part: 'index', total: 10, secondsEach: 1 / 10 },
  { step: 'Compare_Clouds', part: 'distances', total: 10, secondsEach: 4 / 10 },
  { step: 'Write_Results', total: 2, secondsEach: 1 / 2 },
]

type Report = [place: string, done: number, total: number]

function after(percentage: Percentage, ...reports: Report[]): number[] {
  return reports.map(([place, done, total]) => {
    const [step, part] = place.split('/') as [string, string?]
    percentage.update({ step, part, done, total })
    return percentage.value
  })
}
/** Prepared, read and indexed: half of the planned cost. */
const half: Report[] = [
  ['Prepare_Production/start', 1, 1],
  ['Read_Clouds/file 1', 9, 9],
  ['Compare_Clouds/index', 10, 10],
]
const rounded = (values: number[]) => values.map((value) => Math.round(value * 1000) / 1000)

test('the percentage is the cost of the parts done, and of the counted share of the current one, in the whole', () => {
  const seen = after(
    createPercentage(plan),
    ['Prepare_Production/start', 0, 1],
    ['Prepare_Production/start', 1, 1],
    ['Read_Clouds/file 1', 3, 9],
    ['Compare_Clouds/index', 0, 10],
    ['Compare_Clouds/distances', 5, 10],
    ['Write_Results', 2, 2],
  )
  expect(rounded(seen)).toEqual([0, 10, 20, 40, 70, 100])
})

test('the percentage never decreases when a count goes back', () => {
  const [high, low] = after(
    createPercentage(plan),
    ['Read_Clouds/file 1', 8, 9],
    ['Read_Clouds/file 1', 2, 9],
  )
  expect(low).toBe(high)
})

test('a count beyond its total ends its own part and no more', () => {
  expect(after(createPercentage(plan), ['Read_Clouds/file 1', 90, 9])).toEqual([40])
})

test('where there turns out to be less to do, the percentage leaps to what is true now', () => {
  const seen = after(
    createPercentage(plan),
    ...half,
    ['Compare_Clouds/distances', 0, 5], // 2 s instead of 4: 5 of 8 s are done
    ['Compare_Clouds/distances', 5, 5],
  )
  expect(rounded(seen)).toEqual([10, 40, 50, 62.5, 87.5])
})

test('where there turns out to be more to do, it goes on from where it was, slower, and arrives with the work', () => {
  const seen = after(
    createPercentage(plan),
    ...half,
    ['Compare_Clouds/distances', 0, 35], // 14 s instead of 4: 15 s are left for 50 %
    ['Compare_Clouds/distances', 35, 35],
    ['Write_Results', 0, 2],
    ['Write_Results', 1, 2],
    ['Write_Results', 2, 2],
  )
  expect(rounded(seen)).toEqual([10, 40, 50, 50, 96.667, 96.667, 98.333, 100])
})

test('what a part that is yet to come turns out to cost counts at once, and what is done already is not taken back', () => {
  const costly = createPercentage(plan)
  expect(rounded(after(costly, ...half))).toEqual([10, 40, 50])
  const slow = [{ step: 'Compare_Clouds', part: 'distances', secondsEach: 1.4 }] // 14 s instead of 4
  costly.update({ step: 'Compare_Clouds', part: 'index', done: 10, total: 10, ahead: slow })
  expect(costly.value).toBe(50)
  const distances: Report[] = [
    ['Compare_Clouds/distances', 0, 10],
    ['Compare_Clouds/distances', 10, 10],
  ]
  expect(rounded(after(costly, ...distances))).toEqual([50, 96.667])

  const cheap = createPercentage(plan)
  const nothing = [
    { step: 'Compare_Clouds', part: 'distances', secondsEach: 0 },
    { step: 'Dance', secondsEach: 1e9 },
  ]
  cheap.update({ step: 'Prepare_Production', part: 'start', done: 1, total: 1, ahead: nothing })
  expect(cheap.value).toBeCloseTo(100 / 6, 9)

  const begun = createPercentage(plan)
  expect(rounded(after(begun, ...half, ['Compare_Clouds/distances', 0, 10]))).toEqual([10, 40, 50, 50])
  begun.update({ step: 'Compare_Clouds', part: 'distances', done: 0, total: 10, ahead: slow })
  expect(rounded(after(begun, ...distances))).toEqual([50, 96.667])
})

test('what there turns out to be nothing to do for, and what is passed over, costs nothing', () => {
  const nothing = after(createPercentage(plan), ...half, ['Compare_Clouds/distances', 0, 0])
  expect(nothing.at(-1)).toBeCloseTo(500 / 6, 9)
  const passedOver = after(createPercentage(plan), half[0]!, half[1]!, ['Compare_Clouds/distances', 0, 10])
  expect(passedOver.at(-1)).toBeCloseTo(400 / 9, 9)
})

test('a plan that is off in every part still rises with every count and ends at 100', () => {
  const percentage = createPercentage(plan)
  const seen: number[] = []
  for (const [place, total] of [
    ['Prepare_Production/start', 1],
    ['Read_Clouds/file 1', 900],
    ['Compare_Clouds/index', 2],
    ['Compare_Clouds/distances', 4000],
    ['Write_Results', 1],
  ] as const) {
    for (let done = 0; done <= total; done++) seen.push(...after(percentage, [place, done, total]))
  }
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBeCloseTo(100, 9)
  // The longest part may not stand still: 4000 counts share most of what was left.
  expect(new Set(seen).size).toBeGreaterThan(4000)
})

test('an unknown part, one that comes back and a plan of no cost are refused', () => {
  const percentage = createPercentage(plan)
  expect(() => after(percentage, ['Dance', 0, 1])).toThrow(/'Dance'/)
  after(percentage, ['Compare_Clouds/index', 0, 10])
  expect(() => after(percentage, ['Read_Clouds/file 1', 0, 9])).toThrow(/'Read_Clouds\/file 1'/)
  expect(() => createPercentage([{ step: 'Read_Clouds', total: 0, secondsEach: 0 }])).toThrow(/0 s/)
})

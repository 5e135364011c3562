import { expect, test } from 'vitest'
import { createPercentage } from './percentage.ts'

const steps = { Prepare_Production: 1, Read_Clouds: 3, Compare_Clouds: 5, Write_Results: 1 }

test('the percentage is the weight of the steps done plus the counted share of the current one', () => {
  const percentage = createPercentage(steps)
  const seen = [
    { step: 'Prepare_Production', done: 0, total: 100 },
    { step: 'Prepare_Production', done: 50, total: 100 },
    { step: 'Read_Clouds', done: 0, total: 9 },
    { step: 'Read_Clouds', done: 3, total: 9 },
    { step: 'Compare_Clouds', done: 0, total: 7 },
    { step: 'Write_Results', done: 2, total: 2 },
  ].map((report) => {
    percentage.update(report)
    return percentage.value
  })
  expect(seen).toEqual([0, 5, 10, 20, 40, 100])
})

test('the percentage never decreases when a count goes back', () => {
  const percentage = createPercentage(steps)
  percentage.update({ step: 'Read_Clouds', done: 8, total: 9 })
  const high = percentage.value
  percentage.update({ step: 'Read_Clouds', done: 2, total: 9 })
  expect(percentage.value).toBe(high)
})

test('a count beyond its total ends its own step and no more', () => {
  const percentage = createPercentage(steps)
  percentage.update({ step: 'Read_Clouds', done: 90, total: 9 })
  expect(percentage.value).toBe(40)
})

test('a step with nothing to do counts as done', () => {
  const percentage = createPercentage(steps)
  percentage.update({ step: 'Compare_Clouds', done: 0, total: 0 })
  expect(percentage.value).toBe(90)
})

test('an unknown step and a step that comes back are refused', () => {
  const percentage = createPercentage(steps)
  expect(() => percentage.update({ step: 'Dance', done: 0, total: 1 })).toThrow(/'Dance'/)
  percentage.update({ step: 'Compare_Clouds', done: 0, total: 1 })
  expect(() => percentage.update({ step: 'Read_Clouds', done: 0, total: 1 })).toThrow(/'Read_Clouds'/)
})

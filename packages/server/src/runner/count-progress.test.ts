import type { StepReport } from '@alidade/jobs'
import { expect, test } from 'vitest'
import { countProgress } from './count-progress.ts'

function counting() {
  const reports: StepReport[] = []
  const clock = { at: 0 }
  const progress = countProgress(
    ['Prepare_Production', 'Read_Clouds', 'Write_Results'],
    (report) => reports.push(report),
    () => clock.at,
  )
  return { progress, reports, clock }
}

test('begin and the last count of a step are always reported, others at most every 100 ms', () => {
  const { progress, reports, clock } = counting()
  const reading = progress.begin('Read_Clouds', { total: 100, unit: 'points' })
  for (let i = 0; i < 100; i++) {
    clock.at += 9
    reading.advance(1)
  }
  expect(reports[0]).toEqual({ step: 'Read_Clouds', done: 0, total: 100, unit: 'points' })
  expect(reports.at(-1)).toEqual({ step: 'Read_Clouds', done: 100, total: 100, unit: 'points' })
  expect(reports).toHaveLength(10)
})

test('what later parts turn out to cost is reported at once', () => {
  const { progress, reports } = counting()
  const ahead = [{ step: 'Write_Results', secondsEach: 2 }]
  progress.begin('Read_Clouds', { total: 10, unit: 'points' }).advance(1, ahead)
  expect(reports.at(-1)).toEqual({ step: 'Read_Clouds', done: 1, total: 10, unit: 'points', ahead })
})

test('counts beyond the total are cut off', () => {
  const { progress, reports } = counting()
  progress.begin('Read_Clouds', { total: 10, unit: 'points' }).advance(25)
  expect(reports.at(-1)?.done).toBe(10)
})

test('steps begin in their declared order, each once, and an ended step does not count', () => {
  const { progress } = counting()
  const reading = progress.begin('Read_Clouds', { total: 10, unit: 'points' })
  expect(() => progress.begin('Read_Clouds', { total: 1, unit: 'points' })).toThrow(/'Read_Clouds'/)
  expect(() => progress.begin('Prepare_Production', { total: 1, unit: 'bytes' })).toThrow(
    /'Prepare_Production'/,
  )
  progress.begin('Write_Results', { total: 1, unit: 'files' })
  expect(() => reading.advance(1)).toThrow(/has ended/)
})

test('the parts of a step begin one after the other, each once, and a new one ends the one before', () => {
  const { progress, reports } = counting()
  const one = progress.begin('Read_Clouds', { part: 'file 1', total: 2, unit: 'points' })
  one.advance(2)
  const two = progress.begin('Read_Clouds', { part: 'file 2', total: 3, unit: 'points' })
  expect(() => one.advance(1)).toThrow(/'file 1' of step 'Read_Clouds' has ended/)
  expect(() => progress.begin('Read_Clouds', { part: 'file 1', total: 2, unit: 'points' })).toThrow(
    /'file 1'/,
  )
  expect(() => progress.begin('Read_Clouds', { total: 2, unit: 'points' })).toThrow(/'Read_Clouds'/)
  two.advance(3)
  expect(reports.at(-1)).toEqual({ step: 'Read_Clouds', part: 'file 2', done: 3, total: 3, unit: 'points' })
})

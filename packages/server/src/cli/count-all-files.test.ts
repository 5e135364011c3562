import { expect, test } from 'vitest'
import { countAllFiles } from './count-all-files.ts'

const plan = [
  { step: 'Read_Clouds', part: 'file 1', total: 3000, secondsEach: 1 },
  { step: 'Read_Clouds', part: 'file 2', total: 2000, secondsEach: 1 },
  { step: 'Read_Clouds', part: 'file 3', total: 1000, secondsEach: 1 },
  { step: 'Find_Ground', part: 'surface', total: 70, secondsEach: 1 },
  { step: 'Write_Results', part: 'file 1', total: 3000, secondsEach: 1 },
]
const counted = (step: string, part: string, done: number, total: number) => {
  const report = countAllFiles(plan, { step, part, done, total, unit: 'points' })
  return [report.done, report.total]
}

test('files are counted together: those before are done, those after are not', () => {
  expect(counted('Read_Clouds', 'file 1', 1500, 3000)).toEqual([1500, 6000])
  expect(counted('Read_Clouds', 'file 2', 2000, 2000)).toEqual([5000, 6000])
  expect(counted('Read_Clouds', 'file 3', 1000, 1000)).toEqual([6000, 6000])
})

test('what is no file, or is in no plan, is counted as it is', () => {
  expect(counted('Find_Ground', 'surface', 7, 70)).toEqual([7, 70])
  expect(counted('Prepare_Production', 'fetch', 1, 2)).toEqual([1, 2])
})

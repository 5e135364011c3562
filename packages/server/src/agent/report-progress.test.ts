import type { JobMessage } from '@alidade/contract'
import { expect, test } from 'vitest'
import type { JobRecord } from '../store/job-record.ts'
import type { JobWork } from '../store/job-store.ts'
import { reportProgress } from './report-progress.ts'

type Report = Parameters<JobWork['report']>[1]
const warning = (code: string): JobMessage => ({ code, title: 't', message: 'm', params: [] })

/** A store whose answers come when the test says so. */
function reporting(answers: (boolean | Error)[], warnings: JobMessage[] = []) {
  const written: Report[] = []
  const told: unknown[] = []
  const job = { id: 'job', attempt: 1, type: 'changeDetection', warnings } as unknown as JobRecord
  const jobs = {
    report: async (_attempt: unknown, report: Report) => {
      written.push(report)
      await new Promise((resolve) => setImmediate(resolve))
      const answer = answers.shift() ?? true
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  const progress = reportProgress(jobs, job, {
    onStale: () => told.push('stale'),
    onError: (error) => told.push(error),
  })
  return { progress, written, told }
}

test('one write at a time, and always the newest', async () => {
  const { progress, written } = reporting([])
  for (let done = 0; done <= 1000; done++) progress.report({ step: 'Read_Clouds', done, total: 1000 })
  await progress.flush()
  expect(written).toHaveLength(2)
  progress.report({ step: 'Compare_Clouds', done: 1, total: 2 })
  await progress.flush()
  expect(written[2]!.step).toBe('Compare_Clouds')
  expect(written[2]!.percentage).toBeGreaterThan(written[1]!.percentage)
})

test('what the wire would not show is not written', async () => {
  const { progress, written } = reporting([])
  progress.report({ step: 'Read_Clouds', done: 500_000, total: 1_000_000 })
  await progress.flush()
  progress.report({ step: 'Read_Clouds', done: 500_001, total: 1_000_000 })
  await progress.flush()
  expect(written).toHaveLength(1)
})

test('a warning is written once, also when a later attempt comes upon it again', async () => {
  const { progress, written } = reporting([], [warning('old')])
  progress.warn(warning('old'))
  progress.warn(warning('new'))
  progress.warn(warning('new'))
  await progress.flush()
  expect(written.flatMap(({ warnings }) => warnings ?? [])).toEqual([warning('new')])
})

test('a row that cannot be written just now is told of, and the next report brings all of it', async () => {
  const busy = new Error('busy')
  const { progress, written, told } = reporting([busy])
  progress.warn(warning('kept'))
  progress.report({ step: 'Read_Clouds', done: 1, total: 2 })
  await progress.flush()
  expect(told).toEqual([busy])
  progress.report({ step: 'Read_Clouds', done: 1, total: 2 })
  await progress.flush()
  expect(told).toEqual([busy])
  expect(written.at(-1)).toMatchObject({ step: 'Read_Clouds', warnings: [warning('kept')] })
})

test('an attempt that is not the current one any more is told so', async () => {
  const { progress, told } = reporting([false])
  progress.report({ step: 'Read_Clouds', done: 1, total: 2 })
  await progress.flush()
  expect(told).toEqual(['stale'])
})

import type { JobMessage } from '@alidade/contract'
import { expect, test } from 'vitest'
import type { JobRecord } from '../store/job-record.ts'
import type { JobWork } from '../store/job-store.ts'
import { reportProgress } from './report-progress.ts'

type Report = Parameters<JobWork['report']>[1]
const warning = (code: string): JobMessage => ({ code, title: 't', message: 'm', params: [] })

const plan = [
  { step: 'Prepare_Production', part: 'start', total: 1, secondsEach: 1 },
  { step: 'Read_Clouds', total: 1000, secondsEach: 0.049 },
  { step: 'Compare_Clouds', total: 1000, secondsEach: 0.05 },
]

/** A store whose answers come when the test says so. */
function reporting(
  answers: (boolean | Error)[],
  { warnings = [], reached = 0 }: { warnings?: JobMessage[]; reached?: number } = {},
) {
  const written: Report[] = []
  const told: unknown[] = []
  const job = { id: 'job', attempt: 1, warnings, percentage: reached } as unknown as JobRecord
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
    onCaughtUp: (percentage) => told.push(`caught up at ${percentage}`),
  })
  progress.plan(plan)
  return { progress, written, told }
}

test('one write at a time, and always the newest', async () => {
  const { progress, written } = reporting([])
  for (let done = 0; done <= 1000; done++) progress.report({ step: 'Read_Clouds', done, total: 1000 })
  await progress.flush()
  expect(written.map(({ percentage }) => Math.floor(percentage))).toEqual([0, 50])
  progress.report({ step: 'Compare_Clouds', done: 1, total: 2 })
  await progress.flush()
  expect(written[2]!.step).toBe('Compare_Clouds')
  expect(written[2]!.percentage).toBeGreaterThan(written[1]!.percentage)
})

test('what the wire would not show is not written', async () => {
  const { progress, written } = reporting([])
  progress.report({ step: 'Read_Clouds', done: 500, total: 1000 })
  await progress.flush()
  progress.report({ step: 'Read_Clouds', done: 501, total: 1000 })
  await progress.flush()
  const before = written.length
  progress.report({ step: 'Read_Clouds', done: 502, total: 1000 })
  await progress.flush()
  expect(written).toHaveLength(before)
  progress.report({ step: 'Read_Clouds', done: 520, total: 1000 })
  await progress.flush()
  expect(written).toHaveLength(before + 1)
})

test('a warning is written once, also when a later attempt comes upon it again', async () => {
  const { progress, written } = reporting([], { warnings: [warning('old')] })
  progress.warn(warning('old'))
  progress.warn(warning('new'))
  progress.warn(warning('new'))
  await progress.flush()
  expect(written.flatMap(({ warnings }) => warnings ?? [])).toEqual([warning('new')])
})

test('a warning is the same one in whatever order the database gives its members back', async () => {
  const { code, title, message, params } = warning('old')
  const { progress, written } = reporting([], { warnings: [{ params, message, title, code }] })
  progress.warn(warning('old'))
  await progress.flush()
  expect(written.flatMap(({ warnings }) => warnings ?? [])).toEqual([])
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

test('a later attempt tells when it has come to where the lost one was, and once', async () => {
  const { progress, told } = reporting([], { reached: 30 })
  for (const done of [100, 500, 600, 700]) {
    progress.report({ step: 'Read_Clouds', done, total: 1000 })
    told.push(done)
  }
  expect(told).toEqual([100, 500, 'caught up at 30', 600, 700])
})

test('a report that comes before the plan is our fault', () => {
  const job = { id: 'job', attempt: 1, warnings: [], percentage: 0 } as unknown as JobRecord
  const unplanned = reportProgress({ report: async () => true }, job, {
    onStale: () => undefined,
    onError: () => undefined,
  })
  expect(() => unplanned.report({ step: 'Read_Clouds', done: 0, total: 1 })).toThrow(/before there is a plan/)
})

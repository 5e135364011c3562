import { expect, test } from 'vitest'
import { nextAttemptAt, retryWindowMs } from './retry-schedule.ts'

/** When each attempt is made, in seconds after the event, where each takes so long and fails. */
function attempts(eachSeconds: number): number[] {
  const enqueuedAt = new Date('2026-04-02T08:00:00Z')
  const times: number[] = []
  for (let at: Date | undefined = enqueuedAt; at !== undefined; ) {
    times.push((at.getTime() - enqueuedAt.getTime()) / 1000)
    at = nextAttemptAt(times.length, new Date(at.getTime() + eachSeconds * 1000), enqueuedAt)
  }
  return times
}

test('an event is tried again after 2 s, then after three times as long, at last every hour, for a day', () => {
  const times = attempts(0)
  expect(times.slice(0, 8)).toEqual([0, 2, 8, 26, 80, 242, 728, 2186])
  expect(times[8]! - times[7]!).toBe(3600)
  expect(times.at(-1)! - times.at(-2)!).toBe(3600)
  const day = retryWindowMs / 1000
  expect(times.at(-1)).toBeLessThanOrEqual(day)
  expect(times.at(-1)).toBeGreaterThan(day - 3600)
  expect(times).toHaveLength(31)
})

test('an event that nobody could send for more than a day is tried once and then given up', () => {
  const enqueuedAt = new Date('2026-04-02T08:00:00Z')
  const back = new Date(enqueuedAt.getTime() + retryWindowMs + 3600_000)
  expect(nextAttemptAt(1, back, enqueuedAt)).toBeUndefined()
})

test('slow attempts are counted in', () => {
  expect(attempts(5).at(-1)).toBeLessThanOrEqual(retryWindowMs / 1000)
})

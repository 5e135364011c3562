import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { limitAttempt } from './attempt-limits.ts'

const startedAt = new Date('2026-04-02T08:00:00Z')
const minute = 60_000

beforeEach(() => {
  vi.useFakeTimers({ now: startedAt })
})
afterEach(() => {
  vi.useRealTimers()
})

function limited({ stallMinutes = 0, timeLimitMinutes = 0 }) {
  return limitAttempt({ stallMinutes, timeLimitMinutes, startedAt, now: () => new Date() })
}

test('ten minutes without a count are a stall, named with its minutes and its step', () => {
  const limits = limited({ stallMinutes: 10 })
  limits.counted({ step: 'Read_Clouds', done: 5 })
  vi.advanceTimersByTime(10 * minute)
  expect(limits.signal.aborted).toBe(false)
  vi.advanceTimersByTime(minute)
  expect(limits.signal.reason).toMatchObject({
    jobMessage: { code: 'Stalled', params: ['10', 'Read_Clouds'] },
  })
})

test('counts that go up, steps and parts of steps that begin put the stall off', () => {
  const limits = limited({ stallMinutes: 10 })
  const advances = [
    () => limits.counted({ step: 'Read_Clouds', done: 1 }),
    () => limits.counted({ step: 'Read_Clouds', done: 2 }),
    () => limits.counted({ step: 'Compare_Clouds', done: 0 }),
    () => limits.counted({ step: 'Compare_Clouds', part: 'publish', done: 0 }),
  ]
  for (const advance of advances) {
    vi.advanceTimersByTime(9 * minute)
    advance()
  }
  vi.advanceTimersByTime(9 * minute)
  expect(limits.signal.aborted).toBe(false)
})

test('the same count sent again and again, or a lower one, is no advance', () => {
  const limits = limited({ stallMinutes: 10 })
  for (let i = 0; i < 12; i++) {
    limits.counted({ step: 'Read_Clouds', done: i % 2 })
    vi.advanceTimersByTime(minute)
  }
  expect(limits.signal.reason).toMatchObject({ jobMessage: { code: 'Stalled' } })
})

test('the time limit counts from the first attempt, and one that is used up leaves nothing for another', () => {
  vi.setSystemTime(startedAt.getTime() + 20 * minute)
  const second = limited({ timeLimitMinutes: 30 })
  vi.advanceTimersByTime(10 * minute - 1)
  expect(second.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(second.signal.reason).toMatchObject({ jobMessage: { code: 'TimedOut', params: ['30'] } })
  expect(limited({ timeLimitMinutes: 30 }).signal.aborted).toBe(true)
})

test('no limits, and limits that were stopped, end nothing', () => {
  const none = limited({})
  const stopped = limited({ stallMinutes: 10, timeLimitMinutes: 30 })
  stopped.stop()
  vi.advanceTimersByTime(100 * minute)
  expect([none, stopped].map(({ signal }) => signal.aborted)).toEqual([false, false])
  expect(vi.getTimerCount()).toBe(0)
})

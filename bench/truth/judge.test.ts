import { expect, test } from 'vitest'
import { isTrueEnough, judge, withEqualWeights } from './judge.ts'
import type { Sample } from './watch-job.ts'

const steps = ['Read', 'Compare']

/** A run of 20 s from second 1000 on, asked four times a second. */
function runOf(percentageAt: (seconds: number) => number, stepAt = (_seconds: number) => 'Read') {
  const startedAt = 1_000_000
  const samples: Sample[] = []
  for (let seconds = -1; seconds <= 21; seconds += 0.25) {
    const ended = seconds > 20
    samples.push({
      at: startedAt + seconds * 1000,
      percentage: ended ? 100 : Math.floor(percentageAt(Math.max(0, seconds))),
      state: ended ? 'success' : 'active',
      step: stepAt(seconds),
    })
  }
  return { startedAt, endedAt: startedAt + 20_000, samples }
}

test('a percentage that is the share of time elapsed is off by no more than its rounding', () => {
  const judged = judge(runOf((seconds) => 5 * seconds))
  expect(judged).toMatchObject({ seconds: 20, monotone: true, silenceSeconds: 0.25 })
  expect(judged.worstPoints).toBeLessThan(1)
  expect(isTrueEnough(judged)).toBe(true)
})

test('a percentage that stands still for half of the run is silent for so long, and 50 points off at worst', () => {
  const judged = judge(runOf((seconds) => (seconds < 10 ? 0 : 10 * (seconds - 10))))
  expect(judged.silenceSeconds).toBeCloseTo(10.25, 5)
  expect(judged.silentAt).toEqual({ seconds: 0, percentage: 0, step: 'Read' })
  expect(judged.worstPoints).toBeCloseTo(50, 5)
  expect(judged.meanPoints).toBeCloseTo(25, 0)
  expect(isTrueEnough(judged)).toBe(false)
})

test('waiting for the end counts as silence, as waiting for the first change does', () => {
  const { silenceSeconds, silentAt } = judge(runOf((seconds) => Math.min(99, 10 * seconds)))
  expect(silenceSeconds).toBeCloseTo(10, 0)
  expect(silentAt).toEqual({ seconds: 10, percentage: 99, step: 'Read' })
  expect(judge(runOf((seconds) => 1 + 5 * Math.max(0, seconds - 5))).silenceSeconds).toBeCloseTo(5, 0)
})

test('a percentage that goes back is not monotone, however true it is otherwise', () => {
  const judged = judge(runOf((seconds) => 5 * seconds - (seconds === 10 ? 3 : 0)))
  expect(judged.monotone).toBe(false)
  expect(isTrueEnough(judged)).toBe(false)
})

test('with equal weights a step of a tenth of the time counts for half', () => {
  const stepAt = (seconds: number) => (seconds < 2 ? 'Read' : 'Compare')
  const equal = withEqualWeights(
    runOf((seconds) => 5 * seconds, stepAt),
    steps,
  )
  const at = (seconds: number) =>
    equal.samples.find(({ at }) => at === 1_000_000 + seconds * 1000)!.percentage
  expect([at(1), at(2), at(11)]).toEqual([25, 50, 75])
  expect(judge(equal).worstPoints).toBeCloseTo(40, 0)
})

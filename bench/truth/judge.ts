// How true a percentage was: how far from the share of time that had passed, and how long it stood still.
import type { Sample, WatchedRun } from './watch-job.ts'

export interface Judgement {
  seconds: number
  /** Longest time without a change, in seconds, from the start to the end of the run. */
  silenceSeconds: number
  /** Where that was. */
  silentAt: { seconds: number; percentage: number; step: string }
  /** Points between percentage and share of time elapsed, over all samples. */
  meanPoints: number
  worstPoints: number
  monotone: boolean
}

/** What `DESIGN.md` of the project asks of runs from 10 s to 10 min. */
export const limits = {
  meanPoints: 5,
  worstPoints: 12,
  silence: (seconds: number) => Math.max(2, 0.03 * seconds),
}

export function judge({ startedAt, endedAt, samples }: WatchedRun): Judgement {
  const wholeMs = endedAt - startedAt
  const during = samples.filter(({ at }) => at >= startedAt && at <= endedAt)
  const off = during.map(({ at, percentage }) => Math.abs(percentage - (100 * (at - startedAt)) / wholeMs))
  const changes = during.filter(({ percentage }, i) => percentage !== (during[i - 1]?.percentage ?? 0))
  const marks = [startedAt, ...changes.map(({ at }) => at), endedAt]
  const silences = marks.slice(1).map((at, i) => at - marks[i]!)
  const silenceMs = Math.max(...silences)
  const silentFrom = marks[silences.indexOf(silenceMs)]!
  const { percentage, step } = during.find(({ at }) => at >= silentFrom) ?? { percentage: 0, step: '' }
  return {
    seconds: wholeMs / 1000,
    silenceSeconds: silenceMs / 1000,
    silentAt: { seconds: (silentFrom - startedAt) / 1000, percentage, step },
    meanPoints: off.reduce((sum, points) => sum + points, 0) / off.length,
    worstPoints: Math.max(...off),
    monotone: samples.every(({ percentage }, i) => percentage >= (samples[i - 1]?.percentage ?? 0)),
  }
}

export function isTrueEnough({
  seconds,
  silenceSeconds,
  meanPoints,
  worstPoints,
  monotone,
}: Judgement): boolean {
  return (
    monotone &&
    silenceSeconds <= limits.silence(seconds) &&
    meanPoints <= limits.meanPoints &&
    worstPoints <= limits.worstPoints
  )
}

/**
 * The same samples as if every step had the same weight. What share of a step was done follows from the percentages with
 * which it began and ended, between which it rose evenly with the counts.
 */
export function withEqualWeights(run: WatchedRun, steps: readonly string[]): WatchedRun {
  const entered = steps.map((step) =>
    run.samples.find((sample) => steps.indexOf(sample.step) >= steps.indexOf(step)),
  )
  const boundary = [...entered.map((sample) => sample?.percentage ?? 100), 100]
  const equal = (sample: Sample): Sample => {
    const step = steps.indexOf(sample.step)
    if (step < 0 || sample.state !== 'active') return sample
    const rise = boundary[step + 1]! - boundary[step]!
    const share = rise > 0 ? Math.max(0, sample.percentage - boundary[step]!) / rise : 0
    return { ...sample, percentage: Math.floor((100 * (step + Math.min(1, share))) / steps.length) }
  }
  return { ...run, samples: run.samples.map(equal) }
}

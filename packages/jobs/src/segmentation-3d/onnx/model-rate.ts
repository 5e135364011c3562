// How long a model takes for a point: it is run on made points before anything is read, since neither its size nor its manifest
// tells. In seconds of a core, as all costs are planned.
import type { JobContext } from '../../job-type.ts'
import { crewFor, type PointModel, sizesOf, trialPoints } from './point-model.ts'

/** So long is measured well enough; four times as many points may take sixteen times as long. */
const enoughSeconds = 0.15
const growth = 4
/** Runs on as many points as are shown: a quick model takes less than what clocks of cores tell. */
const mostAgain = 32

/** How often a model is run at most to know its rate, with its loading. */
export function trialRuns({ points }: Pick<PointModel, 'points'>): number {
  return 2 + Math.ceil(Math.max(0, Math.log(points / trialPoints) / Math.log(growth))) + mostAgain
}

export interface RateOptions extends Pick<JobContext, 'signal'> {
  /** Points that it is going to be shown at a time: fewer find all that they need in the caches of a core, more do not. */
  shown: number
  /** Called when the model is loaded, and after each run. */
  onRun?: () => void
}

/**
 * Undefined for a model that cannot be run on made points: the real ones will show what it is. JobError `Detector_Failed` for one that
 * cannot be loaded, or does not come back.
 */
export async function secondsPerPoint(
  model: PointModel,
  { shown, onRun, signal }: RateOptions,
): Promise<number | undefined> {
  const crew = crewFor(model, { threads: 1, signal })
  try {
    const time = async (points: number) => {
      const seconds = await crew.time(madePoints(model, points))
      onRun?.()
      return seconds
    }
    await crew.loaded()
    onRun?.()
    const runs: { points: number; seconds: number }[] = []
    for (let points = model.isFixed ? shown : Math.min(shown, trialPoints); ; ) {
      const seconds = await time(points)
      if (seconds === undefined) return undefined
      runs.push({ points, seconds })
      if (seconds >= enoughSeconds || points === shown) break
      points = Math.min(shown, growth * points)
    }
    // The first run of a size makes plans and takes memory, which the others have.
    const last = runs.at(-1)!
    let [again, sum] = [0, 0]
    while (again < mostAgain && sum < enoughSeconds) {
      const seconds = await time(last.points)
      if (seconds === undefined) return undefined
      sum += seconds
      again++
    }
    last.seconds = Math.min(last.seconds, sum / again)
    return rateAt(shown, runs)
  } finally {
    await crew.dismiss()
  }
}

/** Seconds a point where so many are shown, by the last two runs: twice the points may take more than twice as long. */
export function rateAt(points: number, runs: readonly { points: number; seconds: number }[]): number {
  const last = runs.at(-1)!
  const before = runs.at(-2)
  const rate = last.seconds / last.points
  if (before === undefined || before.points === last.points || before.points <= trialPoints) return rate
  if (last.seconds < enoughSeconds) return rate
  const power = Math.log(last.seconds / before.seconds) / Math.log(last.points / before.points)
  return rate * (points / last.points) ** Math.min(1, Math.max(0, power - 1))
}

/** Numbers between 0 and 1, different from point to point. */
function madePoints(model: PointModel, points: number) {
  const values = Float32Array.from(
    { length: points * model.features.length },
    (_, i) => ((i * 7919) % 1009) / 1009,
  )
  return { sizes: sizesOf(model, points), values, points, wanted: 0 }
}

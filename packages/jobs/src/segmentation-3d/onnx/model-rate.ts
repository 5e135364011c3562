// How long a model takes for a point: it is run on made points before anything is read, since neither its size nor its manifest
// tells. In seconds of a core, as all costs are planned.
import type { JobContext } from '../../job-type.ts'
import { crewFor, type PointModel, sizesOf, trialPoints } from './point-model.ts'

/** So long a run is measured well enough; four times as many points may take sixteen times as long. */
const enoughSeconds = 0.15
const growth = 4

/**
 * Undefined for a model that cannot be run on made points: the real ones will show what it is. JobError `Detector_Failed` for one that
 * cannot be loaded, or does not come back.
 */
export async function secondsPerPoint(
  model: PointModel,
  signal: JobContext['signal'],
): Promise<number | undefined> {
  const crew = crewFor(model, { threads: 1, signal })
  try {
    await crew.loaded()
    const runs: { points: number; seconds: number }[] = []
    // The first run of an engine makes its plans and takes longer.
    for (let points = model.isFixed ? model.points : trialPoints; ; ) {
      const seconds = await crew.time(madePoints(model, points))
      if (seconds === undefined) return undefined
      runs.push({ points, seconds })
      const isSecond = runs.length > 1
      if (seconds >= enoughSeconds || (points === model.points && isSecond)) break
      points = Math.min(model.points, growth * points)
    }
    return rateAt(model.points, runs)
  } finally {
    await crew.dismiss()
  }
}

/** Seconds a point where as many are shown as the model takes, by the last two runs: twice the points may take more than twice as long. */
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

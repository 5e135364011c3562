// Surveys that lie beside each other as a whole: told, and kept from being reported as changes.
import {
  type Change,
  type CloudDistances,
  compareClouds,
  keptUnder,
  type PointArrays,
  type SurveyShift,
  surveysApart,
  surveyShift,
  surveyShiftWork,
} from '@alidade/analysis'
import { jobWarningMessage } from '@alidade/contract/jobs'
import type { JobContext, PartCost, Progress } from '../job-type.ts'
import { paceOf } from './find-changes.ts'
import { releaseMemory } from '../release-memory.ts'
import type { Step } from './step-costs.ts'

/**
 * Counted in a part of its own: every point of a sample, at each of some levels. `aheadOf` tells what is to come, from the share
 * of the points that lie apart.
 */
export async function seekShift(
  a: PointArrays,
  b: PointArrays,
  {
    progress,
    signal,
    aheadOf,
  }: {
    progress: Progress<Step>
    signal: AbortSignal
    aheadOf?: (apart: number) => readonly PartCost[]
  },
): Promise<SurveyShift> {
  const total = surveyShiftWork(a.x.length, b.x.length)
  const seeking = progress.begin('Compare_Clouds', { part: 'shift', total, unit: 'points' })
  // First of all: the sooner it is known that much has changed, the less the percentage has run ahead.
  if (aheadOf) seeking.advance(0, aheadOf(surveysApart(a, b)))
  let sought = 0
  const pace = paceOf(signal, (points) => {
    sought += points
    seeking.advance(points)
  })
  const shift = await surveyShift(a, b, pace)
  // It may have been found at an earlier level.
  seeking.advance(total - sought)
  return shift
}

/** The warning, with the vector from the earlier to the later survey. */
export function shiftWarning({ vector, deviation }: SurveyShift, unit: string) {
  const [east, north, up] = vector.map(
    (value, axis) => `${value.toFixed(3)} (+- ${(1.96 * deviation[axis]!).toFixed(3)})`,
  ) as [string, string, string]
  return jobWarningMessage('Surveys_Shifted', east, north, up, unit)
}

/**
 * Moves the later survey back by the shift, in place, and compares again: what follows is of the surveys as they would lie
 * without the shift.
 */
export async function compareAligned(
  a: PointArrays,
  b: PointArrays,
  { vector }: SurveyShift,
  {
    threads,
    signal,
    kept,
    onAdvance,
  }: Pick<JobContext, 'threads' | 'signal' | 'kept'> & { onAdvance(points: number): void },
): Promise<CloudDistances> {
  for (const [axis, values] of [b.x, b.y, b.z].entries()) {
    for (let i = 0; i < values.length; i++) values[i]! -= vector[axis]!
  }
  releaseMemory()
  return compareClouds(a, b, {
    threads,
    signal,
    absence: true,
    kept: keptUnder(kept, 'aligned'),
    onIndexed: onAdvance,
    onAdvance,
  })
}

/** Boxes around points of the later survey, back where that survey has them. */
export function boxesAsSurveyed(
  changes: readonly Change[],
  { vector }: Pick<SurveyShift, 'vector'>,
): Change[] {
  return changes.map((change) => {
    const isOfLater =
      change.kind === 'disappeared' ? change.indicesA.length === 0 : change.indicesB.length > 0
    if (!isOfLater) return change
    const [x, y, z] = change.box.center
    return { ...change, box: { ...change.box, center: [x + vector[0], y + vector[1], z + vector[2]] } }
  })
}

/** Deviations of where a survey lies as a whole, none where nothing is known of it, with what no scatter shows. */
export function knownDeviation(
  deviation: SurveyShift['deviation'] | undefined,
  hidden = 0,
): SurveyShift['deviation'] {
  const [x, y, z] = deviation !== undefined && Number.isFinite(deviation[2]) ? deviation : [0, 0, 0]
  return [Math.hypot(x, hidden), Math.hypot(y, hidden), Math.hypot(z, hidden)]
}

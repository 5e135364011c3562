// The option `registration`: brings the later survey to the earlier one before they are compared, and says how.
import {
  movePoints,
  type PointArrays,
  type Registration,
  type RegistrationModel,
  type RegistrationRefusal,
  registerSurveys,
  registrationWork,
  rotationVector,
  type Vector,
} from '@alidade/analysis'
import { type JobMessage, jobWarningMessage } from '@alidade/contract/jobs'
import type { JobContext, Progress } from '../job-type.ts'
import { releaseMemory } from '../release-memory.ts'
import { paceOf } from './find-changes.ts'
import type { Step } from './step-costs.ts'

/** Undefined: nobody asks for it. */
export function registrationAsked({ registration }: JobContext['options']): RegistrationModel | undefined {
  return registration === 'translation' || registration === 'rigid' ? registration : undefined
}

/** Seeks the motion, in a part of its own. */
export async function seekRegistration(
  a: PointArrays,
  b: PointArrays,
  model: RegistrationModel,
  { progress, signal }: { progress: Progress<Step>; signal: AbortSignal },
): Promise<Registration> {
  const total = registrationWork(a.x.length, b.x.length)
  const seeking = progress.begin('Compare_Clouds', { part: 'registration', total, unit: 'points' })
  let sought = 0
  const pace = paceOf(signal, (points) => {
    sought += points
    seeking.advance(points)
  })
  const found = await registerSurveys(a, b, model, pace)
  // It may have stood still earlier.
  seeking.advance(total - sought)
  releaseMemory()
  return found
}

/** Moves the later survey where a motion was found, in place; tells of it or of why not. */
export async function applyRegistration(
  b: PointArrays,
  { motion, refusal }: Registration,
  signal: AbortSignal,
): Promise<boolean> {
  if (refusal !== undefined) return false
  const pace = paceOf(signal, () => {})
  const stretch = 1 << 20
  for (let from = 0; from < b.x.length; from += stretch) {
    movePoints(b, motion, from, Math.min(b.x.length, from + stretch))
    await pace(0)
  }
  return true
}

const reasons: Readonly<Record<Exclude<RegistrationRefusal, 'insignificant'>, string>> = {
  few: 'there is too little surface that both of them have',
  loose: 'what has not changed holds them in fewer directions than they can be moved in',
  worse: 'their surfaces would lie no closer to each other',
}

export function registrationWarning(found: Registration, unit: string): JobMessage {
  const { motion, deviation, largestDeviation, misfit, stable, refusal } = found
  if (refusal === 'insignificant') {
    const bounds = largestDeviation.map((value) => `+- ${(1.96 * value).toFixed(3)}`) as unknown as Vector3
    return jobWarningMessage('Registration_Unneeded', ...bounds, unit)
  }
  if (refusal !== undefined) return jobWarningMessage('Registration_Refused', reasons[refusal])
  const [east, north, up] = bounded(motion.translation, deviation.translation, 3)
  const degrees = (radians: Vector) => radians.map((value) => (value * 180) / Math.PI) as unknown as Vector
  return jobWarningMessage(
    'Surveys_Registered',
    ...[east, north, up, unit],
    `(${motion.pivot.map((value) => value.toFixed(2)).join(', ')})`,
    bounded(degrees(rotationVector(motion)), degrees(deviation.rotation), 4).join(', '),
    `${Math.floor(100 * stable.share)} %`,
    `${misfit.after.toFixed(3)} ${unit}, ${misfit.before.toFixed(3)} before,`,
  )
}

type Vector3 = [string, string, string]

function bounded(values: Vector, deviations: Vector, digits: number): Vector3 {
  return values.map(
    (value, axis) => `${value.toFixed(digits)} (+- ${(1.96 * deviations[axis]!).toFixed(digits)})`,
  ) as Vector3
}

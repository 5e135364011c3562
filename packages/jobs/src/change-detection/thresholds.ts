// How far is changed: as asked, or from the spacing of the points.
import { JobError } from '../job-error.ts'

/**
 * On an unchanged surface scanned twice the nearest point of the other scan lies within 1.5 spacings in 99.9 % of all
 * cases, within 2.1 in all but one of a million (points scattered at random: P(d > r) = exp(-pi r^2 / spacing^2)). So
 * 2 spacings of the sparser scan may belong to a change, and 3 begin one.
 */
const lowInSpacings = 2
const highInSpacings = 3

export interface Thresholds {
  /** Both in the unit of the coordinates; 0 < low <= high. */
  low: number
  high: number
}

/** Distances asked for mean what they say: a change is then what is that far away, and nothing else. */
export function areThresholdsAsked(options: Record<string, unknown>): boolean {
  return options.distThresholdLow !== undefined || options.distThresholdHigh !== undefined
}

export function chooseThresholds(
  options: Record<string, unknown>,
  { spacingA, spacingB }: { spacingA: number; spacingB: number },
): Thresholds {
  const spacings = [spacingA, spacingB].filter((spacing) => spacing > 0)
  const spacing = Math.max(...spacings)
  const askedLow = options.distThresholdLow as number | undefined
  const askedHigh = options.distThresholdHigh as number | undefined
  if (spacings.length === 0 && (askedLow === undefined || askedHigh === undefined)) {
    const problem = 'it has too few points to derive thresholds from; give both.'
    throw new JobError('InputData_Invalid', ['pointClouds1', problem])
  }
  // One that is asked for keeps its ratio to the other.
  const low =
    askedLow ?? Math.min(lowInSpacings * spacing, (askedHigh ?? Infinity) * (lowInSpacings / highInSpacings))
  const high = askedHigh ?? Math.max(highInSpacings * spacing, low * (highInSpacings / lowInSpacings))
  if (low > high) {
    throw new JobError('InputData_Invalid', [
      'distThresholdLow',
      `it is ${low}, more than distThresholdHigh ${high}.`,
    ])
  }
  return { low, high }
}

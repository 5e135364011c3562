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
  /** Both in the unit of what is compared; 0 < low <= high. */
  low: number
  high: number
}

/** Distances asked for mean what they say: a change is then what is that far away, and nothing else. */
export function areThresholdsAsked(options: Record<string, unknown>): boolean {
  return options.distThresholdLow !== undefined || options.distThresholdHigh !== undefined
}

/** 0, the default, asks for nothing. */
export function areColoursAsked(options: Record<string, unknown>): boolean {
  return Number(options.colorThresholdLow ?? 0) > 0 || Number(options.colorThresholdHigh ?? 0) > 0
}

/** Differences of colour in steps of 8 bits; undefined where none are asked for. */
export function chooseColourThresholds(options: Record<string, unknown>): Thresholds | undefined {
  const [askedLow, askedHigh] = [
    Number(options.colorThresholdLow ?? 0),
    Number(options.colorThresholdHigh ?? 0),
  ]
  if (!areColoursAsked(options)) return undefined
  // One that is asked for stands in the same ratio to the other as distances do.
  const low = askedLow || askedHigh * (lowInSpacings / highInSpacings)
  const high = askedHigh || askedLow * (highInSpacings / lowInSpacings)
  return orRefuse({ low, high }, 'colorThresholdLow', 'colorThresholdHigh')
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
    const problem =
      'it has too few points in different places to derive thresholds from; give both, the low and the high one.'
    throw new JobError('InputData_Invalid', ['pointClouds1', problem])
  }
  // One that is asked for keeps its ratio to the other.
  const low =
    askedLow ?? Math.min(lowInSpacings * spacing, (askedHigh ?? Infinity) * (lowInSpacings / highInSpacings))
  const high = askedHigh ?? Math.max(highInSpacings * spacing, low * (highInSpacings / lowInSpacings))
  return orRefuse({ low, high }, 'distThresholdLow', 'distThresholdHigh')
}

function orRefuse({ low, high }: Thresholds, nameOfLow: string, nameOfHigh: string): Thresholds {
  if (low > high)
    throw new JobError('InputData_Invalid', [nameOfLow, `it is ${low}, more than ${nameOfHigh} ${high}.`])
  return { low, high }
}

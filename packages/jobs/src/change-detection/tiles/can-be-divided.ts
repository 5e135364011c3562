// Which comparisons can be done in tiles, and which are even in one process.
import type { JobContext } from '../../job-type.ts'
import { isAnyForeign } from '../bring-into-las.ts'
import { filesOf } from '../epoch-inputs.ts'
import { registrationAsked } from '../register.ts'
import { areColoursAsked, areThresholdsAsked } from '../thresholds.ts'

/** Surveys of more points are compared in tiles wherever that is possible: in memory they would take 3 GB and more. */
const inTilesFromPoints = 25_000_000

/** Thresholds, colours, registration, regions and other formats are for surveys that people look at: such runs stay in one. */
export function canBeDivided(
  inputs: Readonly<Record<string, { name: string }[]>>,
  options: JobContext['options'],
): boolean {
  if (areThresholdsAsked(options) || areColoursAsked(options) || registrationAsked(options)) return false
  if ((inputs.extent?.length ?? 0) > 0) return false
  return !(['A', 'B'] as const).some((epoch) => isAnyForeign(filesOf(epoch, inputs)))
}

/** Whether a run of so many points in one process goes tile by tile. */
export function isRunInTiles(
  inputs: Readonly<Record<string, { name: string }[]>>,
  options: JobContext['options'],
  points: number,
): boolean {
  return points > inTilesFromPoints && canBeDivided(inputs, options)
}

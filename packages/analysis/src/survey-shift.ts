/**
 * Whether one survey lies beside the other as a whole, and how far: point-to-plane registration (Chen & Medioni 1991) of
 * cells, from coarse to fine, with Tukey's biweight so that what has changed has no say. Only a translation is sought.
 */
import type { Surveys } from './cell-order.ts'
import { medianOf } from './median.ts'
import { atOnce, type Pace } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { planesBack, type SolvedShift, solveShift, type SurveyShift } from './solve-shift.ts'
import { sampledCount, sampleOf, strideOf } from './survey-planes.ts'
import { toldAllOver } from './told-all-over.ts'

export type { SurveyShift } from './solve-shift.ts'

/** So many points of each survey are looked at, at most. */
export const mostShiftPoints = 100_000
/**
 * Edges of the cells, in spacings of the points looked at, on the way from afar and on that from where the surveys lie; the
 * last one again until nothing moves. From afar a large change can lead astray, from near a large shift is not seen.
 */
const fromAfar = [16, 8, 4, 2, 2, 2]
const fromNear = [4, 2, 2, 2]
/** A shift has to fit so much better than what is found near none. */
const clearlyBetter = 0.9
const fewestCells = 30

export async function surveyShift(a: PointArrays, b: PointArrays, pace: Pace = atOnce): Promise<SurveyShift> {
  const samples = [a, b].map((points) => sampleOf(points, mostShiftPoints)) as [PointArrays, PointArrays]
  const spacing = suggestedLinkDistance(...samples.map(pointSpacing)) / 2
  if (!(spacing > 0)) return unknownShift
  const near = await descend(samples, spacing, fromNear, pace)
  const afar = await descend(samples, spacing, fromAfar, pace)
  const found = afar.misfit < clearlyBetter * near.misfit ? afar : near
  // Only surveys that seem shifted need it: what is counted beforehand is without.
  const trial: Pace = () => pace(0)
  const { vector, deviation, isSure } = found.isSure
    ? await toldAllOver(samples, found, { cellSize: fromNear.at(-1)! * spacing, spacing, pace: trial })
    : found
  return { vector, deviation, isSure }
}

type Descent = SolvedShift & {
  /** Median over the planes of the last round, before its step. */
  misfit: number
}

const unknownShift: SolvedShift = {
  vector: [0, 0, 0],
  deviation: [Infinity, Infinity, Infinity],
  isSure: false,
  precision: new Float64Array(9),
  scale: 0,
}

async function descend(
  samples: Surveys,
  spacing: number,
  edges: readonly number[],
  pace: Pace,
): Promise<Descent> {
  let found: Descent = { ...unknownShift, misfit: Infinity }
  for (const [level, edge] of edges.entries()) {
    const cellSize = edge * spacing
    const planes = await planesBack(samples, found.vector, cellSize, pace)
    if (planes.count < fewestCells) return { ...unknownShift, misfit: Infinity }
    const before = found
    const misfit = medianOf(planes.offset.subarray(0, planes.count).map(Math.abs))
    found = { ...solveShift(planes, found.vector, cellSize, spacing), misfit }
    const moved = found.vector.map((value, axis) => Math.abs(value - before.vector[axis]!))
    const isFinest = edge === edges.at(-1) && edges[level - 1] === edge
    if (isFinest && moved.every((value, axis) => value < 0.3 * found.deviation[axis]!)) return found
  }
  return found
}

/** Of a survey of so many points, `surveyShift` looks at every so manieth; given those alone, it finds the same. */
export function surveyShiftStride(pointCount: number): number {
  return strideOf(pointCount, mostShiftPoints)
}

/** What `surveyShift` counts at most, for surveys of so many points. */
export function surveyShiftWork(pointsA: number, pointsB: number): number {
  const sampled = sampledCount(pointsA, mostShiftPoints) + sampledCount(pointsB, mostShiftPoints)
  return (fromAfar.length + fromNear.length) * sampled
}

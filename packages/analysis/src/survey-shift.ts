/**
 * Whether one survey lies beside the other as a whole, and how far: point-to-plane registration (Chen & Medioni 1991) of
 * cells, from coarse to fine, with Tukey's biweight so that what has changed has no say. Only a translation is sought.
 */
import type { Place, Surveys } from './cell-order.ts'
import { medianOf } from './median.ts'
import { atOnce, type Pace } from './pace.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { type Planes, planesOf, sampledCount, sampleOf, sharedBy, strideOf } from './survey-planes.ts'

export type SurveyShift = {
  /** From the first survey to the second, in the unit of the coordinates. */
  readonly vector: readonly [number, number, number]
  /** Standard deviation of each component: large where no surface stands across that direction. */
  readonly deviation: readonly [number, number, number]
  /** Whether it is there beyond reasonable doubt: more than five deviations, and more than a hair. */
  readonly isSure: boolean
}

/** So many points of each survey are looked at, at most. */
const mostPoints = 100_000
/**
 * Edges of the cells, in spacings of the points looked at, on the way from afar and on that from where the surveys lie; the
 * last one again until nothing moves. From afar a large change can lead astray, from near a large shift is not seen.
 */
const fromAfar = [16, 8, 4, 2, 2, 2]
const fromNear = [4, 2, 2, 2]
/** A shift has to fit so much better than what is found near none. */
const clearlyBetter = 0.9
const sureDeviations = 5
/** A hair that surveys as dense as these need not be told of. */
const leastInSpacings = 0.02
const fewestCells = 30

export async function surveyShift(a: PointArrays, b: PointArrays, pace: Pace = atOnce): Promise<SurveyShift> {
  const samples = [a, b].map((points) => sampleOf(points, mostPoints)) as [PointArrays, PointArrays]
  const spacing = suggestedLinkDistance(...samples.map(pointSpacing)) / 2
  if (!(spacing > 0)) return unknownShift
  const near = await descend(samples, spacing, fromNear, pace)
  const afar = await descend(samples, spacing, fromAfar, pace)
  const { misfit, ...found } = afar.misfit < clearlyBetter * near.misfit ? afar : near
  return found
}

type Descent = SurveyShift & {
  /** Median over the planes of the last round, before its step. */
  misfit: number
}

const unknownShift: SurveyShift = {
  vector: [0, 0, 0],
  deviation: [Infinity, Infinity, Infinity],
  isSure: false,
}

async function descend(
  samples: Surveys,
  spacing: number,
  edges: readonly number[],
  pace: Pace,
): Promise<Descent> {
  let found: Descent = { ...unknownShift, misfit: Infinity }
  const origin = bulkCentre(samples)
  for (const [level, edge] of edges.entries()) {
    // The second survey is looked at as if it were moved back.
    const shifted = origin.map((value, axis) => value + found.vector[axis]!) as unknown as Place
    const cellSize = edge * spacing
    const planes = await planesOf(
      samples,
      { cellSize, origins: [origin, shifted], bandEdges: new Int32Array(0) },
      pace,
    )
    if (planes.count < fewestCells) return { ...unknownShift, misfit: Infinity }
    const before = found
    const misfit = medianOf(planes.offset.subarray(0, planes.count).map(Math.abs))
    found = { ...solve(planes, found.vector, cellSize, spacing), misfit }
    const moved = found.vector.map((value, axis) => Math.abs(value - before.vector[axis]!))
    const isFinest = edge === edges.at(-1) && edges[level - 1] === edge
    if (isFinest && moved.every((value, axis) => value < 0.3 * found.deviation[axis]!)) return found
  }
  return found
}

/** Of a survey of so many points, `surveyShift` looks at every so manieth; given those alone, it finds the same. */
export function surveyShiftStride(pointCount: number): number {
  return strideOf(pointCount, mostPoints)
}

/** What `surveyShift` counts at most, for surveys of so many points. */
export function surveyShiftWork(pointsA: number, pointsB: number): number {
  const sampled = sampledCount(pointsA, mostPoints) + sampledCount(pointsB, mostPoints)
  return (fromAfar.length + fromNear.length) * sampled
}

/** Least squares of `normal . step = offset`, reweighted ten times. The step cannot be much longer than a cell. */
function solve(
  planes: Planes,
  from: readonly [number, number, number],
  cellSize: number,
  spacing: number,
): SurveyShift {
  const { count, x, y, z, offset, variance } = planes
  let step: [number, number, number] = [0, 0, 0]
  let inverse = new Float64Array(9)
  const misfits = new Float64Array(count)
  for (let round = 0; round < 10; round++) {
    for (let k = 0; k < count; k++)
      misfits[k] = offset[k]! - x[k]! * step[0] - y[k]! * step[1] - z[k]! * step[2]
    const scale = 1.4826 * medianOf(misfits.map(Math.abs)) + 1e-9 * cellSize
    // What is not known stays at nought within about a cell.
    const prior = (scale / cellSize) ** 2
    let [xx, xy, xz, yy, yz, zz] = [prior, 0, 0, prior, 0, prior]
    let [gx, gy, gz] = [0, 0, 0]
    for (let k = 0; k < count; k++) {
      const spread = scale * scale + variance[k]!
      const reachSquared = (misfits[k]! * misfits[k]!) / (4.685 * 4.685 * spread)
      if (reachSquared >= 1) continue
      const weight = ((1 - reachSquared) ** 2 * scale * scale) / spread / sharedBy
      const wx = weight * x[k]!
      const wy = weight * y[k]!
      const wz = weight * z[k]!
      gx += wx * offset[k]!
      gy += wy * offset[k]!
      gz += wz * offset[k]!
      xx += wx * x[k]!
      xy += wx * y[k]!
      xz += wx * z[k]!
      yy += wy * y[k]!
      yz += wy * z[k]!
      zz += wz * z[k]!
    }
    inverse = inverted(Float64Array.of(xx, xy, xz, xy, yy, yz, xz, yz, zz))
    step = [0, 1, 2].map(
      (i) => inverse[3 * i]! * gx + inverse[3 * i + 1]! * gy + inverse[3 * i + 2]! * gz,
    ) as [number, number, number]
    inverse = inverse.map((value) => value * scale * scale)
  }
  const vector = from.map((value, axis) => value + step[axis]!) as [number, number, number]
  const precision = inverted(inverse)
  let surprise = 0
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) surprise += vector[i]! * precision[3 * i + j]! * vector[j]!
  return {
    vector,
    deviation: [0, 4, 8].map((at) => Math.sqrt(inverse[at]!)) as [number, number, number],
    isSure: surprise > sureDeviations ** 2 && Math.hypot(...vector) > leastInSpacings * spacing,
  }
}

/** Of a symmetric 3 x 3 matrix. */
function inverted(m: Float64Array): Float64Array<ArrayBuffer> {
  const [a, b, c, , e, f, , , i] = m as unknown as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [p, q, r] = [e * i - f * f, c * f - b * i, b * f - c * e]
  const determinant = a * p + b * q + c * r
  const [s, t, u] = [a * i - c * c, b * c - a * f, a * e - b * b]
  return Float64Array.of(p, q, r, q, s, t, r, t, u).map((value) => value / determinant)
}

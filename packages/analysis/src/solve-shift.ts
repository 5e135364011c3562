/** The small translation that brings planes onto their counterparts, by least squares with Tukey's biweight. */
import type { Place, Surveys } from './cell-order.ts'
import { medianOf } from './median.ts'
import type { Pace } from './pace.ts'
import { bulkCentre } from './point-arrays.ts'
import { type Planes, planesOf, sharedBy } from './survey-planes.ts'

export type SurveyShift = {
  /** From the first survey to the second, in the unit of the coordinates. */
  readonly vector: readonly [number, number, number]
  /** Standard deviation of each component: large where no surface stands across that direction. */
  readonly deviation: readonly [number, number, number]
  /** Whether it is there beyond reasonable doubt: more than five deviations, and more than a hair. */
  readonly isSure: boolean
}

type Vector = SurveyShift['vector']

export type SolvedShift = SurveyShift & {
  /** Row-major, of the vector. */
  readonly precision: Float64Array
  /** Standard deviation of what is left of offsets whose own variance is none. */
  readonly scale: number
}

const sureDeviations = 5
/** A hair that surveys as dense as these need not be told of. */
const leastInSpacings = 0.02

/** With the second survey looked at as if it were moved back. */
export function planesBack(samples: Surveys, vector: Vector, cellSize: number, pace: Pace): Promise<Planes> {
  const origin = bulkCentre(samples)
  const shifted = origin.map((value, axis) => value + vector[axis]!) as unknown as Place
  const bandEdges = new Int32Array(0)
  return planesOf(samples, { cellSize, origins: [origin, shifted], bandEdges }, pace)
}

/** Least squares of `normal . step = offset`, reweighted ten times. The step cannot be much longer than a cell. */
export function solveShift(
  planes: Planes,
  from: readonly [number, number, number],
  cellSize: number,
  spacing: number,
): SolvedShift {
  const { count, x, y, z, offset, variance } = planes
  let step: [number, number, number] = [0, 0, 0]
  let inverse = new Float64Array(9)
  const misfits = new Float64Array(count)
  let scale = 0
  for (let round = 0; round < 10; round++) {
    for (let k = 0; k < count; k++)
      misfits[k] = offset[k]! - x[k]! * step[0] - y[k]! * step[1] - z[k]! * step[2]
    scale = 1.4826 * medianOf(misfits.map(Math.abs)) + 1e-9 * cellSize
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
  return {
    vector,
    deviation: [0, 4, 8].map((at) => Math.sqrt(inverse[at]!)) as [number, number, number],
    isSure: isBeyondDoubt(vector, precision, spacing),
    precision,
    scale,
  }
}

/** Of a shift that is known so well: more than five deviations, and more than a hair. */
export function isBeyondDoubt(vector: Vector, precision: Float64Array, spacing: number): boolean {
  let surprise = 0
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) surprise += vector[i]! * precision[3 * i + j]! * vector[j]!
  return surprise > sureDeviations ** 2 && Math.hypot(...vector) > leastInSpacings * spacing
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

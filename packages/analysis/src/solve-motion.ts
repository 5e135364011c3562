/** The small motion that brings planes onto their counterparts, by least squares in which outliers have no say. */
import { medianOf } from './median.ts'
import type { Vector } from './rigid-motion.ts'
import { type Planes, sharedBy } from './survey-planes.ts'

export type RegistrationModel = 'translation' | 'rigid'

/** Three lengths of a translation and, of a rigid motion, three of a rotation: its vector times `reach`. */
type Parameters = Float64Array

export type SolvedMotion = {
  readonly translation: Vector
  /** Vector of the rotation, in radians. */
  readonly rotation: Vector
  /** Planes that had a say. */
  readonly stablePlanes: number
  /** Row-major, of the parameters and of their inverse. */
  readonly covariance: Float64Array
  readonly precision: Float64Array
}

const rounds = 10
/** No plane is known better, in edges of its cell. */
const leastDeviation = 0.003
/** Of so many planes the median misfit is taken, for so many sets of so many planes for each parameter. */
const judges = 2000
const sets = 300
const setPlanesEach = 1.5
/** Where Tukey's biweight ends, in deviations. */
const biweightEnd = 4.685

/**
 * Solves `normal . (translation + rotation x place) = offset` over the planes. A start that half of the planes agree with is
 * sought first (least median of squares; Rousseeuw 1984), then refined by Tukey's biweight at the scale of that half
 * (an MM estimate; Yohai 1987): a fifth of a site that moved as one, at its edge, would otherwise pass for a tilt.
 *
 * Places count from the pivot; `reach` is how far they lie from it, which makes rotations lengths. What nothing tells of
 * stays at nought within about a cell.
 */
export function solveMotion(
  planes: Planes,
  { model, reach, cellSize }: { model: RegistrationModel; reach: number; cellSize: number },
): SolvedMotion {
  const size = model === 'rigid' ? 6 : 3
  const rows = rowsOf(planes, size, reach)
  const floor = (leastDeviation * cellSize) ** 2
  const start = leastMedianStart(planes, rows, size, cellSize)
  const scale = Math.max(1e-6, 1.4826 * start.median)
  let step = start.step
  let normal = emptyNormal(size, cellSize)
  let stablePlanes = 0
  for (let round = 0; round < rounds; round++) {
    normal = emptyNormal(size, cellSize)
    stablePlanes = 0
    for (let k = 0; k < planes.count; k++) {
      const spread = scale * scale * (planes.variance[k]! + floor)
      const misfit = misfitOf(planes, rows, step, k)
      const reachSquared = (misfit * misfit) / (biweightEnd ** 2 * spread)
      if (reachSquared >= 1) continue
      stablePlanes++
      addTo(normal, rows, k, planes.offset[k]!, (1 - reachSquared) ** 2 / spread / sharedBy)
    }
    step = solutionOf(normal)
  }
  const turn = [3, 4, 5].map((i) => (step[i] ?? 0) / reach)
  return {
    translation: [step[0]!, step[1]!, step[2]!],
    rotation: turn as unknown as Vector,
    covariance: inverseOf(normal.matrix, size),
    precision: normal.matrix,
    stablePlanes,
  }
}

/** Of some thousand planes and some hundred small sets of them, the parameters with the least median misfit. */
function leastMedianStart(
  planes: Planes,
  rows: Float64Array,
  size: number,
  cellSize: number,
): { step: Parameters; median: number } {
  const stride = Math.max(1, Math.floor(planes.count / judges))
  const misfits = new Float64Array(Math.ceil(planes.count / stride))
  const floor = (leastDeviation * cellSize) ** 2
  const judged = (step: Parameters) => {
    for (let i = 0; i < misfits.length; i++) {
      const k = i * stride
      misfits[i] = Math.abs(misfitOf(planes, rows, step, k)) / Math.sqrt(planes.variance[k]! + floor)
    }
    return { step, median: medianOf(misfits) }
  }
  let best = judged(new Float64Array(size))
  // A linear congruential generator modulo 2^32 (Numerical Recipes, 7.1): the same planes give the same sets.
  let state = 1
  for (let set = 0; set < sets; set++) {
    const normal = emptyNormal(size, cellSize)
    for (let i = 0; i < setPlanesEach * size; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const k = Math.floor((state / 2 ** 32) * planes.count)
      addTo(normal, rows, k, planes.offset[k]!, 1 / (planes.variance[k]! + floor))
    }
    const candidate = judged(solutionOf(normal))
    if (candidate.median < best.median) best = candidate
  }
  return best
}

/** Normal equations of least squares. */
type Normal = { readonly size: number; readonly matrix: Float64Array; readonly gradient: Float64Array }

function emptyNormal(size: number, cellSize: number): Normal {
  const matrix = new Float64Array(size * size)
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1 / cellSize ** 2
  return { size, matrix, gradient: new Float64Array(size) }
}

function addTo(
  { size, matrix, gradient }: Normal,
  rows: Float64Array,
  k: number,
  offset: number,
  weight: number,
) {
  const at = k * size
  for (let i = 0; i < size; i++) {
    const weighted = weight * rows[at + i]!
    gradient[i]! += weighted * offset
    for (let j = 0; j < size; j++) matrix[i * size + j]! += weighted * rows[at + j]!
  }
}

function solutionOf({ size, matrix, gradient }: Normal): Parameters {
  const inverse = inverseOf(matrix, size)
  return Float64Array.from({ length: size }, (_, i) =>
    dot(inverse.subarray(i * size, (i + 1) * size), gradient),
  )
}

/** What is left of the offset of plane `k`. */
function misfitOf({ offset }: Planes, rows: Float64Array, step: Parameters, k: number): number {
  let left = offset[k]!
  for (let i = 0, at = k * step.length; i < step.length; i++) left -= rows[at + i]! * step[i]!
  return left
}

/** What each parameter does to the offset of each plane. */
function rowsOf({ count, x, y, z, places }: Planes, size: number, reach: number): Float64Array {
  const rows = new Float64Array(count * size)
  for (let k = 0; k < count; k++) {
    const [nx, ny, nz] = [x[k]!, y[k]!, z[k]!]
    rows.set([nx, ny, nz], k * size)
    if (size === 3) continue
    const [u, v, w] = [places[3 * k]! / reach, places[3 * k + 1]! / reach, places[3 * k + 2]! / reach]
    rows.set([v * nz - w * ny, w * nx - u * nz, u * ny - v * nx], k * size + 3)
  }
  return rows
}

function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!
  return sum
}

/** Of a positive definite matrix, by Gauss and Jordan. */
function inverseOf(matrix: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const left = Float64Array.from(matrix)
  const right = new Float64Array(size * size)
  for (let i = 0; i < size; i++) right[i * size + i] = 1
  for (let pivot = 0; pivot < size; pivot++) {
    const divisor = left[pivot * size + pivot]!
    for (let j = 0; j < size; j++) {
      left[pivot * size + j]! /= divisor
      right[pivot * size + j]! /= divisor
    }
    for (let i = 0; i < size; i++) {
      const factor = left[i * size + pivot]!
      if (i === pivot || factor === 0) continue
      for (let j = 0; j < size; j++) {
        left[i * size + j]! -= factor * left[pivot * size + j]!
        right[i * size + j]! -= factor * right[pivot * size + j]!
      }
    }
  }
  return right
}

/** Standard deviation of where a motion of this covariance brings a place, which counts from the pivot, on each axis. */
export function deviationAt(
  { covariance }: Pick<SolvedMotion, 'covariance'>,
  [u, v, w]: Vector,
  reach: number,
): Vector {
  const size = Math.sqrt(covariance.length)
  const [a, b, c] = [u / reach, v / reach, w / reach]
  const rows = [
    [1, 0, 0, 0, c, -b],
    [0, 1, 0, -c, 0, a],
    [0, 0, 1, b, -a, 0],
  ]
  return rows.map((row) => Math.sqrt(quadratic(covariance, row.slice(0, size)))) as unknown as Vector
}

/** `row . matrix . row`. */
export function quadratic(matrix: Float64Array, row: readonly number[]): number {
  const size = row.length
  return dot(
    row,
    row.map((_, i) => dot(row, matrix.subarray(i * size, (i + 1) * size))),
  )
}

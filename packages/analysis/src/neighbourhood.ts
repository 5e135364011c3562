/** How far one surface lies from another around a cell, and how well that is known. */
import { type CellMoments, momentsPerEpoch } from './cell-moments.ts'
import { smallestAxis } from './smallest-axis.ts'

/** Fewer points of an epoch than this are looked for in a wider neighbourhood, and then do without an offset. */
const fewestPoints = 4
/**
 * Scatter of few points is itself uncertain. So many points' worth of the scatter of both epochs together, and of the
 * smooth surface of this scan, are mixed into it (an empirical Bayes variance; Smyth 2004).
 */
const commonPoints = 6
const smoothPoints = 4
/** Deviations are widened for their degrees of freedom as Student's t is against the normal, at this many deviations. */
export const judgedAt = 2.5

/** The offset around one cell at a time. */
export class Neighbourhood {
  offset = 0
  /** Of `offset`, squared units; Infinity where it is not known. The smooth surface of the scan adds to it: */
  variance = Infinity
  /** so much for each squared unit of its roughness. */
  smoothShare = 0
  /** Of both epochs about their surfaces. */
  scatter = 0
  /** Distance of the means across the normal, and the standard deviation of the slope (of a length over a length). */
  sideways = 0
  slopeDeviation = 0
  /** Half way between the means of the epochs, in cell edges from the middle of the cell. */
  readonly between = new Float64Array(3)
  /** Unit normal, then the middle eigenvalue. */
  readonly normal = new Float64Array(4)
  readonly #cellSize: number
  readonly #sums = new Float64Array(2 * momentsPerEpoch)
  readonly #covariance = new Float64Array(12)

  constructor(cellSize: number) {
    this.#cellSize = cellSize
  }

  measure(moments: CellMoments, cell: number): void {
    const sums = this.#sums
    this.offset = 0
    this.variance = Infinity
    this.smoothShare = 0
    this.normal.fill(0)
    moments.gather(cell, 1, sums)
    if (sums[0]! < fewestPoints || sums[momentsPerEpoch]! < fewestPoints) {
      moments.gather(cell, 2, sums)
      if (sums[0]! < fewestPoints || sums[momentsPerEpoch]! < fewestPoints) return
    }
    const nA = sums[0]!
    const nB = sums[momentsPerEpoch]!
    const c = this.#covariance
    centralProducts(sums, 0, c, 0)
    centralProducts(sums, momentsPerEpoch, c, 6)
    const { normal } = this
    smallestAxis(
      c[0]! + c[6]!,
      c[1]! + c[7]!,
      c[2]! + c[8]!,
      c[3]! + c[9]!,
      c[4]! + c[10]!,
      c[5]! + c[11]!,
      normal,
    )
    const nx = normal[0]!
    const ny = normal[1]!
    const nz = normal[2]!
    const middle = normal[3]!
    const dx = sums[11]! / nB - sums[1]! / nA
    const dy = sums[12]! / nB - sums[2]! / nA
    const dz = sums[13]! / nB - sums[3]! / nA
    for (let axis = 0; axis < 3; axis++)
      this.between[axis] = (sums[1 + axis]! / nA + sums[momentsPerEpoch + 1 + axis]! / nB) / 2
    const along = dx * nx + dy * ny + dz * nz
    const sidewaysSquared = Math.max(0, dx * dx + dy * dy + dz * dz - along * along)
    const squaresA = squaresAlong(c, 0, nx, ny, nz)
    const squaresB = squaresAlong(c, 6, nx, ny, nz)
    // A common normal and two means are taken from the points.
    const common = (squaresA + squaresB) / (nA + nB - fewestPoints)
    const varianceA = (squaresA + commonPoints * common) / (nA - 1 + commonPoints)
    const varianceB = (squaresB + commonPoints * common) / (nB - 1 + commonPoints)
    const slope = (common * sidewaysSquared) / Math.max(1e-9, middle)
    const cellSize = this.#cellSize
    const freedom = nA + nB - fewestPoints + smoothPoints
    const student = 1 + (judgedAt ** 2 + 1) / (4 * freedom)
    this.offset = along * cellSize
    this.variance = student ** 2 * (varianceA / nA + varianceB / nB + slope) * cellSize ** 2
    this.smoothShare = (student ** 2 * smoothPoints * (1 / nA + 1 / nB)) / (nA + nB)
    this.scatter = Math.sqrt(common) * cellSize
    this.sideways = Math.sqrt(sidewaysSquared) * cellSize
    this.slopeDeviation = Math.sqrt(common / Math.max(1e-9, middle))
  }
}

/** Sums of products about the mean of the epoch. */
function centralProducts(sums: Float64Array, from: number, into: Float64Array, at: number): void {
  const n = sums[from]!
  const x = sums[from + 1]!
  const y = sums[from + 2]!
  const z = sums[from + 3]!
  into[at] = sums[from + 4]! - (x * x) / n
  into[at + 1] = sums[from + 5]! - (x * y) / n
  into[at + 2] = sums[from + 6]! - (x * z) / n
  into[at + 3] = sums[from + 7]! - (y * y) / n
  into[at + 4] = sums[from + 8]! - (y * z) / n
  into[at + 5] = sums[from + 9]! - (z * z) / n
}

function squaresAlong(c: Float64Array, at: number, x: number, y: number, z: number): number {
  const squares =
    c[at]! * x * x +
    c[at + 3]! * y * y +
    c[at + 5]! * z * z +
    2 * (c[at + 1]! * x * y + c[at + 2]! * x * z + c[at + 4]! * y * z)
  return Math.max(0, squares)
}

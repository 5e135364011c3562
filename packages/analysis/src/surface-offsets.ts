/**
 * How far the surface of the second epoch lies from that of the first, around every cell of a grid, and how well that is
 * known: the comparison of M3C2 (Lague, Brodu & Leroux 2013, "Accurate 3D comparison of complex topography with terrestrial
 * laser scanner") with neighbourhoods of cells for its cylinders.
 */
import { CellMoments, momentsPerEpoch } from './cell-moments.ts'
import { atOnce, type Pace } from './pace.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { registrationSpread } from './registration-spread.ts'
import { smallestAxis } from './smallest-axis.ts'

export type SurfaceOffsets = {
  readonly moments: Pick<CellMoments, 'cells' | 'cellSize' | 'cellAt' | 'middleOf'>
  /** Of each cell, along the normal with z not negative, in the unit of the coordinates; 0 where not known. */
  readonly offset: Float32Array
  /** Standard deviation of `offset`; Infinity where it is not known. */
  readonly deviation: Float32Array
  /** z of the unit normal. */
  readonly normalZ: Float32Array
  /** Scatter of points about their local surface where that is smooth: the lower quartile over a sample of cells. */
  readonly roughness: number
  /** As `registrationSpread` finds it, a standard deviation. */
  readonly registration: number
  /** How well the survey as a whole is known to lie right, on each axis: standard deviations. */
  readonly shiftDeviation: readonly [number, number, number]
}

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
const sampledCells = 4096
/** A cell takes some microseconds. */
const cellsPerPause = 4096

/**
 * In a neighbourhood of 3 x 3 x 3 cells (5 x 5 x 5 where an epoch has fewer than four points in it) both epochs share one
 * normal: the direction of least scatter about their own means. The offset is that of the means along it; its variance
 * is s1^2 / n1 + s2^2 / n2, and what the uncertain slope adds where the means lie apart sideways. Vegetation and edges are
 * rough, and so ask for more. `pace` hears of the
 * points of both epochs four times: once when they are taken in, and three times, by their share, while cells are measured.
 */
export async function surfaceOffsets(
  a: PointArrays,
  b: PointArrays,
  cellSize: number,
  {
    pace = atOnce,
    shiftDeviation = [0, 0, 0],
  }: { pace?: Pace; shiftDeviation?: SurfaceOffsets['shiftDeviation'] } = {},
): Promise<SurfaceOffsets> {
  const moments = new CellMoments(cellSize, bulkCentre([a, b]))
  await moments.add(a, 0, pace)
  await moments.add(b, 1, pace)
  const { count } = moments.cells
  const roughness = smoothRoughness(moments)
  const offset = new Float32Array(count)
  const deviation = new Float32Array(count)
  const normalZ = new Float32Array(count)
  const neighbourhood = new Neighbourhood(moments, roughness)
  const measuring = 3 * (a.x.length + b.x.length)
  let paced = 0
  for (let cell = 0; cell < count; cell++) {
    neighbourhood.measure(cell)
    offset[cell] = neighbourhood.offset
    deviation[cell] = neighbourhood.deviation
    normalZ[cell] = neighbourhood.normal[2]!
    if (cell % cellsPerPause > 0) continue
    const measured = Math.floor((measuring * cell) / count)
    await pace(measured - paced)
    paced = measured
  }
  await pace(measuring - paced)
  moments.forget()
  const registration = registrationSpread(moments, offset, deviation, normalZ)
  return { moments, offset, deviation, normalZ, roughness, registration, shiftDeviation }
}

function smoothRoughness(moments: CellMoments): number {
  const { count } = moments.cells
  const neighbourhood = new Neighbourhood(moments, 0)
  const found: number[] = []
  for (let cell = 0; cell < count; cell += Math.ceil(count / sampledCells)) {
    neighbourhood.measure(cell)
    if (neighbourhood.deviation < Infinity) found.push(neighbourhood.scatter)
  }
  found.sort((one, other) => one - other)
  return found[found.length >> 2] ?? 0
}

/** The offset around one cell at a time. */
export class Neighbourhood {
  offset = 0
  deviation = Infinity
  /** Of both epochs about their surfaces. */
  scatter = 0
  /** Distance of the means across the normal, and the standard deviation of the slope (of a length over a length). */
  sideways = 0
  slopeDeviation = 0
  /** Unit normal, then the middle eigenvalue. */
  readonly normal = new Float64Array(4)
  readonly #moments: CellMoments
  readonly #roughness: number
  readonly #sums = new Float64Array(2 * momentsPerEpoch)
  readonly #covariance = new Float64Array(12)

  constructor(moments: CellMoments, roughness: number) {
    this.#moments = moments
    this.#roughness = roughness
  }

  measure(cell: number): void {
    const sums = this.#sums
    this.offset = 0
    this.deviation = Infinity
    this.normal.fill(0)
    this.#moments.gather(cell, 1, sums)
    const hasFew = () => sums[0]! < fewestPoints || sums[momentsPerEpoch]! < fewestPoints
    if (hasFew()) {
      this.#moments.gather(cell, 2, sums)
      if (hasFew()) return
    }
    const [nA, nB] = [sums[0]!, sums[momentsPerEpoch]!]
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
    const along = dx * nx + dy * ny + dz * nz
    const sidewaysSquared = Math.max(0, dx * dx + dy * dy + dz * dz - along * along)
    const [squaresA, squaresB] = [squaresAlong(c, 0, nx, ny, nz), squaresAlong(c, 6, nx, ny, nz)]
    // A common normal and two means are taken from the points.
    const common = (squaresA + squaresB) / (nA + nB - fewestPoints)
    const varianceA = (squaresA + commonPoints * common) / (nA - 1 + commonPoints)
    const varianceB = (squaresB + commonPoints * common) / (nB - 1 + commonPoints)
    const slope = (common * sidewaysSquared) / Math.max(1e-9, middle)
    const { cellSize } = this.#moments
    const smooth = (smoothPoints * (this.#roughness / cellSize) ** 2 * (1 / nA + 1 / nB)) / (nA + nB)
    const freedom = nA + nB - fewestPoints + smoothPoints
    const student = 1 + (judgedAt ** 2 + 1) / (4 * freedom)
    this.offset = along * cellSize
    this.deviation = student * Math.sqrt(varianceA / nA + varianceB / nB + slope + smooth) * cellSize
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

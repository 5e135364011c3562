/**
 * Whether one survey lies beside the other as a whole, and how far: point-to-plane registration (Chen & Medioni 1991) of
 * cells, from coarse to fine, with Tukey's biweight so that what has changed has no say. Only a translation is sought.
 */
import { CellMoments } from './cell-moments.ts'
import {
  type CellGrid,
  CellSorter,
  type CellTable,
  listCells,
  type Place,
  type Surveys,
} from './cell-order.ts'
import { medianOf } from './median.ts'
import { Neighbourhood } from './neighbourhood.ts'
import { atOnce, type Pace } from './pace.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'

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
/** Where the means of both surveys lie further apart across the normal, one of them sees half of the place. */
const mostSidewaysInCells = 0.4
/** Cells see their 26 neighbours: so many of them share what they know. */
const sharedBy = 9
const sureDeviations = 5
/** A hair that surveys as dense as these need not be told of. */
const leastInSpacings = 0.02
const fewestCells = 30

export async function surveyShift(a: PointArrays, b: PointArrays, pace: Pace = atOnce): Promise<SurveyShift> {
  const samples = [a, b].map(sampleOf) as [PointArrays, PointArrays]
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

/** What `surveyShift` counts at most, for surveys of so many points. */
export function surveyShiftWork(pointsA: number, pointsB: number): number {
  const sampled = [pointsA, pointsB].reduce((sum, count) => sum + Math.ceil(count / strideOf(count)), 0)
  return (fromAfar.length + fromNear.length) * sampled
}

function strideOf(count: number): number {
  return Math.max(1, Math.ceil(count / mostPoints))
}

function sampleOf(points: PointArrays): PointArrays {
  const stride = strideOf(points.x.length)
  if (stride === 1) return points
  const every = (values: Float64Array) =>
    Float64Array.from({ length: Math.ceil(values.length / stride) }, (_, k) => values[k * stride]!)
  return { x: every(points.x), y: every(points.y), z: every(points.z) }
}

/** Planes that lie `offset` from their counterparts along their normals. */
type Planes = {
  count: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  readonly offset: Float64Array
  readonly variance: Float64Array
}

/** Some tens of milliseconds. */
const cellsPerPause = 1 << 14

/** Of all cells; `pace` hears of every sampled point once, by the share of cells that have been looked at. */
async function planesOf(samples: Surveys, grid: CellGrid, pace: Pace): Promise<Planes> {
  const count = samples[0].x.length + samples[1].x.length
  const order = Uint32Array.from({ length: count }, (_, number) => number)
  const cellCount = new CellSorter(grid, samples).sort(order, 0, count)
  const table: CellTable = {
    steps: new Int32Array(3 * cellCount),
    start: new Uint32Array(cellCount + 1).fill(count),
  }
  listCells(grid, samples, order, [0, count], table, 0)
  const moments = new CellMoments(grid, samples, order, table)
  moments.take(0, cellCount)
  await pace(0)
  const floats = () => new Float64Array(cellCount)
  const planes = { count: 0, x: floats(), y: floats(), z: floats(), offset: floats(), variance: floats() }
  const neighbourhood = new Neighbourhood(grid.cellSize)
  let paced = 0
  for (let cell = 0; cell < cellCount; cell++) {
    neighbourhood.measure(moments, cell)
    addPlane(planes, neighbourhood, grid.cellSize)
    if ((cell + 1) % cellsPerPause > 0 && cell + 1 < cellCount) continue
    const counted = table.start[cell + 1]!
    await pace(counted - paced)
    paced = counted
  }
  return planes
}

function addPlane(planes: Planes, neighbourhood: Neighbourhood, cellSize: number): void {
  const { offset, variance, sideways, slopeDeviation, normal } = neighbourhood
  if (!(variance < (cellSize / 4) ** 2) || sideways > mostSidewaysInCells * cellSize) return
  // What is level as far as can be known must not seem to tell of a shift across.
  const isLevel = Math.hypot(normal[0]!, normal[1]!) < 3 * slopeDeviation
  const at = planes.count++
  planes.x[at] = isLevel ? 0 : normal[0]!
  planes.y[at] = isLevel ? 0 : normal[1]!
  planes.z[at] = isLevel ? 1 : normal[2]!
  planes.offset[at] = offset
  planes.variance[at] = variance
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

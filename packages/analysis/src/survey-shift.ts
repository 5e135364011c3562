/**
 * Whether one survey lies beside the other as a whole, and how far: point-to-plane registration (Chen & Medioni 1991) of
 * cells, from coarse to fine, with Tukey's biweight so that what has changed has no say. Only a translation is sought.
 */
import { CellMoments } from './cell-moments.ts'
import { atOnce, type Pace, paceSteps } from './pace.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { Neighbourhood } from './surface-offsets.ts'

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
  samples: readonly [PointArrays, PointArrays],
  spacing: number,
  edges: readonly number[],
  pace: Pace,
): Promise<Descent> {
  let found: Descent = { ...unknownShift, misfit: Infinity }
  const origin = bulkCentre(samples)
  for (const [level, edge] of edges.entries()) {
    const moments = new CellMoments(edge * spacing, origin)
    await moments.add(samples[0], 0, pace)
    await moments.add(samples[1], 1, pace, found.vector.map((value) => -value) as [number, number, number])
    const planes = await planesOf(moments, pace)
    if (planes.length < fewestCells) return { ...unknownShift, misfit: Infinity }
    const before = found
    const misfit = median(Float64Array.from(planes, ({ offset }) => Math.abs(offset)))
    found = { ...solve(planes, found.vector, edge * spacing, spacing), misfit }
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

type Plane = { x: number; y: number; z: number; offset: number; variance: number }

async function planesOf(moments: CellMoments, pace: Pace): Promise<Plane[]> {
  const planes: Plane[] = []
  const neighbourhood = new Neighbourhood(moments, 0)
  for (let cell = 0; cell < moments.cells.count; cell++) {
    if (cell % paceSteps === 0) await pace(0)
    neighbourhood.measure(cell)
    const { offset, deviation, sideways, slopeDeviation, normal } = neighbourhood
    if (!(deviation < moments.cellSize / 4) || sideways > mostSidewaysInCells * moments.cellSize) continue
    const variance = deviation ** 2
    // What is level as far as can be known must not seem to tell of a shift across.
    const isLevel = Math.hypot(normal[0]!, normal[1]!) < 3 * slopeDeviation
    if (isLevel) planes.push({ x: 0, y: 0, z: 1, offset, variance })
    else planes.push({ x: normal[0]!, y: normal[1]!, z: normal[2]!, offset, variance })
  }
  return planes
}

/** Least squares of `normal . step = offset`, reweighted ten times. The step cannot be much longer than a cell. */
function solve(
  planes: readonly Plane[],
  from: readonly [number, number, number],
  cellSize: number,
  spacing: number,
): SurveyShift {
  let step: [number, number, number] = [0, 0, 0]
  let inverse = new Float64Array(9)
  const misfits = new Float64Array(planes.length)
  for (let round = 0; round < 10; round++) {
    for (const [k, { x, y, z, offset }] of planes.entries())
      misfits[k] = offset - x * step[0] - y * step[1] - z * step[2]
    const scale = 1.4826 * median(Float64Array.from(misfits, Math.abs)) + 1e-9 * cellSize
    // What is not known stays at nought within about a cell.
    const prior = (scale / cellSize) ** 2
    const h = new Float64Array(9)
    const g: [number, number, number] = [0, 0, 0]
    for (const [k, { x, y, z, offset, variance }] of planes.entries()) {
      const reach = misfits[k]! / (4.685 * Math.sqrt(scale * scale + variance))
      if (Math.abs(reach) >= 1) continue
      const weight = ((1 - reach * reach) ** 2 * scale * scale) / (scale * scale + variance) / sharedBy
      const n = [x, y, z] as const
      for (let i = 0; i < 3; i++) {
        g[i]! += weight * n[i]! * offset
        for (let j = 0; j < 3; j++) h[3 * i + j]! += weight * n[i]! * n[j]!
      }
    }
    for (let i = 0; i < 3; i++) h[4 * i]! += prior
    inverse = inverted(h)
    step = [0, 1, 2].map(
      (i) => inverse[3 * i]! * g[0] + inverse[3 * i + 1]! * g[1] + inverse[3 * i + 2]! * g[2],
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

function median(values: Float64Array): number {
  const sorted = values.sort()
  return sorted[sorted.length >> 1] ?? 0
}

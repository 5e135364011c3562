/**
 * Registration of one survey to another, by a translation or a rigid motion: point-to-plane ICP (Chen & Medioni 1991) of the
 * planes in cells, from coarse to fine, with Tukey's biweight, so that only what has not changed has a say.
 *
 * Rigid has all three rotations and not the one about the vertical alone: a tilt of a hundredth of a degree lifts the
 * edge of a site of 500 m by 4 cm, which a volume counts in full, and blocks of photos do tilt. Level ground alone
 * knows tilts well.
 */
import type { Surveys } from './cell-order.ts'
import { medianOf } from './median.ts'
import { atOnce, type Pace } from './pace.ts'
import { bulkCentre, type PointArrays } from './point-arrays.ts'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import {
  followedBy,
  movedPlace,
  movePoints,
  noMotion,
  type RigidMotion,
  rotationBy,
  rotationVector,
  type Vector,
} from './rigid-motion.ts'
import {
  deviationAt,
  quadratic,
  type RegistrationModel,
  type SolvedMotion,
  solveMotion,
} from './solve-motion.ts'
import { type Planes, planesOf, sampledCount, sampleOf, strideOf } from './survey-planes.ts'

export type Registration = {
  /** Brings the second survey to the first. */
  readonly motion: RigidMotion
  /** Standard deviations: of the translation at the pivot, and of the vector of the rotation, in radians. */
  readonly deviation: { readonly translation: Vector; readonly rotation: Vector }
  /** Of the place of any point, on each axis, at most. */
  readonly largestDeviation: Vector
  /** How far both surveys lie apart on the median plane. */
  readonly misfit: { readonly before: number; readonly after: number }
  /** Planes that had a say, and what share they are of all. */
  readonly stable: { readonly planes: number; readonly share: number }
  /** Why the motion must not be used; absent where it may. */
  readonly refusal?: RegistrationRefusal
}

/**
 * `few`: too little surface in common; `loose`: nothing holds the second survey in some direction; `insignificant`: the
 * motion found is within what is not known of it; `worse`: surfaces fit no better with it.
 */
export type RegistrationRefusal = 'few' | 'loose' | 'insignificant' | 'worse'

/** So many points of each survey are looked at, at most. */
const mostPoints = 400_000
/**
 * Edges of the cells, in spacings of the points looked at, on the way from afar and on that from where the surveys lie; the
 * last one again until nothing moves. From afar a large change can lead astray, from near a large motion is not seen.
 */
const fromAfar = [16, 16, 8, 8, 4, 4, 2, 2, 2, 2]
const fromNear = [4, 4, 2, 2, 2, 2]
/** A motion from afar has to fit so much better than one from near. */
const clearlyBetter = 0.9
const fewestPlanes = 60
/** One deviation of a place, in spacings: where it is known no better, nothing is moved. */
const loosest = 0.15
/** In spacings: a hair that need not be moved by. */
const leastMotion = 0.02
/** A motion without cause is this surprising in one of some 60,000 pairs (chi squared of 3 and 6 parameters). */
const surprising = { translation: 25, rigid: 32 } as const
/** Gross outliers are not of the place. */
const bulk = [0.01, 0.99] as const

/** What `registerSurveys` counts at most, for surveys of so many points. */
export function registrationWork(pointsA: number, pointsB: number): number {
  return (
    (1 + fromAfar.length + fromNear.length) *
    (sampledCount(pointsA, mostPoints) + sampledCount(pointsB, mostPoints))
  )
}

/** Of a survey of so many points, `registerSurveys` looks at every so manieth; given those alone, it finds the same. */
export function registrationStride(pointCount: number): number {
  return strideOf(pointCount, mostPoints)
}

export async function registerSurveys(
  a: PointArrays,
  b: PointArrays,
  model: RegistrationModel,
  pace: Pace = atOnce,
): Promise<Registration> {
  const samples = [sampleOf(a, mostPoints), sampleOf(b, mostPoints)] as const
  const spacing = suggestedLinkDistance(...(samples.map(pointSpacing) as [number, number])) / 2
  const pivot = bulkCentre([samples[0]])
  const corners = cornersOf(samples[0], pivot)
  const reach = Math.max(...corners.map((corner) => Math.hypot(...corner)))
  if (!(spacing > 0 && reach > 0)) return nothingFound(pivot)
  const planesWith = (motion: RigidMotion, edge: number) => planesWhen(samples, motion, edge * spacing, pace)
  const before = misfitOf(await planesWith(noMotion(pivot), fromNear.at(-1)!))
  const near = await descend(fromNear)
  const afar = await descend(fromAfar)
  const chosen = afar && near && misfitOf(afar.planes) < clearlyBetter * misfitOf(near.planes) ? afar : near
  if (chosen === undefined) return nothingFound(pivot)
  const { motion, solved, planes } = chosen
  const { covariance, precision, stablePlanes } = solved
  const found: Registration = {
    motion,
    deviation: {
      translation: deviationAt(solved, [0, 0, 0], reach),
      rotation: [3, 4, 5].map((i) =>
        model === 'rigid' ? Math.sqrt(covariance[7 * i]!) / reach : 0,
      ) as unknown as Vector,
    },
    largestDeviation: largest(solved, corners, reach),
    misfit: { before, after: misfitOf(planes) },
    stable: { planes: stablePlanes, share: stablePlanes / planes.count },
  }
  const turn = rotationVector(motion).map((value) => value * reach)
  const surprise = quadratic(precision, [...motion.translation, ...(model === 'rigid' ? turn : [])])
  const refusal = refusalOf(found)
  return { ...found, ...(refusal !== undefined && { refusal }) }

  async function descend(edges: readonly number[]) {
    let motion = noMotion(pivot)
    for (let level = 0; ; level++) {
      const edge = edges[level]!
      const planes = await planesWith(motion, edge)
      if (planes.count < fewestPlanes) return undefined
      const solved = solveMotion(planes, { model, reach, cellSize: edge * spacing })
      const isFinest = edge === edges.at(-1)
      const isStill =
        Math.max(...corners.map((corner) => lengthOfStep(solved, corner))) <
        0.1 * Math.max(...largest(solved, corners, reach))
      if (level + 1 === edges.length || (isFinest && isStill)) return { motion, solved, planes }
      // The later survey lies that far off: back by it.
      const back = (vector: Vector) => vector.map((value) => -value) as unknown as Vector
      motion = followedBy(motion, rotationBy(back(solved.rotation)), back(solved.translation))
    }
  }

  function refusalOf({ largestDeviation, misfit, stable }: Registration): RegistrationRefusal | undefined {
    if (stable.planes < fewestPlanes) return 'few'
    if (!(Math.max(...largestDeviation) < loosest * spacing)) return 'loose'
    const longest = Math.max(...corners.map((corner) => lengthOfMotion(motion, corner)))
    if (surprise < surprising[model] || longest < leastMotion * spacing) return 'insignificant'
    return misfit.after < misfit.before ? undefined : 'worse'
  }
}

function nothingFound(pivot: Vector): Registration {
  const unknown: Vector = [Infinity, Infinity, Infinity]
  return {
    motion: noMotion(pivot),
    deviation: { translation: unknown, rotation: unknown },
    largestDeviation: unknown,
    misfit: { before: Number.NaN, after: Number.NaN },
    stable: { planes: 0, share: 0 },
    refusal: 'few',
  }
}

/** Planes with the second survey moved; their places count from the pivot. */
async function planesWhen(
  [a, b]: Surveys,
  motion: RigidMotion,
  cellSize: number,
  pace: Pace,
): Promise<Planes> {
  const moved = { x: b.x.slice(), y: b.y.slice(), z: b.z.slice() }
  movePoints(moved, motion)
  const { pivot } = motion
  return planesOf([a, moved], { cellSize, origins: [pivot, pivot], bandEdges: new Int32Array(0) }, pace)
}

function misfitOf({ count, offset }: Planes): number {
  return medianOf(offset.subarray(0, count).map(Math.abs))
}

/** Of the box around the bulk of a survey, as they lie from the pivot. */
function cornersOf(points: PointArrays, pivot: Vector): Vector[] {
  const ends = [points.x, points.y, points.z].map((values, axis) => {
    const sorted = values.toSorted()
    return bulk.map((share) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0) - pivot[axis]!)
  }) as [number[], number[], number[]]
  return ends[0].flatMap((x) => ends[1].flatMap((y) => ends[2].map((z): Vector => [x, y, z])))
}

function largest(solved: SolvedMotion, corners: readonly Vector[], reach: number): Vector {
  const deviations = corners.map((corner) => deviationAt(solved, corner, reach))
  return [0, 1, 2].map((axis) => Math.max(...deviations.map((one) => one[axis]!))) as unknown as Vector
}

function lengthOfStep({ translation: t, rotation: r }: SolvedMotion, [u, v, w]: Vector): number {
  return Math.hypot(t[0] + r[1] * w - r[2] * v, t[1] + r[2] * u - r[0] * w, t[2] + r[0] * v - r[1] * u)
}

/** `corner` counts from the pivot. */
function lengthOfMotion(motion: RigidMotion, corner: Vector): number {
  const place = corner.map((value, axis) => value + motion.pivot[axis]!) as unknown as Vector
  const there = movedPlace(motion, place)
  return Math.hypot(there[0] - place[0], there[1] - place[1], there[2] - place[2])
}

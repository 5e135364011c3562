/** What of a shift the place as a whole tells, and not a part of it that may have changed. */
import type { Surveys } from './cell-order.ts'
import type { Pace } from './pace.ts'
import { blocksOf, fitByBlock, isToldAllOver } from './fit-by-block.ts'
import { smallestAxis } from './smallest-axis.ts'
import { isBeyondDoubt, planesBack, type SolvedShift, solveShift, type SurveyShift } from './solve-shift.ts'

type Vector = SurveyShift['vector']

const none: Vector = [0, 0, 0]
/** In edges of the cells: a shift that short leaves points in the cells that they are in, so that planes stay what they are. */
const mostLinear = 0.5

/**
 * The shift without what only a part of the place tells of it: on a level plain the slopes of one heap that came would
 * have all say in where it lies across. Directions are tried from the one that is known least.
 */
export async function toldAllOver(
  samples: Surveys,
  { vector: found, deviation, precision, scale }: SolvedShift,
  { cellSize, spacing, pace }: { cellSize: number; spacing: number; pace: Pace },
): Promise<SurveyShift> {
  let vector = found
  let planes = await planesBack(samples, vector, cellSize, pace)
  const blocks = blocksOf(planes)
  const untold: Vector[] = []
  for (const axis of axesOf(precision)) {
    const axes = [...untold, axis]
    const without = acrossAll(vector, axes)
    const back = without.map((value, i) => value - vector[i]!) as unknown as Vector
    const isNear = Math.hypot(...back) < mostLinear * cellSize
    const others = isNear ? planes : await planesBack(samples, without, cellSize, pace)
    // What is left of it may fit better elsewhere then.
    const step = isNear ? back : acrossAll(solveShift(others, none, cellSize, spacing).vector, axes)
    const fits = [fitByBlock(planes, none, scale, blocks), fitByBlock(others, step, scale, blocks)] as const
    if (isToldAllOver(...fits)) continue
    untold.push(axis)
    vector = isNear ? without : (without.map((value, i) => value + step[i]!) as unknown as Vector)
    planes = await planesBack(samples, vector, cellSize, pace)
  }
  return { vector, deviation, isSure: isBeyondDoubt(vector, precision, spacing) }
}

/** Without what lies along these axes, which are perpendicular to each other. */
function acrossAll(vector: Vector, axes: readonly Vector[]): Vector {
  return axes.reduce((left, axis) => {
    const along = dot(left, axis)
    return left.map((value, i) => value - along * axis[i]!) as unknown as Vector
  }, vector)
}

/** Eigenvectors, least first. */
function axesOf(m: Float64Array): Vector[] {
  const [first, second] = [new Float64Array(4), new Float64Array(4)]
  smallestAxis(m[0]!, m[1]!, m[2]!, m[4]!, m[5]!, m[8]!, first)
  const [x, y, z] = first as unknown as Vector
  // The one found made the largest.
  const trace = m[0]! + m[4]! + m[8]!
  const lifted = [x * x, x * y, x * z, y * y, y * z, z * z].map((value) => 2 * trace * value) as number[]
  smallestAxis(
    m[0]! + lifted[0]!,
    m[1]! + lifted[1]!,
    m[2]! + lifted[2]!,
    m[4]! + lifted[3]!,
    m[5]! + lifted[4]!,
    m[8]! + lifted[5]!,
    second,
  )
  const [u, v, w] = second as unknown as Vector
  return [
    [x, y, z],
    [u, v, w],
    [y * w - z * v, z * u - x * w, x * v - y * u],
  ]
}

function dot(one: Vector, other: Vector): number {
  return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
}

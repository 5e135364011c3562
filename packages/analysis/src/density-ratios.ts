/** How many points of one survey there are to each of the other where both have looked, told by samples of them. */
import { CellIndex, cellStep } from './cell-index.ts'
import { valueInOrder } from './median.ts'
import type { PointArrays } from './point-arrays.ts'
import { sampleOf, strideOf } from './survey-planes.ts'
import { mostShiftPoints } from './survey-shift.ts'

/** In spacings of the sparser sample: 64 points of it, so that chance moves the median over many squares by next to nothing. */
const edgeInSpacings = 8

export type DensitySources = {
  readonly spacings: readonly [number, number]
  /** Of the surveys that these are the samples of which `surveyShift` looks at. Default: these are all. */
  readonly pointCounts?: readonly [number, number]
}

/**
 * At the points of each survey, how many of the other one there are to one of its own: the median over the squares in plan
 * around them, of those that hold points of both. Counted, since spacings tell it badly: an even scan has its eighth neighbour
 * nearer or farther than scattered points of the same density have theirs, and a scan that is thinned is even no more. What
 * changes leaves about as many points in plan as before, and less than half of a place has no say.
 */
export function densityRatios(
  a: PointArrays,
  b: PointArrays,
  { spacings, pointCounts = [a.x.length, b.x.length] }: DensitySources,
): [atA: number, atB: number] {
  const strides = pointCounts.map((count) => strideOf(count, mostShiftPoints))
  const bySpacings = (spacings[0] / spacings[1]) ** 2
  const edge = edgeInSpacings * Math.max(...spacings.map((spacing, k) => spacing * Math.sqrt(strides[k]!)))
  if (!(edge > 0)) return [bySpacings, 1 / bySpacings]
  const samples = [a, b].map((points) => sampleOf(points, mostShiftPoints))
  const { x, y } = samples[0]!
  const [originX, originY] = [x[0]!, y[0]!]
  const cells = new CellIndex()
  const squares = samples.map(({ x, y }) =>
    Uint32Array.from(x, (_, i) =>
      cells.add(cellStep(x[i]!, originX, edge), cellStep(y[i]!, originY, edge), 0),
    ),
  )
  const [inA, inB] = squares.map((ofPoints, k) => {
    const points = new Float64Array(cells.count)
    for (const square of ofPoints) points[square]! += strides[k]!
    return points
  }) as [Float64Array, Float64Array]
  const usual = (ofPoints: Uint32Array, others: Float64Array, own: Float64Array) => {
    const ratios = Float64Array.from(ofPoints, (square) => others[square]! / own[square]!)
    const known = ratios.filter((ratio) => ratio > 0)
    return valueInOrder(known, known.length >> 1)
  }
  return [usual(squares[0]!, inB, inA) ?? bySpacings, usual(squares[1]!, inA, inB) ?? 1 / bySpacings]
}

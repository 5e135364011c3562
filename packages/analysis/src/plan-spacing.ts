/** How far apart the samples of a cloud lie in plan, where nothing is known yet of what they are on. */
import { CellIndex } from './cell-index.ts'
import type { Pace } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import { takeSamples } from './segment-samples.ts'
import type { SegmentOptions } from './segment-options.ts'

/** Edge of the squares in which samples are counted, in the reach of neighbours: some are on it where it is no edge of the cloud. */
const squareInReaches = 0.5

/** From how many samples squares have in them, the mean of the middle half; 0 for no points. */
export async function planSpacing(
  points: PointArrays,
  { sampleSize, neighbourReach }: SegmentOptions,
  pace: Pace,
): Promise<number> {
  const { points: samples } = await takeSamples(
    points,
    new Uint8Array(points.x.length).fill(1),
    sampleSize,
    pace,
  )
  const side = squareInReaches * neighbourReach
  const squares = new CellIndex()
  const counts: number[] = []
  for (let i = 0; i < samples.x.length; i++) {
    const square = squares.add(
      Math.floor((samples.x[i]! - samples.x[0]!) / side),
      Math.floor((samples.y[i]! - samples.y[0]!) / side),
      0,
    )
    counts[square] = (counts[square] ?? 0) + 1
  }
  counts.sort((a, b) => a - b)
  // Neither edges of what is looked at nor crowns, with several returns; a median would be a whole number.
  const middle = counts.slice(counts.length >> 2, Math.ceil((3 * counts.length) / 4))
  const each = middle.reduce((sum, count) => sum + count, 0) / middle.length
  return middle.length === 0 ? 0 : side / Math.sqrt(each)
}

/** Voxels in square blocks in plan that reach into each other, and each block in pieces that a model takes at a time. */
import type { Pace } from './pace.ts'
import type { PointVoxels } from './point-voxels.ts'

export type BlockOptions = {
  /** Side of a square, and how far a block reaches beyond its own on every side, in the units of x and y each. */
  readonly size: readonly [number, number]
  readonly overlap: readonly [number, number]
  /** By the middle of a square, from the origin of the voxels; default: all are. */
  readonly isWanted?: (x: number, y: number) => boolean
}

export type PointBlocks = {
  /** Of each block in turn where its voxels begin in `voxels`; one more at the end. */
  readonly starts: Float64Array
  /** Voxels of all blocks; one that lies in several is there several times. In a block in their own order. */
  readonly voxels: Int32Array
  /** Middle of each block, from the origin of the voxels: x, y, x, y, ... */
  readonly middles: Float64Array
}

/** How often each voxel is looked at for its blocks. */
export const blockPasses = 3

/**
 * Blocks without voxels of their own square are left out: others have seen all that lies in them. They come row by row, and which
 * voxels are in one depends on nothing but these and the origin. `pace` is told of each voxel `blockPasses` times.
 */
export async function pointBlocks(
  voxels: PointVoxels,
  { size, overlap, isWanted = () => true }: BlockOptions,
  pace: Pace,
): Promise<PointBlocks> {
  if (!(size[0] > 0 && size[1] > 0)) throw new RangeError(`blocks need a positive size, got ${size}`)
  if (!(overlap[0] >= 0 && overlap[1] >= 0 && overlap[0] <= size[0] / 2 && overlap[1] <= size[1] / 2)) {
    throw new RangeError(`blocks may overlap by up to half of their size, got ${overlap} of ${size}`)
  }
  const squares = new Set<number>()
  await forEachVoxel(voxels, pace, (x, y) =>
    squares.add(keyOf(Math.floor(x / size[0]), Math.floor(y / size[1]))),
  )
  const middleOf = (key: number): [number, number] => {
    const row = Math.floor(key / columnsOfKey)
    return [(key - row * columnsOfKey - columnsOfKey / 2 + 0.5) * size[0], (row + 0.5) * size[1]]
  }
  const keys = Float64Array.from(squares)
    .filter((key) => isWanted(...middleOf(key)))
    .sort()
  const blockOf = new Map(Array.from(keys, (key, block) => [key, block]))

  /** Calls `take` with every block that reaches over a place. */
  const blocksAround = (x: number, y: number, take: (block: number) => void) => {
    const [left, right] = [Math.floor((x - overlap[0]) / size[0]), Math.floor((x + overlap[0]) / size[0])]
    const [low, high] = [Math.floor((y - overlap[1]) / size[1]), Math.floor((y + overlap[1]) / size[1])]
    for (let row = low; row <= high; row++) {
      for (let column = left; column <= right; column++) {
        const block = blockOf.get(keyOf(column, row))
        if (block !== undefined) take(block)
      }
    }
  }
  const starts = new Float64Array(keys.length + 1)
  await forEachVoxel(voxels, pace, (x, y) => blocksAround(x, y, (block) => starts[block + 1]!++))
  for (let block = 0; block < keys.length; block++) starts[block + 1]! += starts[block]!
  const next = starts.slice()
  const sorted = new Int32Array(starts[keys.length]!)
  await forEachVoxel(voxels, pace, (x, y, voxel) =>
    blocksAround(x, y, (block) => {
      sorted[next[block]!++] = voxel
    }),
  )
  const middles = new Float64Array(2 * keys.length)
  for (const [block, key] of keys.entries()) middles.set(middleOf(key), 2 * block)
  return { starts, voxels: sorted, middles }
}

/** Squares by one number, in the order of rows; columns are less than 2^25 from the origin. */
const columnsOfKey = 2 ** 26
function keyOf(column: number, row: number): number {
  return row * columnsOfKey + column + columnsOfKey / 2
}

/**
 * A block of more voxels than a model takes is shown in pieces, each of which has voxels from all over it: every k-th of
 * `voxels`. The last places of a piece that is not full are taken by its first voxels again, where `full` says so.
 */
export function pieceOfBlock(
  voxels: Int32Array,
  { piece, pieces, points }: { piece: number; pieces: number; points: number | undefined },
): { voxels: Int32Array; own: number } {
  const own = Math.ceil((voxels.length - piece) / pieces)
  const taken = new Int32Array(points ?? own)
  for (let i = 0; i < taken.length; i++) taken[i] = voxels[piece + (i % own) * pieces]!
  return { voxels: taken, own: Math.min(own, taken.length) }
}

const voxelsInARow = 65_536

async function forEachVoxel(
  voxels: PointVoxels,
  pace: Pace,
  visit: (x: number, y: number, voxel: number) => void,
): Promise<void> {
  for (let from = 0; from < voxels.count; from += voxelsInARow) {
    const to = Math.min(voxels.count, from + voxelsInARow)
    for (let voxel = from; voxel < to; voxel++) visit(voxels.offset(voxel, 0), voxels.offset(voxel, 1), voxel)
    await pace(to - from)
  }
}

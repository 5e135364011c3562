import { expect, test } from 'vitest'
import { atOnce } from './pace.ts'
import { pieceOfBlock, pointBlocks } from './point-blocks.ts'
import { PointVoxels } from './point-voxels.ts'

function voxelsAt(places: readonly (readonly [number, number])[]): PointVoxels {
  const voxels = new PointVoxels({ origin: [0, 0, 0], size: [1, 1, 1] })
  for (const [x, y] of places) voxels.add(x, y, 0.5)
  return voxels
}

const cut = async (voxels: PointVoxels, size: number, overlap: number) => {
  const {
    starts,
    voxels: sorted,
    middles,
  } = await pointBlocks(voxels, { size: [size, size], overlap: [overlap, overlap] }, atOnce)
  return Array.from({ length: starts.length - 1 }, (_, i) => ({
    middle: [middles[2 * i], middles[2 * i + 1]],
    voxels: [...sorted.subarray(starts[i], starts[i + 1])],
  }))
}

test('a voxel is in the block of its square, and in those that reach over it', async () => {
  const voxels = voxelsAt([
    [2.5, 2.5],
    [9.5, 5.5],
    [12.5, 5.5],
    [-0.5, 5.5],
  ])
  expect(await cut(voxels, 10, 0)).toEqual([
    { middle: [-5, 5], voxels: [3] },
    { middle: [5, 5], voxels: [0, 1] },
    { middle: [15, 5], voxels: [2] },
  ])
  expect(await cut(voxels, 10, 3)).toEqual([
    { middle: [-5, 5], voxels: [0, 3] },
    { middle: [5, 5], voxels: [0, 1, 2, 3] },
    { middle: [15, 5], voxels: [1, 2] },
  ])
})

test('blocks come row by row, and there is none where only the surroundings of others are', async () => {
  const voxels = voxelsAt([
    [15.5, 12.5],
    [5.5, 15.5],
    [5.5, 9.5],
  ])
  const blocks = await cut(voxels, 10, 5)
  expect(blocks.map(({ middle }) => middle)).toEqual([
    [5, 5],
    [5, 15],
    [15, 15],
  ])
})

test('an overlap of more than half a block is refused', async () => {
  await expect(cut(voxelsAt([[1, 1]]), 10, 6)).rejects.toThrow('up to half of their size')
})

test.each([
  [10, 4, undefined],
  [10, 4, 4],
  [3, 8, 8],
  [1, 1, 5],
])(
  'the pieces of %i voxels, %i at a time, are all of them once, and full where they have to be',
  (count, most, points) => {
    const voxels = Int32Array.from({ length: count }, (_, i) => 100 + i)
    const pieces = Math.ceil(count / most)
    const seen: number[] = []
    for (let piece = 0; piece < pieces; piece++) {
      const taken = pieceOfBlock(voxels, { piece, pieces, points })
      expect(taken.voxels.length).toBe(points ?? taken.own)
      expect(taken.voxels.length).toBeLessThanOrEqual(Math.max(most, points ?? 0))
      for (const voxel of taken.voxels) expect(voxels).toContain(voxel)
      seen.push(...taken.voxels.subarray(0, taken.own))
    }
    expect(seen.sort((a, b) => a - b)).toEqual([...voxels])
  },
)

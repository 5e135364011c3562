import { expect, test } from 'vitest'
import { atOnce } from './pace.ts'
import { voxelNormals } from './point-normals.ts'
import { PointVoxels } from './point-voxels.ts'

const grid = { origin: [100, 200, -5], size: [0.5, 0.5, 0.25] } as const

test('the first point of a voxel is its point, and every later one finds it', () => {
  const voxels = new PointVoxels(grid)
  expect(voxels.add(100.1, 200.4, -4.9)).toBe(0)
  expect(voxels.add(100.49, 200.01, -4.76)).toBe(0)
  expect(voxels.add(100.5, 200.4, -4.9)).toBe(1)
  expect(voxels.count).toBe(2)
  expect([0, 1, 2].map((axis) => voxels.offset(0, axis as 0 | 1 | 2))).toEqual([
    expect.closeTo(0.1, 6),
    expect.closeTo(0.4, 6),
    expect.closeTo(0.1, 6),
  ])
  expect(voxels.find(100.2, 200.2, -4.8)).toBe(0)
  expect(voxels.find(101.2, 200.2, -4.8)).toBe(-1)
})

test.each([
  ['nobody expected', undefined],
  ['half of which were expected', 30_000],
  ['fewer of which came than were expected', 500_000],
])('among many voxels, %s, on both sides of the origin, each is found where it is', (_, expected) => {
  const voxels = new PointVoxels({ origin: [0, 0, 0], size: [1, 1, 1] }, expected)
  const known = new Map<string, number>()
  for (let i = 0; i < 60_000; i++) {
    const place = [((i * 7919) % 400) - 200, ((i * 104_729) % 300) - 150, i % 20].map((v) => v + 0.5)
    const [x, y, z] = place as [number, number, number]
    const voxel = voxels.add(x, y, z)
    if ((known.get(place.join()) ?? voxel) !== voxel) throw new Error(`${place} was found elsewhere`)
    known.set(place.join(), voxel)
  }
  expect(voxels.count).toBe(known.size)
  for (const [place, voxel] of known) {
    const [x, y, z] = place.split(',').map(Number) as [number, number, number]
    if (voxels.find(x, y, z) !== voxel) throw new Error(`${place} is not where it was put`)
  }
})

test('a place beyond whole numbers of 32 bits, or none, is refused', () => {
  const voxels = new PointVoxels({ origin: [0, 0, 0], size: [1e-3, 1, 1] })
  expect(() => voxels.add(1e9, 0, 0)).toThrow('too far')
  expect(() => voxels.add(Number.NaN, 0, 0)).toThrow('too far')
  expect(() => new PointVoxels({ origin: [0, 0, 0], size: [0, 1, 1] })).toThrow('positive sizes')
})

test('normals of a slope stand on it, in metres whatever the unit, and a lonely point looks up', async () => {
  const feet = 0.3048
  const voxels = new PointVoxels({ origin: [0, 0, 0], size: [1, 1, 1] })
  for (let i = 0; i < 10; i++) for (let j = 0; j < 10; j++) voxels.add(i + 0.5, j + 0.5, (i + 0.5) * 0.5)
  const lonely = voxels.add(50.5, 50.5, 20)
  let told = 0
  const normals = await voxelNormals(voxels, [feet, feet, 1], async (done) => {
    told += done
  })
  expect(told).toBe(voxels.count)
  // Half a metre for each foot to the east.
  const slope = 0.5 / feet
  const length = Math.hypot(slope, 1)
  const middle = 3 * voxels.find(5.5, 5.5, 2.75)
  expect(normals[middle]).toBeCloseTo(-slope / length, 5)
  expect(normals[middle + 1]).toBeCloseTo(0, 5)
  expect(normals[middle + 2]).toBeCloseTo(1 / length, 5)
  expect([...normals.subarray(3 * lonely)]).toEqual([0, 0, 1])
  await voxelNormals(new PointVoxels(grid), [1, 1, 1], atOnce)
})

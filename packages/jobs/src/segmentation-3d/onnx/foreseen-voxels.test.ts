import type { LasHeader } from '@alidade/formats'
import { expect, test } from 'vitest'
import { foreseenVoxels } from './foreseen-voxels.ts'

const square = (pointCount: number, metres: number) =>
  ({ pointCount, bounds: { min: [0, 0, 0], max: [metres, metres, 9] } }) as unknown as LasHeader
const model = { voxelSizeMetres: 0.5, blockSizeMetres: 50, overlapMetres: 0, points: 4096, isFixed: false }

test('where points are few each is a voxel, where they are many they share them', () => {
  expect(foreseenVoxels([square(10_000, 1000)], model).perPoint).toBeGreaterThan(0.99)
  const dense = foreseenVoxels([square(10_000_000, 100)], model).perPoint
  // 40,000 columns of voxels.
  expect(dense * 10_000_000).toBeGreaterThan(40_000)
  expect(dense * 10_000_000).toBeLessThan(120_000)
})

test('a model is shown what lies in a block, and no more at a time than it takes', () => {
  const sparse = [square(10_000, 1000)]
  expect(foreseenVoxels(sparse, model).shown).toBe(25)
  expect(foreseenVoxels(sparse, { ...model, overlapMetres: 25 }).shown).toBe(100)
  expect(foreseenVoxels(sparse, { ...model, isFixed: true }).shown).toBe(4096)
  expect(foreseenVoxels([square(10_000_000, 100)], model).shown).toBeLessThanOrEqual(4096)
})

test('nothing that is known is no fault', () => {
  expect(foreseenVoxels([undefined, square(0, 1)], model)).toEqual({ perPoint: 1, shown: 4096 })
  expect(foreseenVoxels([square(5, 0)], model).perPoint).toBeLessThanOrEqual(1)
})

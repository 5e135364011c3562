import { expect, test } from 'vitest'
import { blockHeights, type FeatureColumn, type FeatureOptions, pointFeatures } from './point-features.ts'
import { PointVoxels } from './point-voxels.ts'

/** A ground of one height and another beside it, cells of 10. */
const surface = {
  plan: { cellSize: 10, firstColumn: 0, firstRow: 0, columns: 2, rows: 1 },
  heightOrigin: 100,
  height: shared([1, 3]),
  tolerance: shared([0, 0]),
}

function shared(values: number[]): Float32Array<SharedArrayBuffer> {
  const array = new Float32Array(new SharedArrayBuffer(4 * values.length))
  array.set(values)
  return array
}

const feet = 0.3048
const voxels = new PointVoxels({ origin: [0, 0, 90], size: [1, 1, 1] })
for (const [x, y, z] of [
  [5, 5, 101],
  [10, 5, 104],
  [15, 5, 105.5],
] as const)
  voxels.add(x, y, z)
const taken = Int32Array.of(2, 0, 1)
const { mean, lowest } = blockHeights(voxels, taken)
const place: Omit<FeatureOptions, 'columns' | 'byFeature'> = {
  metres: [feet, feet, 1],
  surface,
  middle: [10, 10],
  meanHeight: mean,
  lowestHeight: lowest,
}
const plain = { subtract: 0, divide: 1 }
const values = (of: FeatureColumn['of']) =>
  Array.from(pointFeatures(voxels, taken, { ...place, columns: [{ ...plain, of }], byFeature: false }))

test('places are told from the middle of the block and heights from its mean and its lowest, in metres', () => {
  const close = (numbers: number[]) => numbers.map((number) => expect.closeTo(number, 5))
  expect(values('x')).toEqual(close([5 * feet, -5 * feet, 0]))
  expect(values('y')).toEqual(close([-5 * feet, -5 * feet, -5 * feet]))
  expect(values('z')).toEqual(close([2, -2.5, 0.5]))
  expect(values('heightAboveLowest')).toEqual(close([4.5, 0, 3]))
})

test('heights above the ground follow it from cell to cell', () => {
  // 101 in the middle of the first cell, 103 in that of the second, 102 between.
  expect(values('heightAboveGround')).toEqual([2.5, 0, 2])
})

test('where no ground is near the height above it is nothing', () => {
  const nowhere = { ...surface, height: shared([Infinity, Infinity]) }
  const columns = [{ ...plain, of: 'heightAboveGround' as const }]
  const options = { ...place, surface: nowhere, columns, byFeature: false }
  expect([...pointFeatures(voxels, taken, options)]).toEqual([0, 0, 0])
})

test('features are normalised and lie together by point, or by feature', () => {
  const columns = [
    { of: 'heightAboveLowest' as const, subtract: 1, divide: 2 },
    { of: { values: Float32Array.of(7, 8, 9, 10, 11, 12), stride: 2, from: 1 }, subtract: 0, divide: 1 },
  ]
  const byPoint = pointFeatures(voxels, taken, { ...place, columns, byFeature: false })
  expect([...byPoint]).toEqual([1.75, 12, -0.5, 8, 1, 10])
  const byFeature = pointFeatures(voxels, taken, { ...place, columns, byFeature: true })
  expect([...byFeature]).toEqual([1.75, -0.5, 1, 12, 8, 10])
})

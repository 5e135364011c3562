import { expect, test } from 'vitest'
import { GroundRaster } from './ground-raster.ts'
import { seededRandom } from './random-points.fixture.ts'

const extent = { min: [0, 0], max: [9.5, 4.5], cellSize: 1, heightOrigin: 100 } as const
const columns = (...points: [number, number, number][]) =>
  [0, 1, 2].map((axis) => Float64Array.from(points, (point) => point[axis]!)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]

test('each cell keeps its lowest height, relative to the origin', () => {
  const raster = new GroundRaster(extent)
  expect(raster.plan).toEqual({ cellSize: 1, firstColumn: 0, firstRow: 0, columns: 10, rows: 5 })
  raster.add(...columns([2.5, 1.5, 103], [2.1, 1.9, 101], [2.9, 1.1, 102]))
  expect(raster.lowest[12]).toBe(1)
  expect(raster.lowest.filter((height) => height < Number.POSITIVE_INFINITY)).toHaveLength(1)
})

test('neither the order of points nor the size of batches changes anything', () => {
  const random = seededRandom(9)
  const points = Array.from({ length: 500 }, (): [number, number, number] => [
    9.5 * random(),
    4.5 * random(),
    100 + 50 * random(),
  ])
  const atOnce = new GroundRaster(extent)
  atOnce.add(...columns(...points))
  const oneByOne = new GroundRaster(extent)
  for (const point of points.toReversed()) oneByOne.add(...columns(point))
  expect(oneByOne.lowest).toEqual(atOnce.lowest)
})

test('cells lie at multiples of their size, so that tiles fit each other', () => {
  const raster = new GroundRaster({ min: [-3.2, 1007.9], max: [4, 1012], cellSize: 2, heightOrigin: 0 })
  expect(raster.plan).toEqual({ cellSize: 2, firstColumn: -2, firstRow: 503, columns: 5, rows: 4 })
})

test('a point beyond rounded bounds goes into the outermost cell, one farther outside is refused with its place', () => {
  const raster = new GroundRaster(extent)
  raster.add(...columns([10.2, -0.3, 101]))
  expect(raster.lowest[9]).toBe(1)
  expect(() => raster.add(...columns([12, 1, 101]))).toThrow(
    new RangeError("point 0 of the batch (12, 1, 101) is not in the raster's bounds"),
  )
})

test('coordinates that are not numbers, or infinite, are refused', () => {
  const raster = new GroundRaster(extent)
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    expect(() => raster.add(...columns([bad, 1, 101]))).toThrow(RangeError)
    expect(() => raster.add(...columns([1, bad, 101]))).toThrow(RangeError)
    expect(() => raster.add(...columns([1, 1, bad]))).toThrow(RangeError)
  }
})

test('cells too many to hold are refused before memory is taken, with their number', () => {
  expect(() => new GroundRaster({ ...extent, max: [1e6, 1e6] })).toThrow(
    'cells of 1 make 1000001 x 1000001 = 1000002000001 of them, more than the 268435456 allowed',
  )
  expect(() => new GroundRaster({ ...extent, maxCells: 49 })).toThrow('more than the 49 allowed')
})

test('bounds or cells that make no raster are refused', () => {
  for (const cellSize of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => new GroundRaster({ ...extent, cellSize })).toThrow('cellSize')
  }
  expect(() => new GroundRaster({ ...extent, max: [-5, 4] })).toThrow('bounds')
  expect(() => new GroundRaster({ ...extent, min: [Number.NaN, 0] })).toThrow('bounds')
  expect(() => new GroundRaster({ ...extent, heightOrigin: Number.NaN })).toThrow('heightOrigin')
})

test('in other bounds it keeps what lies within both', () => {
  const raster = new GroundRaster(extent)
  raster.add(...columns([0.5, 0.5, 101], [9.2, 4.2, 102]))
  raster.reshape({ min: [-3, 2], max: [12, 8] })
  expect(raster.plan).toEqual({ cellSize: 1, firstColumn: -3, firstRow: 2, columns: 16, rows: 7 })
  const known = [...raster.lowest.entries()].filter(([, height]) => height < Number.POSITIVE_INFINITY)
  expect(known).toEqual([[2 * 16 + 12, 2]])
  expect(() => raster.reshape({ min: [0, 0], max: [1e6, 1e6] })).toThrow(RangeError)
})

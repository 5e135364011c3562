import { GroundRaster } from '@alidade/analysis'
import { expect, test } from 'vitest'
import { randomNumbers } from '../change-detection/two-surveys.fixture.ts'
import { GrowingRaster, OutOfBounds } from './growing-raster.ts'

const rasterOf = (bounds: { min: [number, number]; max: [number, number] }) =>
  new GroundRaster({ ...bounds, cellSize: 1, heightOrigin: 0 })
const columns = (points: [number, number, number][]) => {
  const [x, y, z] = [0, 1, 2].map((axis) => Float64Array.from(points, (point) => point[axis]!))
  return { x: x!, y: y!, z: z! }
}

test('however it grew, it is the raster of the true bounds in the end', () => {
  const random = randomNumbers(5)
  const points = Array.from({ length: 400 }, (_, i): [number, number, number] => [
    // Farther out with every batch, to all sides.
    (random() - 0.5) * (20 + i),
    (random() - 0.5) * (20 + i),
    random(),
  ])
  const extent = (axis: 0 | 1) => points.map((point) => point[axis])
  const low = (axis: 0 | 1) => Math.min(...extent(axis), -5)
  const high = (axis: 0 | 1) => Math.max(...extent(axis), 5)
  const all = rasterOf({ min: [low(0), low(1)], max: [high(0), high(1)] })
  const { x, y, z } = columns(points)
  all.add(x, y, z)

  const stated = { min: [-5, -5], max: [5, 5] } as { min: [number, number]; max: [number, number] }
  const growing = new GrowingRaster(rasterOf(stated), stated, 1e6)
  for (let from = 0; from < points.length; from += 20) growing.add(columns(points.slice(from, from + 20)), 20)
  growing.finish()
  expect(growing.hasGrown).toBe(true)
  expect(growing.raster.plan).toEqual(all.plan)
  expect(growing.raster.lowest).toEqual(all.lowest)
})

test('it does not grow for points within what headers state, nor beyond what it may have', () => {
  const stated = { min: [0, 0], max: [9, 9] } as { min: [number, number]; max: [number, number] }
  const growing = new GrowingRaster(rasterOf(stated), stated, 1000)
  growing.add(columns([[9.99, 0, 1]]), 1)
  growing.finish()
  expect([growing.hasGrown, growing.raster.plan.columns]).toEqual([false, 10])
  growing.add(columns([[60, 5, 1]]), 1)
  growing.finish()
  expect(growing.raster.plan.columns).toBe(61)
  expect(() => growing.add(columns([[1e9, 5, 1]]), 1)).toThrow(OutOfBounds)
  expect(() => growing.add(columns([[5, Number.NaN, 1]]), 1)).toThrow(OutOfBounds)
})

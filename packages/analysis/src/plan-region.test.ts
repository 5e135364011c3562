import { expect, test } from 'vitest'
import { planRegion } from './plan-region.ts'

const square = (x: number, y: number, side: number) =>
  new Float64Array([x, y, x + side, y, x + side, y + side, x, y + side])

test('a place within a square lies in the region, one beside it does not', () => {
  const region = planRegion([[square(500_000, 5_400_000, 10)]])
  expect(region.bounds).toEqual({ min: [500_000, 5_400_000], max: [500_010, 5_400_010] })
  expect(region.contains(500_005, 5_400_005)).toBe(true)
  for (const [x, y] of [
    [499_999, 5_400_005],
    [500_011, 5_400_005],
    [500_005, 5_399_999],
    [500_005, 5_400_011],
    [Number.NaN, 5_400_005],
  ])
    expect(region.contains(x!, y!)).toBe(false)
})

test('a hole does not belong to it, an overlap of two polygons does, and winding or closing change nothing', () => {
  const closed = new Float64Array([0, 0, 0, 10, 10, 10, 10, 0, 0, 0])
  const region = planRegion([[closed, square(4, 4, 2)], [square(8, 8, 10)]])
  expect(region.contains(5, 5)).toBe(false)
  expect(region.contains(3, 5)).toBe(true)
  expect(region.contains(9, 9)).toBe(true)
  expect(region.contains(17, 17)).toBe(true)
  expect(region.contains(12, 3)).toBe(false)
})

test('a circle of 10,000 corners holds pi / 4 of the places in its square', () => {
  const corners = Array.from({ length: 10_000 }, (_, i) => (i / 10_000) * 2 * Math.PI)
  const region = planRegion([
    [new Float64Array(corners.flatMap((angle) => [Math.cos(angle), Math.sin(angle)]))],
  ])
  let inside = 0
  const n = 400
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [x, y] = [(2 * (i + 0.5)) / n - 1, (2 * (j + 0.5)) / n - 1]
      const isInside = region.contains(x, y)
      // Within the sagitta of an edge either is right.
      if (Math.abs(Math.hypot(x, y) - 1) > 1e-6) expect(isInside).toBe(Math.hypot(x, y) < 1)
      if (isInside) inside++
    }
  }
  expect(inside / n ** 2).toBeCloseTo(Math.PI / 4, 3)
})

import { expect, test } from 'vitest'
import { atOnce } from './pace.ts'
import { seededRandom } from './random-points.fixture.ts'
import { fillFromNearest, fillSmoothly } from './raster-holes.ts'

const unknown = Number.POSITIVE_INFINITY
const planOf = (columns: number, rows: number) => ({
  cellSize: 1,
  firstColumn: -3,
  firstRow: 5,
  columns,
  rows,
})

test('a hole takes the lowest of the nearest known heights, as a search through all of them finds it', async () => {
  const random = seededRandom(4)
  const plan = planOf(37, 23)
  const { columns, rows } = plan
  const heights = Float32Array.from({ length: columns * rows }, () =>
    random() < 0.05 ? 100 * random() : unknown,
  )
  const expected = heights.map((_, cell) => {
    let [nearest, lowest] = [unknown, unknown]
    for (let other = 0; other < heights.length; other++) {
      if (heights[other] === unknown) continue
      const steps =
        Math.abs((other % columns) - (cell % columns)) +
        Math.abs(Math.floor(other / columns) - Math.floor(cell / columns))
      if (steps < nearest || (steps === nearest && heights[other]! < lowest)) lowest = heights[other]!
      if (steps < nearest) nearest = steps
    }
    return nearest <= 6 ? lowest : unknown
  })
  expect(expected).toContain(unknown)
  await fillFromNearest(heights, plan, 6, atOnce)
  expect(heights).toEqual(expected)
})

test('a raster in which nothing is known stays so', async () => {
  const plan = planOf(5, 4)
  const heights = new Float32Array(20).fill(unknown)
  await fillFromNearest(heights, plan, 100, atOnce)
  expect(heights).toEqual(new Float32Array(20).fill(unknown))
  await fillSmoothly(heights, plan, 6, 4, atOnce)
  expect(heights).toEqual(new Float32Array(20).fill(unknown))
})

test('a hole in a slope is filled close to the slope, and what is known stays', async () => {
  const plan = planOf(60, 60)
  const slope = Float32Array.from(
    { length: 3600 },
    (_, cell) => 0.2 * (cell % 60) - 0.1 * Math.floor(cell / 60),
  )
  const heights = slope.slice()
  for (let row = 20; row < 40; row++) heights.fill(unknown, row * 60 + 25, row * 60 + 45)
  const before = heights.slice()
  await fillSmoothly(heights, plan, 6, 4, atOnce)
  for (let cell = 0; cell < heights.length; cell++) {
    if (before[cell] !== unknown) expect(heights[cell]).toBe(before[cell])
    // Rises by 4 and falls by 2 over the hole.
    else expect(Math.abs(heights[cell]! - slope[cell]!)).toBeLessThan(1)
  }
})

test('a hole is not filled from farther away than the largest cells reach', async () => {
  const plan = planOf(100, 1)
  const heights = new Float32Array(100).fill(unknown)
  heights[0] = 7
  await fillSmoothly(heights, plan, 3, 0, atOnce)
  expect(heights[5]).toBe(7)
  expect(heights[30]).toBe(unknown)
})

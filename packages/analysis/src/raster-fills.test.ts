import { expect, test } from 'vitest'
import { atOnce } from './pace.ts'
import { seededRandom } from './random-points.fixture.ts'
import { bandsOf } from './raster-bands.ts'
import { nearestBands, type NearestPass } from './raster-nearest.ts'
import { passesHere } from './raster-passes.ts'
import { fillSmoothly, smoothBand, type SmoothPass } from './raster-smooth.ts'

const unknown = Number.POSITIVE_INFINITY
const run = passesHere(atOnce)
async function filledFromNearest(heights: Float32Array, plan: NearestPass['plan'], reach: number) {
  const filled = new Float32Array(heights.length)
  await run({ kind: 'nearest', heights, plan, reach, filled })
  return filled
}
async function filledSmoothly(
  heights: Float32Array,
  plan: ReturnType<typeof planOf>,
  levels: number,
  rounds: number,
) {
  const filled = new Float32Array(heights.length)
  await fillSmoothly(heights, plan, { levels, rounds }, filled, run, atOnce)
  return filled
}
const planOf = (columns: number, rows: number) => ({
  cellSize: 1,
  firstColumn: -3,
  firstRow: 5,
  columns,
  rows,
})

test('a hole takes the lowest of the nearest known heights, as a search through all of them finds it', async () => {
  const random = seededRandom(4)
  const plan = planOf(37, 60)
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
  const filled = heights.slice()
  const pass: NearestPass = { kind: 'nearest', heights, plan, reach: 6, filled }
  expect(nearestBands(pass).length).toBeGreaterThan(1)
  await run(pass)
  expect(filled).toEqual(expected)
})

test('a hole takes a height from as far beyond its band as from within', async () => {
  const plan = planOf(10, 60)
  const heights = new Float32Array(600).fill(unknown)
  const [row, reach] = [24, 6]
  heights.fill(5, 10 * row, 10 * row + 10)
  expect(nearestBands({ kind: 'nearest', heights, plan, reach, filled: heights })[1]).toEqual([30, 60])
  const filled = await filledFromNearest(heights, plan, reach)
  const rows = [
    ...new Set([...filled.keys()].filter((cell) => filled[cell] === 5).map((at) => Math.floor(at / 10))),
  ]
  expect(rows).toEqual(Array.from({ length: 2 * reach + 1 }, (_, i) => row - reach + i))
})

test('a raster in which nothing is known stays so', async () => {
  const plan = planOf(5, 4)
  const heights = new Float32Array(20).fill(unknown)
  expect(await filledFromNearest(heights, plan, 100)).toEqual(heights)
  expect(await filledSmoothly(heights, plan, 6, 4)).toEqual(new Float32Array(20).fill(unknown))
})

test('a hole in a slope is filled close to the slope, and what is known stays', async () => {
  const plan = planOf(60, 60)
  const slope = Float32Array.from(
    { length: 3600 },
    (_, cell) => 0.2 * (cell % 60) - 0.1 * Math.floor(cell / 60),
  )
  const before = slope.slice()
  for (let row = 20; row < 40; row++) before.fill(unknown, row * 60 + 25, row * 60 + 45)
  const heights = await filledSmoothly(before, plan, 6, 4)
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
  const filled = await filledSmoothly(heights, plan, 3, 0)
  expect(filled[5]).toBe(7)
  expect(filled[30]).toBe(unknown)
})

test('a surface filled band by band is that of the whole', async () => {
  const plan = planOf(300, 1000)
  const random = seededRandom(8)
  const heights = Float32Array.from({ length: 300_000 }, () => (random() < 0.1 ? 10 * random() : unknown))
  expect(bandsOf(plan).length).toBeGreaterThan(2)
  const whole = new Float32Array(heights.length)
  const atOncePass = async (pass: SmoothPass) => smoothBand(pass, 0, plan.rows)
  await fillSmoothly(heights, plan, { levels: 6, rounds: 4 }, whole, atOncePass, atOnce)
  const filled = await filledSmoothly(heights, plan, 6, 4)
  expect(Buffer.from(filled.buffer).equals(Buffer.from(whole.buffer))).toBe(true)
})

test('cells are counted as larger ones are made of them and filled: all of them, a few at a time up to the last', async () => {
  const plan = planOf(600, 1500)
  const heights = new Float32Array(900_000).fill(unknown)
  for (let cell = 0; cell < heights.length; cell += 11) heights[cell] = cell % 7
  const counts: number[] = []
  const pace = async (cells: number) => void counts.push(cells)
  await fillSmoothly(heights, plan, { levels: 6, rounds: 4 }, heights.slice(), async () => {}, pace)
  expect(counts.reduce((sum, cells) => sum + cells, 0)).toBe(900_000)
  expect(Math.max(...counts)).toBeLessThan(900_000 / 6)
  expect(counts.at(-1)).toBeGreaterThan(0)
})

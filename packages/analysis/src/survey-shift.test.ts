import { expect, test } from 'vitest'
import type { PointArrays } from './point-arrays.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'
import { surveyShift, surveyShiftWork } from './survey-shift.ts'
import { village } from './village.fixture.ts'

for (const shift of [
  [0, 0, 0.05],
  [0.5, 0, 0],
  [-0.3, 0.2, -0.5],
] as const) {
  test(`a survey moved by ${shift.join(', ')} m is told by that vector`, async () => {
    const found = await surveyShift(village(1, [0, 0, 0]), village(2, shift))
    expect(found.isSure).toBe(true)
    for (const axis of [0, 1, 2] as const) {
      expect(Math.abs(found.vector[axis] - shift[axis])).toBeLessThan(0.03)
      expect(Math.abs(found.vector[axis] - shift[axis])).toBeLessThan(4 * found.deviation[axis])
    }
  })
}

test('surveys that lie where they should are not shifted, although a third of the place was dug away', async () => {
  for (const dug of [0, 1]) {
    const found = await surveyShift(village(3, [0, 0, 0]), village(4, [0, 0, 0], dug))
    expect(found.isSure).toBe(false)
    expect(Math.abs(found.vector[2])).toBeLessThan(0.02)
  }
})

/** A square of 60 m, level to its noise but for heaps of 6 m radius and 2.5 m height. */
function plainWith(
  seed: number,
  heaps: readonly (readonly [x: number, y: number])[],
  shift = 0,
): PointArrays {
  const random = seededRandom(seed)
  return cloudOf(12_000, () => {
    const [x, y] = [60 * random(), 60 * random()]
    const noise = 0.07 * (random() - 0.5)
    const heap = heaps.reduce(
      (sum, [u, v]) => sum + 2.5 * Math.max(0, 1 - ((x - u) ** 2 + (y - v) ** 2) / 36),
      0,
    )
    return [x, y, heap + noise + shift]
  })
}

test('a heap that came to a level plain, or moved on it, is no shift, although it alone has slopes', async () => {
  const middle = [[30, 30]] as const
  for (const [before, after] of [
    [[], middle],
    [middle, [[31, 30]]],
  ] as const) {
    const found = await surveyShift(plainWith(1, before), plainWith(2, after))
    expect(found.isSure).toBe(false)
  }
})

test('of a level plain with a new heap that was lifted as a whole, the height alone is told', async () => {
  const found = await surveyShift(plainWith(3, []), plainWith(4, [[30, 30]], 0.05))
  expect(found.isSure).toBe(true)
  expect(found.vector[2]).toBeCloseTo(0.05, 2)
  expect(Math.hypot(found.vector[0], found.vector[1])).toBeLessThan(0.1)
})

test('across a plain nothing tells a shift along it, and none is told', async () => {
  const random = seededRandom(5)
  const plain = (dx: number) => cloudOf(20_000, () => [100 * random() + dx, 100 * random(), 0.05 * random()])
  const found = await surveyShift(plain(0), plain(0.5))
  expect(found.isSure).toBe(false)
  expect(found.deviation[0]).toBeGreaterThan(0.05)
})

test('it counts no more than it says beforehand', async () => {
  const [a, b] = [village(6, [0, 0, 0]), village(7, [0.2, 0, 0])]
  let counted = 0
  await surveyShift(a, b, async (points) => {
    counted += points
  })
  expect(counted).toBeGreaterThan(0)
  expect(counted).toBeLessThanOrEqual(surveyShiftWork(a.x.length, b.x.length))
})

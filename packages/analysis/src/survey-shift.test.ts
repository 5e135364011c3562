import { expect, test } from 'vitest'
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

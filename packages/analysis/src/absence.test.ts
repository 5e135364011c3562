import { expect, test } from 'vitest'
import { absenceRule } from './absence.ts'
import { compareClouds } from './compare-clouds.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

test('twelve neighbours of equal density, more beside a sparser survey, few beside a denser one', () => {
  expect(absenceRule(1, 1).neighbours).toBe(12)
  expect(absenceRule(1, Math.sqrt(10)).neighbours).toBe(88)
  expect(absenceRule(Math.sqrt(10), 1).neighbours).toBe(4)
})

test('in cover that fills space, as on ground, hardly a point of another scan of the same is absent', async () => {
  const random = seededRandom(1)
  const cover = () => cloudOf(20_000, (i) => [60 * random(), 60 * random(), i % 2 === 0 ? 0 : 20 * random()])
  const { absenceA, absenceB } = await compareClouds(cover(), cover(), { threads: 1, absence: true })
  for (const absence of [absenceA, absenceB]) {
    expect(absence.filter((value) => value > 1).length / absence.length).toBeLessThan(0.002)
    expect(absence.filter((value) => value > 2).length).toBe(0)
  }
})

test('a roof that came is absent from the other survey beyond doubt', async () => {
  const random = seededRandom(2)
  const scan = (height: number) =>
    cloudOf(10_000, () => {
      const [x, y] = [100 * random(), 100 * random()]
      return [x, y, x > 40 && x < 60 && y > 40 && y < 60 ? height : 0]
    })
  const after = scan(8)
  const { absenceB } = await compareClouds(scan(0), after, { threads: 1, absence: true })
  for (const [i, z] of after.z.entries()) {
    if (z > 0) expect(absenceB[i]).toBeGreaterThan(2)
  }
})

import { expect, test } from 'vitest'
import { absenceRule } from './absence.ts'
import { compareClouds } from './compare-clouds.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

test('twelve neighbours of equal density, more beside a sparser survey, few beside a denser one', () => {
  expect(absenceRule(1, 1, 1e4).neighbours).toBe(12)
  expect(absenceRule(0.1, Math.sqrt(10), 1e4).neighbours).toBe(88)
  expect(absenceRule(10, 1, 1e4).neighbours).toBe(4)
})

test('more points ask for more neighbours, since more of them could be absent by chance', () => {
  expect(absenceRule(1, 1, 5e5).neighbours).toBe(13)
  expect(absenceRule(1, 1, 2e7).neighbours).toBe(16)
})

test('a patch that ends before it has twice the neighbours gains little by being far from everything', async () => {
  const random = seededRandom(3)
  // The other survey, as dense, has all of a wide plain but the place of the patch; 20 points of the patch are nearer than it.
  const plain = () => cloudOf(4000, () => [80 * random(), 80 * random(), 0])
  const withPatch = cloudOf(4020, (i) => {
    const [x, y] = i < 4000 ? [80 * random(), 80 * random()] : [40 + random(), 40 + random()]
    return [x, y, i < 4000 ? 0 : 6]
  })
  const { absenceB } = await compareClouds(plain(), withPatch, { threads: 1, absence: true })
  const onPatch = absenceB.slice(4000)
  expect(Math.min(...onPatch)).toBeGreaterThan(1)
  expect(Math.max(...onPatch)).toBeLessThan(4)
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

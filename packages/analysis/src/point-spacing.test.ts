import { expect, test } from 'vitest'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

test('the spacing of a lattice is near its step', () => {
  const lattice = cloudOf(90_000, (i) => [
    500_000 + 0.5 * (i % 300),
    5_400_000 + 0.5 * Math.floor(i / 300),
    80,
  ])
  // The 8th neighbour of a lattice point is the one across the corner.
  expect(pointSpacing(lattice)).toBeCloseTo(0.5 * Math.SQRT2 * Math.sqrt(Math.PI / 8), 4)
})

test('the spacing of a scattered surface is near 1 / sqrt(density)', () => {
  const random = seededRandom(51)
  const scattered = cloudOf(40_000, () => [100 * random(), 100 * random(), 0])
  expect(Math.abs(pointSpacing(scattered) / 0.5 - 1)).toBeLessThan(0.05)
})

test('close points along the lines of a scanner do not hide how far apart the lines are', () => {
  const lines = cloudOf(40_000, (i) => [0.25 * (i % 400), Math.floor(i / 400), 0])
  expect(Math.abs(pointSpacing(lines) / 0.5 - 1)).toBeLessThan(0.35)
})

test('points that were stored twice do not make the spacing vanish', () => {
  const random = seededRandom(52)
  const single = cloudOf(5000, () => [50 * random(), 25 * random(), 0])
  const twice = cloudOf(10_000, (i) => [single.x[i >> 1]!, single.y[i >> 1]!, single.z[i >> 1]!])
  expect(pointSpacing(twice)).toBeGreaterThan(0.6 * pointSpacing(single))
})

test('fewer than nine points have no spacing, and suggest nothing', () => {
  expect(pointSpacing(cloudOf(8, (i) => [i, 2, 3]))).toBeNaN()
  expect(pointSpacing(cloudOf(9, (i) => [i, 2, 3]))).toBeGreaterThan(0)
  expect(suggestedLinkDistance(Number.NaN)).toBeNaN()
  expect(suggestedLinkDistance(Number.NaN, 0.5, 0.25)).toBe(1)
})

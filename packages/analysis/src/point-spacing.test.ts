import { expect, test } from 'vitest'
import { pointSpacing, suggestedLinkDistance } from './point-spacing.ts'
import { cloudOf, plainNearestDistance, seededRandom } from './random-points.fixture.ts'

test('the spacing of a lattice is its step', () => {
  const lattice = cloudOf(90_000, (i) => [
    500_000 + 0.5 * (i % 300),
    5_400_000 + 0.5 * Math.floor(i / 300),
    80,
  ])
  expect(pointSpacing(lattice)).toBeCloseTo(0.5, 4)
})

test('the spacing of a scattered surface is near 0.47 / sqrt(density)', () => {
  const random = seededRandom(51)
  const scattered = cloudOf(40_000, () => [100 * random(), 100 * random(), 0])
  expect(Math.abs(pointSpacing(scattered) / (0.47 / 2) - 1)).toBeLessThan(0.06)
})

test('the spacing is the median over all points where all are in the sample', () => {
  const random = seededRandom(52)
  const points = cloudOf(301, () => [random() ** 3, random(), random()])
  const distances = Array.from(points.x, (_, i) => {
    const others = [...points.x.keys()].filter((k) => k !== i)
    const rest = cloudOf(300, (k) => [points.x[others[k]!]!, points.y[others[k]!]!, points.z[others[k]!]!])
    return plainNearestDistance(rest, points.x[i]!, points.y[i]!, points.z[i]!)
  }).sort((a, b) => a - b)
  expect(pointSpacing(points)).toBeGreaterThan(distances[90]!)
  expect(pointSpacing(points)).toBeLessThan(distances[210]!)
})

test('copies of a point are not its neighbours', () => {
  const doubled = cloudOf(2000, (i) => [3 * Math.floor(i / 2), 0, 0])
  expect(pointSpacing(doubled)).toBeCloseTo(3, 5)
})

test('one place has no spacing, and suggests nothing', () => {
  expect(pointSpacing(cloudOf(5, () => [1, 2, 3]))).toBeNaN()
  expect(suggestedLinkDistance(Number.NaN)).toBeNaN()
  expect(suggestedLinkDistance(Number.NaN, 0.5, 0.25)).toBe(2)
})

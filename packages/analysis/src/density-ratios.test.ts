import { expect, test } from 'vitest'
import { compareClouds } from './compare-clouds.ts'
import { densityRatios } from './density-ratios.ts'
import { pointSpacing } from './point-spacing.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'
import { sampleOf } from './survey-planes.ts'
import { mostShiftPoints } from './survey-shift.ts'

/** Every place of an even scan twice, as of a first and a last return. */
const evenScan = (side: number) =>
  cloudOf(2 * side * side, (i) => [(i >> 1) % side, Math.floor((i >> 1) / side), i % 2 === 0 ? 0 : 0.03])

function split({ x, y, z }: ReturnType<typeof cloudOf>, share: number) {
  const random = seededRandom(4)
  const isThin = Uint8Array.from(x, () => (random() < share ? 1 : 0))
  const picked = (wanted: number) => {
    const of = (values: Float64Array) => values.filter((_, i) => isThin[i] === wanted)
    return { x: of(x), y: of(y), z: of(z) }
  }
  return [picked(1), picked(0)] as const
}

test('an even scan against a tenth of it, which spacings tell badly, is told by its points', () => {
  const [thin, dense] = split(evenScan(120), 0.1)
  const spacings = [pointSpacing(thin), pointSpacing(dense)] as const
  const told = thin.x.length / dense.x.length
  expect(Math.abs((spacings[1] / spacings[0]) ** 2 / told - 1)).toBeGreaterThan(0.2)
  const [atThin, atDense] = densityRatios(thin, dense, { spacings })
  expect(Math.abs(atThin * told - 1)).toBeLessThan(0.05)
  expect(Math.abs(atDense / told - 1)).toBeLessThan(0.05)
})

test('absence goes by that: 270 points of the scan in a hole of the thinned one, where 79 are asked for', async () => {
  const [thin, dense] = split(evenScan(100), 0.1)
  const isLeft = (i: number) => Math.hypot(thin.x[i]! - 50, thin.y[i]! - 50) > 7
  const left = (values: Float64Array) => values.filter((_, i) => isLeft(i))
  const around = { x: left(thin.x), y: left(thin.y), z: left(thin.z) }
  const { absenceB } = await compareClouds(around, dense, { threads: 1, absence: true })
  const centre = dense.x.findIndex((x, i) => x === 50 && dense.y[i] === 50)
  expect(absenceB[centre]! / (270 / 79)).toBeGreaterThan(0.9)
  expect(absenceB[centre]! / (270 / 79)).toBeLessThan(1.1)
})

test('what only one survey has looked at has no say, nor has a hole', () => {
  const random = seededRandom(5)
  const wide = cloudOf(12_000, () => [300 * random(), 100 * random(), 0])
  // As dense, on a third of it, half of which has nothing left.
  const narrow = cloudOf(2000, () => [50 * random(), 100 * random(), 0])
  const [atWide, atNarrow] = densityRatios(wide, narrow, { spacings: [1.6, 1.6] })
  expect(atWide).toBeCloseTo(1, 0)
  expect(atNarrow).toBeCloseTo(1, 0)
})

test('of samples of large surveys, as of the surveys', () => {
  const random = seededRandom(6)
  const place = () => [300 * random(), 300 * random(), 0] as const
  const [thin, dense] = [cloudOf(10_000, place), cloudOf(110_000, place)]
  const samples = [thin, sampleOf(dense, mostShiftPoints)] as const
  expect(samples[1].x.length).toBeLessThan(dense.x.length)
  const pointCounts = [thin.x.length, dense.x.length] as const
  const sources = { spacings: [3, 0.9] as const }
  expect(densityRatios(...samples, { ...sources, pointCounts })).toEqual(densityRatios(thin, dense, sources))
})

test('without a square in common, the spacings have to do', () => {
  const near = cloudOf(100, (i) => [i % 10, Math.floor(i / 10), 0])
  const far = cloudOf(100, (i) => [1000 + 2 * (i % 10), 2 * Math.floor(i / 10), 0])
  expect(densityRatios(near, far, { spacings: [1, 2] })).toEqual([0.25, 4])
})

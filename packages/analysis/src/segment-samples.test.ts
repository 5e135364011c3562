import { expect, test } from 'vitest'
import { atOnce } from './pace.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'
import { noSample, takeSamples } from './segment-samples.ts'

test('points of one cube become their mean, others stay apart, and what does not count is left out', async () => {
  const places = [
    [0.1, 0.1, 0.1],
    [0.3, 0.1, 0.1],
    [7, 7, 7],
    [0.2, 0.2, 0.6],
    [50, 50, 50],
  ] as const
  const points = cloudOf(places.length, (i) => places[i]!)
  const { points: samples, sampleOf } = await takeSamples(points, Uint8Array.of(1, 1, 1, 1, 0), 0.25, atOnce)
  expect([...sampleOf]).toEqual([0, 0, 1, 2, noSample])
  expect(samples.x[0]).toBeCloseTo(0.2, 12)
  expect([...samples.x.subarray(1)]).toEqual([7, 0.2])
})

test('ten thousand cubes are told apart', async () => {
  const random = seededRandom(5)
  const points = cloudOf(20_000, () => [100 * random(), 100 * random(), 100 * random()])
  const { sampleOf, points: samples } = await takeSamples(points, new Uint8Array(20_000).fill(1), 3, atOnce)
  const low = [points.x, points.y, points.z].map((column) => column.reduce((a, b) => Math.min(a, b)))
  const cube = (i: number) =>
    [points.x, points.y, points.z].map((column, axis) => Math.floor((column[i]! - low[axis]!) / 3)).join()
  const names = new Map<number, string>()
  for (let i = 0; i < 20_000; i++) {
    const name = names.get(sampleOf[i]!)
    if (name === undefined) names.set(sampleOf[i]!, cube(i))
    else expect(cube(i)).toBe(name)
  }
  expect(new Set(names.values()).size).toBe(samples.x.length)
})

import { expect, test } from 'vitest'
import { clusterChanges } from './cluster-changes.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

const options = { low: 0.1, high: 0.5, minPoints: 1, linkDistance: 1 }

/** Points on a line, from pairs of x and distance. */
function row(...pairs: readonly (readonly [number, number])[]) {
  const points = cloudOf(pairs.length, (i) => [500_000 + pairs[i]![0], 5_400_000, 100])
  return { points, distance: Float32Array.from(pairs, (pair) => pair[1]) }
}

test('a weak change stays only where it is connected to a strong one', async () => {
  const { points, distance } = row(
    [0, 0.2],
    [0.9, 0.2],
    [1.8, 0.9],
    [2.7, 0.05],
    [10, 0.3],
    [10.5, 0.4],
    [20, 0.6],
  )
  const { cluster, count } = await clusterChanges(points, distance, options)
  expect([...cluster]).toEqual([1, 1, 1, 0, 0, 0, 2])
  expect(count).toBe(2)
})

test('a distance must exceed a threshold, not reach it', async () => {
  const { points, distance } = row([0, 0.5], [5, 0.50001], [5.1, 0.1])
  expect([...(await clusterChanges(points, distance, { ...options, low: 0.25, high: 0.5 })).cluster]).toEqual(
    [0, 1, 0],
  )
})

test('clusters with fewer points than asked are dropped', async () => {
  const { points, distance } = row([0, 1], [0.5, 1], [10, 1], [20, 1], [20.5, 1])
  expect([...(await clusterChanges(points, distance, { ...options, minPoints: 2 })).cluster]).toEqual([
    1, 1, 0, 2, 2,
  ])
})

test('clusters are numbered by size, then by first point', async () => {
  const { points, distance } = row([0, 1], [50, 1], [30, 1], [30.1, 1], [30.2, 1], [50.1, 1], [0.1, 1])
  expect([...(await clusterChanges(points, distance, options)).cluster]).toEqual([2, 3, 1, 1, 1, 3, 2])
})

test('points within the link distance are connected wherever the voxels fall', async () => {
  const random = seededRandom(21)
  for (let round = 0; round < 300; round++) {
    const at = [100 * random(), 100 * random(), 100 * random()] as const
    const [turn, tilt] = [2 * Math.PI * random(), Math.PI * random()]
    const to = (i: number, step: number) => at[i]! + 0.999 * step
    const other = [
      to(0, Math.cos(turn) * Math.sin(tilt)),
      to(1, Math.sin(turn) * Math.sin(tilt)),
      to(2, Math.cos(tilt)),
    ] as const
    const points = cloudOf(2, (i) => (i === 0 ? at : other))
    expect((await clusterChanges(points, Float32Array.of(1, 1), options)).count).toBe(1)
  }
})

test('points more than 3.5 link distances apart are not connected', async () => {
  const { points, distance } = row([0, 1], [3.5, 1])
  expect((await clusterChanges(points, distance, options)).count).toBe(2)
})

test('a point without any counterpart is a change, and no distance at all is none', async () => {
  const { points, distance } = row([0, Infinity], [9, Number.NaN])
  expect([...(await clusterChanges(points, distance, options)).cluster]).toEqual([1, 0])
  expect(
    (
      await clusterChanges(
        cloudOf(0, () => [0, 0, 0]),
        new Float32Array(0),
        options,
      )
    ).count,
  ).toBe(0)
})

test('a hundred thousand changed points in one spot and an outlier far away take no long time', async () => {
  const random = seededRandom(22)
  const points = cloudOf(100_001, (i) => (i === 0 ? [1e6, -1e6, 1e5] : [random(), random(), random()]))
  const { cluster, count } = await clusterChanges(points, new Float32Array(100_001).fill(1), options)
  expect(count).toBe(2)
  expect(cluster[0]).toBe(2)
})

test('options that make no sense are refused with what came', async () => {
  const { points, distance } = row([0, 1])
  const cluster = (change: Partial<typeof options>) =>
    clusterChanges(points, distance, { ...options, ...change })
  await expect(cluster({ low: 0.6 })).rejects.toThrow('expected 0 <= low <= high, got 0.6 and 0.5')
  await expect(cluster({ linkDistance: 0 })).rejects.toThrow('linkDistance must be positive, got 0')
  await expect(clusterChanges(points, new Float32Array(2), options)).rejects.toThrow(
    'expected 1 distances, got 2',
  )
})

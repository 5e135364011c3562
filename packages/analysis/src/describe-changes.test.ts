import { expect, test } from 'vitest'
import { changeScene, heap, heapVolume, truck, truckVolume } from './change-scene.fixture.ts'
import { clusterChanges } from './cluster-changes.ts'
import { compareClouds } from './compare-clouds.ts'
import { describeChanges } from './describe-changes.ts'
import type { PointArrays } from './point-arrays.ts'
import { suggestedLinkDistance } from './point-spacing.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

async function changesBetween(a: PointArrays, b: PointArrays, thresholds?: { low: number; high: number }) {
  const { distanceA, distanceB, spacingA, spacingB } = await compareClouds(a, b, { threads: 1 })
  const cellSize = suggestedLinkDistance(spacingA, spacingB)
  const low = thresholds?.low ?? Math.max(0.15, 0.55 * cellSize)
  const options = { low, high: thresholds?.high ?? 2 * low, minPoints: 20, linkDistance: cellSize }
  const clustersA = await clusterChanges(a, distanceA, options)
  const clustersB = await clusterChanges(b, distanceB, options)
  return describeChanges(a, clustersA, b, clustersB, { cellSize })
}

for (const [density, noise] of [
  [4, 0.03],
  [9, 0.02],
  [25, 0.03],
] as const) {
  test(`at ${density} points/m2 with ${100 * noise} cm noise, a truck that left and a heap that grew have their volumes`, async () => {
    const { a, b } = changeScene(density, noise, 41)
    const changes = (await changesBetween(a, b)).filter(({ volume }) => volume > 1)
    expect(changes.map(({ kind }) => kind)).toEqual(['appeared', 'disappeared'])
    const [grown, gone] = changes as [(typeof changes)[0], (typeof changes)[0]]
    expect(Math.abs(grown.volume / heapVolume - 1)).toBeLessThan(0.1)
    expect(Math.abs(gone.volume / truckVolume - 1)).toBeLessThan(0.1)
    expect(Math.abs(gone.volume - truckVolume)).toBeLessThan(2 * gone.volumeUncertainty95)
    expect(gone.box.size[2]).toBeGreaterThan(truck.height - 0.2)
    expect(gone.box.center[0]).toBeCloseTo(512_000 + truck.x, -1)
    expect(
      Math.hypot(grown.box.center[0] - 512_000 - heap.x, grown.box.center[1] - 5_404_000 - heap.y),
    ).toBeLessThan(2)
    expect(grown.coverage).toBeGreaterThan(0.8)
    expect(grown.pointCount).toBe(grown.indicesA.length + grown.indicesB.length)
    expect(grown.indicesA.length).toBeGreaterThan(0)
  })
}

test('the same scene seen backwards is a truck that came and a heap that went', async () => {
  const { a, b } = changeScene(9, 0.02, 42)
  const kinds = (await changesBetween(b, a)).filter(({ volume }) => volume > 1)
  expect(kinds.map(({ kind }) => kind)).toEqual(['disappeared', 'appeared'])
})

test('a scene scanned twice without change has no change of weight', async () => {
  const { a } = changeScene(9, 0.02, 43)
  const { a: again } = changeScene(9, 0.02, 53)
  for (const { volume } of await changesBetween(a, again)) expect(volume).toBeLessThan(1)
})

test('a block on flat ground has its height times its plan area, and the old ground belongs to it', async () => {
  const flat = (height: number, shift: number) =>
    cloudOf(160 * 160, (i) => {
      const [x, y] = [0.25 * (i % 160) + shift, 0.25 * Math.floor(i / 160) + shift]
      return [x, y, x > 10 && x < 20 && y > 15 && y < 20 ? height : 0]
    })
  const [change, ...others] = await changesBetween(flat(0, 0.125), flat(2, 0.125), { low: 0.5, high: 1 })
  expect(others).toEqual([])
  expect(change).toMatchObject({ id: 1, kind: 'appeared', coverage: 1 })
  expect(Math.abs(change!.volume / 100 - 1)).toBeLessThan(0.03)
  expect(change!.indicesB.length).toBe(800)
  expect(change!.indicesA.length).toBeGreaterThan(400)
  expect(change!.box).toMatchObject({ size: [9.75, 4.75, 0], yawRadians: 0 })
})

test('ground that one epoch did not see, next to an object that came, is taken from the ground around', async () => {
  const random = seededRandom(44)
  const base = cloudOf(40_000, () => [40 * random(), 40 * random(), 0.02 * random()])
  const keep = (inside: (x: number, y: number) => boolean) => {
    const kept = [...base.x.keys()].filter((i) => inside(base.x[i]!, base.y[i]!))
    return cloudOf(kept.length, (k) => [base.x[kept[k]!]!, base.y[kept[k]!]!, base.z[kept[k]!]!])
  }
  // Before: a wall 15 <= x < 17 of height 4 hides the ground behind it up to x = 21. Afterwards nothing stands there.
  const before = keep((x, y) => x < 17 || x > 21 || y < 10 || y > 20)
  const walled = cloudOf(before.x.length, (i) => {
    const [x, y] = [before.x[i]!, before.y[i]!]
    return [x, y, before.z[i]! + (x >= 15 && x < 17 && y > 10 && y < 20 ? 4 : 0)]
  })
  const [change] = await changesBetween(walled, base, { low: 0.6, high: 1 })
  expect(change!.kind).toBe('disappeared')
  expect(Math.abs(change!.volume / 80 - 1)).toBeLessThan(0.1)
  expect(change!.coverage).toBeLessThan(0.7)
})

test('what only one epoch saw at all has a kind but no volume', async () => {
  const random = seededRandom(45)
  const here = cloudOf(500, () => [5 * random(), 5 * random(), random()])
  const none = cloudOf(0, () => [0, 0, 0])
  const [change] = await changesBetween(none, here, { low: 1, high: 2 })
  expect(change).toMatchObject({ kind: 'appeared', volume: Number.NaN, coverage: 0, pointCount: 500 })
  expect((await changesBetween(here, none, { low: 1, high: 2 }))[0]!.kind).toBe('disappeared')
})

test('no clusters are no changes', async () => {
  const points = cloudOf(2, (i) => [i, 0, 0])
  const clusters = { cluster: new Uint32Array(2), count: 0 }
  expect(await describeChanges(points, clusters, points, clusters, { cellSize: 1 })).toEqual([])
  await expect(describeChanges(points, clusters, points, clusters, { cellSize: 0 })).rejects.toThrow(
    RangeError,
  )
})

import { expect, test } from 'vitest'
import { nearestDistances } from './nearest-distances.ts'
import type { PointArrays } from './point-arrays.ts'
import { cloudOf, plainNearestDistance, seededRandom } from './random-points.fixture.ts'
import { readSite4, site4Missing } from './site4.fixture.ts'

const east = 513_000
const north = 5_403_000

function volume(count: number, seed: number, size = 30): PointArrays {
  const random = seededRandom(seed)
  return cloudOf(count, () => [east + size * random(), north + size * random(), 200 + size * random()])
}

function expectSameAsPlain(query: PointArrays, reference: PointArrays, tolerance = 1e-4): void {
  const distance = nearestDistances(query, reference)
  const stride = Math.max(1, Math.floor(query.x.length / 400))
  let worst = 0
  for (let i = 0; i < query.x.length; i += stride) {
    const plain = plainNearestDistance(reference, query.x[i]!, query.y[i]!, query.z[i]!)
    worst = Math.max(worst, Math.abs(distance[i]! - plain) - 1e-7 * plain)
  }
  expect(worst).toBeLessThan(tolerance)
}

test('distances in a filled volume are those of a plain search', () => {
  expectSameAsPlain(volume(5000, 1), volume(6000, 2))
})

test('distances between clusters of very different density are those of a plain search', () => {
  const clustered = (seed: number) => {
    const random = seededRandom(seed)
    return cloudOf(6000, (i) => {
      const spread = 10 ** ((i % 6) - 4)
      const at = (i % 6) * 40
      return [east + at + spread * random(), north - at + spread * random(), spread * random()]
    })
  }
  expectSameAsPlain(clustered(3), clustered(4))
})

test('coplanar, collinear and lattice clouds are no special case', () => {
  const random = seededRandom(5)
  const plane = (z: number) => cloudOf(4000, () => [east + 50 * random(), north + 50 * random(), z])
  const line = (step: number) => cloudOf(3000, (i) => [east + i * step, north, 100])
  const lattice = cloudOf(3375, (i) => [i % 15, Math.floor(i / 15) % 15, Math.floor(i / 225)])
  expectSameAsPlain(plane(200), plane(200.3))
  expectSameAsPlain(line(0.013), line(0.017))
  expectSameAsPlain(line(0.01), plane(101))
  expectSameAsPlain(lattice, lattice)
  expect(Math.max(...nearestDistances(lattice, lattice))).toBe(0)
})

test('many copies of few places give the distances of a plain search', () => {
  const random = seededRandom(6)
  const copies = (places: number) => {
    const of = volume(places, places)
    return cloudOf(20_000, () => {
      const i = Math.floor(random() * places)
      return [of.x[i]!, of.y[i]!, of.z[i]!]
    })
  }
  expectSameAsPlain(copies(7), copies(50))
  expectSameAsPlain(copies(50), volume(500, 8))
  expectSameAsPlain(volume(500, 9), copies(1))
})

test('outliers from 100 m to 1000 km off neither blur the rest nor take long', () => {
  const random = seededRandom(10)
  const withOutliers = (seed: number) => {
    const inner = volume(30_000, seed)
    return cloudOf(30_060, (i) => {
      if (i < 30_000) return [inner.x[i]!, inner.y[i]!, inner.z[i]!]
      const away = 10 ** (2 + (i % 5)) * (i % 2 === 0 ? 1 : -1)
      // Pairs that differ by centimetres although they lie far out.
      return [east + away, north - away + 0.05 * random(), 200 + away]
    })
  }
  const [a, b] = [withOutliers(11), withOutliers(12)]
  expectSameAsPlain(a, b)
  const distance = nearestDistances(a, b)
  for (let i = 30_000; i < 30_060; i++) {
    expect(distance[i]!).toBeCloseTo(plainNearestDistance(b, a.x[i]!, a.y[i]!, a.z[i]!), 4)
  }
})

test('queries far from everything get the exact distance', () => {
  const random = seededRandom(13)
  const far = cloudOf(3000, () => [east + 10_000 + 100 * random(), north + 200 * random(), 200 * random()])
  expectSameAsPlain(far, volume(20_000, 14), 1e-3)
  expectSameAsPlain(volume(3000, 14), far, 1e-3)
})

test('of points that 32 bits cannot tell apart the nearest is found: distances are right to the last bit', () => {
  const random = seededRandom(18)
  // Multiples of the steps in which coordinates are counted, so that nothing is rounded but the distance.
  const inSteps = (size: number) => Math.floor(size * random() * 2 ** 16) / 2 ** 16
  const cloud = (count: number, at: number) =>
    cloudOf(count, () => [east + at + inSteps(30), north + inSteps(30), 200 + inSteps(30)])
  for (const apart of [0, 700, 3000]) {
    const [query, reference] = [cloud(2000, 0), cloud(3000, apart)]
    const distance = nearestDistances(query, reference)
    const expected = distance.map((_, i) =>
      plainNearestDistance(reference, query.x[i]!, query.y[i]!, query.z[i]!),
    )
    expect(distance).toEqual(expected)
  }
})

test('one point, no points', () => {
  const one = cloudOf(1, () => [east, north, 7])
  const other = cloudOf(1, () => [east + 3, north + 4, 7])
  const none = cloudOf(0, () => [0, 0, 0])
  expect([...nearestDistances(one, other)]).toEqual([5])
  expect([...nearestDistances(one, none)]).toEqual([Infinity])
  expect([...nearestDistances(none, one)]).toEqual([])
})

test('a coordinate that is no number is refused with its place', () => {
  const broken = cloudOf(4, (i) => [i, i === 2 ? Number.NaN : 0, 0])
  const endless = cloudOf(4, (i) => [i, 0, i === 3 ? Infinity : 0])
  expect(() => nearestDistances(broken, volume(3, 1))).toThrow(/\(2, NaN, 0\) at point 2/)
  expect(() => nearestDistances(volume(3, 1), endless)).toThrow(RangeError)
})

test('the clouds are not modified', () => {
  const [a, b] = [volume(2000, 15), volume(2000, 16)]
  const copy = structuredClone([a, b])
  nearestDistances(a, b)
  expect([a, b]).toEqual(copy)
})

test.skipIf(site4Missing)(`a real scan has the distances of a plain search${site4Missing ?? ''}`, () => {
  const [before, after] = [readSite4(1), readSite4(2)]
  const distance = nearestDistances(before, after)
  const random = seededRandom(17)
  for (let k = 0; k < 2000; k++) {
    const i = Math.floor(random() * distance.length)
    const plain = plainNearestDistance(after, before.x[i]!, before.y[i]!, before.z[i]!)
    if (!(Math.abs(distance[i]! - plain) < 1e-4)) expect(distance[i]).toBe(plain)
  }
})

import { expect, test } from 'vitest'
import { NearestPlaces } from './nearest-places.ts'
import { buildPointTree } from './point-tree.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

test('the nearest of a cloud are found in their order, none beyond the reach', () => {
  const random = seededRandom(3)
  const points = cloudOf(500, () => [10 * random(), 10 * random(), 3 * random()])
  const tree = buildPointTree(points, { centre: [5, 5, 1], quantum: 2 ** -18 })
  const reach = 1.2
  const nearest = new NearestPlaces(tree, 8, reach)
  for (let i = 0; i < 500; i += 7) {
    const at = [points.x[i]!, points.y[i]!, points.z[i]!] as const
    nearest.search(at[0] - 5, at[1] - 5, at[2] - 1)
    const found = Array.from(nearest.places.subarray(0, nearest.found), (place) => tree.index[place]!)
    const distance = (k: number) =>
      Math.hypot(points.x[k]! - at[0], points.y[k]! - at[1], points.z[k]! - at[2])
    const expected = [...points.x.keys()]
      .sort((a, b) => distance(a) - distance(b))
      .filter((k) => distance(k) < reach)
    expect(found).toEqual(expected.slice(0, 8))
  }
})

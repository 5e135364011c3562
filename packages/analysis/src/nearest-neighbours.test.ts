import { expect, test } from 'vitest'
import { inSteps } from './cloud-frame.ts'
import { NeighbourSearch } from './nearest-neighbours.ts'
import { buildPointTree } from './point-tree.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

test.each([
  ['many places', 2 ** -16],
  // No wider than 8 m, where there are hardly two places.
  ['one place', 2 ** -20],
])('each of the points that coincide is a neighbour, where leaves hold %s', (_, quantum) => {
  const random = seededRandom(61)
  const places = cloudOf(200, () => [100 * random(), 100 * random(), random()])
  const twice = cloudOf(400, (i) => [places.x[i >> 1]!, places.y[i >> 1]!, places.z[i >> 1]!])
  const tree = buildPointTree(twice, { centre: [0, 0, 0], quantum })
  const search = new NeighbourSearch(tree, 8)
  for (let i = 0; i < 200; i++) {
    const place = [places.x[i]!, places.y[i]!, places.z[i]!] as const
    const [x, y, z] = place.map((value) => inSteps(value, quantum)) as [number, number, number]
    const away = (j: number) => Math.hypot(twice.x[j]! - x, twice.y[j]! - y, twice.z[j]! - z)
    const others = [...twice.x.keys()].filter((j) => j >> 1 !== i).map(away)
    others.sort((one, other) => one - other)
    expect(Math.sqrt(search.squaredDistance(x, y, z))).toBeCloseTo(others[7]!, 3)
  }
})

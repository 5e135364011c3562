import { expect, test } from 'vitest'
import { frameOf } from './cloud-frame.ts'
import { nearestDistancesOfNodes } from './nearest-distances.ts'
import { NeighbourSearch } from './nearest-neighbours.ts'
import { evenSample, type PointArrays } from './point-arrays.ts'
import { buildPointTree } from './point-tree.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

/** Coordinates as LAS has them: whole millimetres far from the origin. */
function terrain(count: number, seed: number): PointArrays {
  const random = seededRandom(seed)
  const millimetres = (value: number) => Math.round(1000 * value) / 1000
  return cloudOf(count, () => [
    millimetres(513_000 + 400 * random()),
    millimetres(5_403_000 + 400 * random()),
    millimetres(200 + 3 * random()),
  ])
}

function partOf(cloud: PointArrays, isIn: (x: number) => boolean): { part: PointArrays; numbers: number[] } {
  const numbers = [...cloud.x.keys()].filter((i) => isIn(cloud.x[i]!))
  const of = (values: Float64Array) => Float64Array.from(numbers, (i) => values[i]!)
  return { part: { x: of(cloud.x), y: of(cloud.y), z: of(cloud.z) }, numbers }
}

function distances(query: PointArrays, reference: PointArrays, frame: ReturnType<typeof frameOf>) {
  const [tree, other] = [buildPointTree(query, frame), buildPointTree(reference, frame)]
  const distance = new Float32Array(query.x.length)
  nearestDistancesOfNodes(tree, other, distance, 0, tree.nodeCount)
  return distance
}

test('in the frame of the whole, parts of clouds have the distances of the whole to the last bit', () => {
  const [a, b] = [terrain(30_000, 1), terrain(20_000, 2)]
  const frame = frameOf([a, b])
  const whole = distances(a, b, frame)
  const { part, numbers } = partOf(a, (x) => x < 513_150)
  const nearby = partOf(b, (x) => x < 513_200).part
  expect(distances(part, nearby, frame)).toEqual(Float32Array.from(numbers, (i) => whole[i]!))
})

test('neighbours that are taken from one tree after another are those of one tree', () => {
  const cloud = terrain(20_000, 3)
  const frame = frameOf([cloud])
  const west = partOf(cloud, (x) => x < 513_200).part
  const east = partOf(cloud, (x) => x >= 513_200).part
  const search = (points: PointArrays) => new NeighbourSearch(buildPointTree(points, frame), 16)
  const [inWest, inEast, inAll] = [search(west), search(east), search(cloud)]
  for (let k = 0; k < 200; k++) {
    const place = [k - 100, 0, 0] as const
    const [nearest, expected] = [new Float64Array(16).fill(Infinity), new Float64Array(16).fill(Infinity)]
    inWest.take(...place, nearest)
    inEast.take(...place, nearest)
    inAll.take(...place, expected)
    expect(nearest).toEqual(expected)
  }
})

test('steps are a hundredth of a millimetre at most, and finer where points lie closer', () => {
  expect(frameOf([terrain(1000, 4)]).quantum).toBe(2 ** -16)
  const bunny = cloudOf(100_000, (i) => [(i % 317) * 5e-4, Math.floor(i / 317) * 5e-4, 0.1])
  const { quantum } = frameOf([bunny])
  expect(quantum).toBeLessThan(1e-9)
  expect(Number.isInteger(Math.log2(quantum))).toBe(true)
})

test('a sample of every so manieth point begins with the first', () => {
  const { x } = evenSample(
    cloudOf(10, (i) => [i, 0, 0]),
    4,
  )
  expect([...x]).toEqual([0, 4, 8])
})

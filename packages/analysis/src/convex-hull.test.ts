import { expect, test } from 'vitest'
import { convexHull } from './convex-hull.ts'
import { seededRandom } from './random-points.fixture.ts'

test('points within, and beside the edges of a hull, change none of its corners', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 50; round++) {
    const corners = convexHull(...columns(60, () => [Math.round(100 * random()), Math.round(100 * random())]))
    const cornerByChance = () => corners[Math.floor(random() * corners.length)]!
    const inner = Array.from({ length: 200 }, () => {
      const [[ax, ay], [bx, by], quarters] = [cornerByChance(), cornerByChance(), Math.floor(4 * random())]
      return [ax + ((bx - ax) * quarters) / 4, ay + ((by - ay) * quarters) / 4] as const
    })
    const all = [...inner, ...corners]
    expect(convexHull(...columns(all.length, (i) => all[i]!))).toEqual(corners)
  }
})

test('coinciding and collinear points have a hull of one and of two corners', () => {
  expect(convexHull(...columns(9, () => [3, 4]))).toEqual([[3, 4]])
  expect(convexHull(...columns(9, (i) => [i, 2 * i]))).toEqual([
    [0, 0],
    [8, 16],
  ])
  expect(convexHull(...columns(0, () => [0, 0]))).toEqual([])
})

function columns(
  count: number,
  place: (i: number) => readonly [number, number],
): [Float64Array, Float64Array] {
  const places = Array.from({ length: count }, (_, i) => place(i))
  return [Float64Array.from(places, ([x]) => x), Float64Array.from(places, ([, y]) => y)]
}

import { expect, test } from 'vitest'
import { SiteBlocks } from './site-blocks.ts'

const gap = 1000
type Place = [x: number, y: number]

/** So many points on the diagonal of a square of so many metres. */
const diagonal = (count: number, [x, y]: Place, side: number) =>
  Array.from({ length: count }, (_, i): Place => [x + (i * side) / (count - 1), y + (i * side) / (count - 1)])

function siteOf(places: readonly Place[], batch = places.length) {
  const blocks = new SiteBlocks(gap)
  for (let from = 0; from < places.length; from += batch) {
    const some = places.slice(from, from + batch)
    const column = (axis: 0 | 1) => Float64Array.from(some, (place) => place[axis])
    blocks.add({ x: column(0), y: column(1) }, some.length)
  }
  return blocks.site()
}

test('a few points far off are apart, in whatever order points come', () => {
  const places = [...diagonal(500, [100, 200], 4500), [1e9, -1e9], [1e9, 1e9], [100, 1e6]] as Place[]
  const site = { bounds: { min: [100, 200], max: [4600, 4700] }, apart: 3 }
  expect(siteOf(places)).toEqual(site)
  expect(siteOf(places.toReversed(), 7)).toEqual(site)
})

test('what has a hundredth of the points is of the site, and what lies between its parts', () => {
  const parts = [...diagonal(400, [0, 0], 500), ...diagonal(5, [90_000, 90_000], 10)]
  expect(siteOf([...parts, [50_000, 40_000], [50_000, -40_000]])).toEqual({
    bounds: { min: [0, 0], max: [90_010, 90_010] },
    apart: 1,
  })
})

test('points strewn so that no group of them is a hundredth have no site', () => {
  expect(siteOf(diagonal(200, [0, 0], 1e6))).toBeUndefined()
})

/** Areas whose outlines are known, of samples on a lattice. */
import { expect, test } from 'vitest'
import { type BuildingOutline, buildingOutlines } from './building-outlines.ts'
import { classAreas } from './class-areas.ts'
import { areaOfRing } from './outline-rings.ts'
import { atOnce } from './pace.ts'
import { seededRandom } from './random-points.fixture.ts'
import { pointSpacing } from './point-spacing.ts'
import { SeenGround } from './seen-ground.ts'
import { segmentOptions } from './segment-options.ts'

type Place = readonly [number, number, number]

/** Sixteen samples a square metre where `isIn` is, at the height that it says. */
function samplesOf(heightAt: (x: number, y: number) => number | undefined): Place[] {
  const random = seededRandom(5)
  return Array.from({ length: 16 * 30 * 30 }, () => [30 * random(), 30 * random()]).flatMap(([x, y]) => {
    const z = heightAt(x!, y!)
    return z === undefined ? [] : [[x!, y!, z] as const]
  })
}
const within = (value: number, from: number, to: number) => value > from && value < to

async function areasOf(places: Place[], { areBuildings = false, ground = [] as [number, number][] } = {}) {
  const column = (axis: 0 | 1 | 2) => Float64Array.from(places, (place) => place[axis])
  const points = { x: column(0), y: column(1), z: column(2) }
  const seenGround = SeenGround.within([0, 0], [30, 30], 0.5)
  for (const [x, y] of ground) seenGround.add(x, y)
  const segment = segmentOptions()
  const spacing = pointSpacing(points) || 0
  const given = { areBuildings, segment, spacing, seenGround, fewestSamples: 8, pace: atOnce }
  const outlines: BuildingOutline[] = []
  const inAreas: number[] = []
  for await (const { areas, samples } of classAreas(points, given)) {
    outlines.push(...buildingOutlines(areas))
    inAreas.push(...samples.map(({ length }) => length))
  }
  return { outlines, inAreas }
}

test('areas apart from each other are apart, with their outlines, heights and samples, however far that is', async () => {
  const near = samplesOf((x, y) =>
    within(y, 5, 15) ? (within(x, 3, 11) ? 2 : within(x, 14, 20) ? 7 : undefined) : undefined,
  )
  const far = near.flatMap(([x, y, z]): Place[] => (z === 2 ? [[x + 4e7, y - 4e7, 5]] : []))
  const { outlines, inAreas } = await areasOf([...near, ...far])
  expect(outlines.map(({ outer }) => Math.round(areaOfRing(outer) / 5) * 5).sort()).toEqual([60, 80, 80])
  expect(outlines.map(({ height }) => height).sort()).toEqual([2, 5, 7])
  expect(inAreas.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0.99 * (near.length + far.length))
})

test('a courtyard with ground in it stays open, one in which nothing was seen is closed', async () => {
  const frame = samplesOf((x, y) => {
    const isYard = within(x, 12, 18) && within(y, 12, 18)
    return within(x, 5, 25) && within(y, 5, 25) && !isYard ? 4 : undefined
  })
  const elsewhere: [number, number] = [1, 1]
  const open = await areasOf(frame, { ground: [elsewhere, [15, 15]] })
  expect(open.outlines.map(({ inner }) => inner.length)).toEqual([1])
  const closed = await areasOf(frame, { ground: [elsewhere] })
  expect(closed.outlines.map(({ inner }) => inner.length)).toEqual([0])
})

test('walls far below a roof, and beside it, do not widen the outline of a building', async () => {
  const roof = samplesOf((x, y) => (within(x, 8, 18) && within(y, 8, 18) ? 9 : undefined))
  const random = seededRandom(8)
  const walls = Array.from(
    { length: 400 },
    (): Place => [18 + 0.45 * random(), 8 + 10 * random(), 5 * random()],
  )
  const { outlines } = await areasOf([...roof, ...walls], { areBuildings: true })
  expect(outlines).toHaveLength(1)
  const bare = (await areasOf(roof, { areBuildings: true })).outlines[0]!
  expect(Math.abs(areaOfRing(outlines[0]!.outer) - areaOfRing(bare.outer))).toBeLessThan(0.5)
  expect(Math.abs(areaOfRing(bare.outer) - 100)).toBeLessThan(3)
})

test('what is one cell wide has an outline too, and a few stray samples are no area', async () => {
  const diagonal = Array.from({ length: 200 }, (_, i): Place => [5 + i / 20, 5 + i / 20, 1])
  const stray: Place[] = [
    [25, 25, 1],
    [25.1, 25, 1],
  ]
  const { outlines } = await areasOf([...diagonal, ...stray])
  expect(outlines).toHaveLength(1)
  expect(areaOfRing(outlines[0]!.outer)).toBeGreaterThan(0)
})

test('no samples are no areas', async () => {
  expect((await areasOf([])).outlines).toEqual([])
})

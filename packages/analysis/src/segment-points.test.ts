/** Ideal things on level ground, each of which has to be what it was made as. */
import { expect, test } from 'vitest'
import { GroundRaster } from './ground-raster.ts'
import { groundOptions } from './ground-options.ts'
import { groundSurface } from './ground-surface.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'
import { segmentClass } from './segment-classes.ts'
import { segmentOptions } from './segment-options.ts'
import { type SegmentStage, segmentPoints } from './segment-points.ts'

type Place = readonly [number, number, number]
const side = 40
/** In their order; what is in one is counted to its end, whatever there is to be found. */
const stages = ['heights', 'thin', 'measure', 'roofs', 'footprints', 'wires', 'poles', 'classes']

/** Sixteen points of ground for each square metre but where something stands, then the thing; `scale`: units of a metre. */
async function classesOf(
  thing: Place[],
  isCovered: (x: number, y: number) => boolean = () => false,
  scale = 1,
) {
  const random = seededRandom(11)
  const ground: Place[] = []
  for (let i = 0; i < 16 * side * side; i++) {
    const [x, y] = [side * random(), side * random()]
    if (!isCovered(x, y)) ground.push([x, y, 0.03 * random()])
  }
  const all = [...ground, ...thing]
  const points = cloudOf(all.length, (i) => all[i]!.map((value) => value * scale) as unknown as Place)
  const options = groundOptions(scale)
  const raster = new GroundRaster({
    min: [0, 0],
    max: [side * scale, side * scale],
    cellSize: options.cellSize,
    heightOrigin: 0,
  })
  raster.add(points.x, points.y, points.z)
  const surface = await groundSurface(raster, options)
  const told = new Map<SegmentStage, { done: number; total: number }>()
  const onAdvance = (stage: SegmentStage, done: number, total: number) =>
    told.set(stage, { done: (told.get(stage)?.done ?? 0) + done, total })
  const { classes } = await segmentPoints(points, surface, segmentOptions(scale), { onAdvance })
  expect([...told.keys()]).toEqual(stages)
  for (const [stage, { done, total }] of told) expect(done, stage).toBe(total)
  const share = (code: number) =>
    classes.subarray(ground.length).reduce((sum, one) => sum + (one === code ? 1 : 0), 0) / thing.length
  const falsely = (code: number) => classes.subarray(0, ground.length).filter((one) => one === code).length
  return { share, falsely }
}

const isBetween = (value: number, low: number, high: number) => value > low && value < high
const spread = (count: number, place: (random: () => number) => Place) => {
  const random = seededRandom(4)
  return Array.from({ length: count }, () => place(random))
}

test.each([
  ['level', 0],
  ['sloping', 0.4],
  ['steep', 1.2],
])('a %s roof is a building, in metres and in feet', async (_, slope) => {
  const roof = spread(1200, (random) => {
    const [x, y] = [12 + 10 * random(), 15 + 8 * random()]
    return [x, y, 5 + slope * (y - 15) + 0.04 * random()]
  })
  const isCovered = (x: number, y: number) => isBetween(x, 12, 22) && isBetween(y, 15, 23)
  for (const scale of [1, 1 / 0.3048]) {
    const { share, falsely } = await classesOf(roof, isCovered, scale)
    expect(share(segmentClass.building)).toBeGreaterThan(0.98)
    expect(falsely(segmentClass.building)).toBe(0)
  }
})

test('a ball of leaves is vegetation', async () => {
  const crown = spread(1500, (random) => {
    const [angle, up, radius] = [2 * Math.PI * random(), 2 * random() - 1, 3 * Math.cbrt(random())]
    const across = radius * Math.sqrt(1 - up * up)
    return [20 + across * Math.cos(angle), 20 + across * Math.sin(angle), 7 + radius * up]
  })
  const { share } = await classesOf(crown)
  expect(share(segmentClass.highVegetation)).toBeGreaterThan(0.97)
  expect(share(segmentClass.building)).toBe(0)
})

test('a catenary is a wire, also where two hang side by side', async () => {
  const wires = [18, 20].flatMap((y) =>
    Array.from({ length: 80 }, (_, i): Place => [i / 2, y, 8 + 3 * Math.cosh((i / 2 - 20) / 20)]),
  )
  const { share } = await classesOf(wires)
  expect(share(segmentClass.wire)).toBeGreaterThan(0.95)
})

test('an upright row of points is a pole where it stands alone, and a trunk below a crown is none', async () => {
  const pole = Array.from({ length: 25 }, (_, i): Place => [20, 20, 0.8 + 0.25 * i])
  expect((await classesOf(pole)).share(segmentClass.pole)).toBe(1)
  const crown = spread(600, (random) => [18 + 4 * random(), 18 + 4 * random(), 7 + 3 * random()])
  expect((await classesOf([...pole, ...crown])).share(segmentClass.pole)).toBe(0)
})

test('a car is neither building nor vegetation', async () => {
  const car = spread(200, (random) => [20 + 4 * random(), 20 + 1.8 * random(), 1.45 + 0.04 * random()])
  const { share } = await classesOf(car)
  expect(share(segmentClass.building) + share(segmentClass.highVegetation)).toBe(0)
})

test('what was aborted rejects with the reason', async () => {
  const points = cloudOf(1000, (i) => [i % 40, Math.floor(i / 40), i % 7])
  const raster = new GroundRaster({ min: [0, 0], max: [40, 40], cellSize: 1, heightOrigin: 0 })
  raster.add(points.x, points.y, points.z)
  const surface = await groundSurface(raster, groundOptions())
  const reason = new Error('enough')
  const running = segmentPoints(points, surface, segmentOptions(), { signal: AbortSignal.abort(reason) })
  await expect(running).rejects.toBe(reason)
})

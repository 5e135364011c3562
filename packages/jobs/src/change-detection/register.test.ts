import { join } from 'node:path'
import { movedPlace, movePoints, type RigidMotion, rotationBy, type Vector } from '@alidade/analysis'
import { jobWarnings } from '@alidade/contract'
import { writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import { readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import {
  corner,
  heap,
  heapVolume,
  randomNumbers,
  type Surface,
  withHeap,
  bare,
} from './two-surveys.fixture.ts'

const side = 50
/** Containers on the field, in rows that leave the heap free. */
const stacked =
  (surface: Surface): Surface =>
  (x, y) => {
    const isInside = x % 12 < 5 && y % 9 < 3 && Math.hypot(x - heap.x, y - heap.y) > 10
    return surface(x, y) + (isInside ? 2.5 : 0)
  }
const level: Surface = () => 100

/** By half a degree and 0.3 m. */
const misplaced: RigidMotion = {
  pivot: [corner.east + side / 2, corner.north + side / 2, 100],
  rotation: rotationBy([0.1, -0.15, 0.5].map((degrees) => (degrees * Math.PI) / 180) as unknown as Vector),
  translation: [0.2, -0.2, 0.1],
}

/** A survey with 1 cm noise, moved as it stands; its points in order, as they were before. */
async function survey(surface: Surface, seed: number, motion?: RigidMotion) {
  const random = randomNumbers(seed)
  const count = 4 * side * side
  const points = { x: new Float64Array(count), y: new Float64Array(count), z: new Float64Array(count) }
  for (let i = 0; i < count; i++) {
    const [u, v] = [side * random(), side * random()]
    points.x[i] = corner.east + u
    points.y[i] = corner.north + v
    points.z[i] = surface(u, v) + 0.02 * (random() - 0.5)
  }
  const before = { x: points.x.slice(), y: points.y.slice(), z: points.z.slice() }
  if (motion) movePoints(points, motion)
  const path = join(await temporaryFolder(), `${seed}.las`)
  await writeLasPoints(path, points, { crs: { epsg: 32632 }, createdAt: new Date(0) })
  return { path, before }
}

const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'segmentedModel3DB']
const options = { registration: 'rigid' }

test('registered, a survey that was turned, tilted and shifted shows the one heap that came, in the place of the earlier survey', async () => {
  const a = await survey(stacked(bare), 1)
  const b = await survey(stacked(withHeap), 2, misplaced)
  const run = await runJob(a.path, b.path, { outputs, options })
  expect(run.warnings.map(({ code }) => code)).toEqual(['Surveys_Registered'])
  const { params, message } = run.warnings[0]!
  expect(params).toHaveLength(jobWarnings.Surveys_Registered.params.length)
  expect(message).not.toMatch(/%\d|NaN|Infinity/)

  const features = await run.features()
  expect(features.map(({ properties }) => properties.label)).toEqual(['appeared'])
  expect(Number(features[0]!.properties.volumeCubicMetres)).toBeGreaterThan(0.9 * heapVolume)
  expect(Number(features[0]!.properties.volumeCubicMetres)).toBeLessThan(1.1 * heapVolume)
  const [box] = [...(await run.scene()).Annotations!.Objects3D!.Objects.values()]
  const { xmin, xmax, ymin, ymax } = box!.RotatedBox3D.Box3D
  expect(Math.abs((xmin + xmax) / 2 - corner.east - heap.x)).toBeLessThan(0.5)
  expect(Math.abs((ymin + ymax) / 2 - corner.north - heap.y)).toBeLessThan(0.5)

  const written = await readCloud(run.path('segmentedModel3DB', 'segmentedModel3DB.las'))
  for (const axis of ['x', 'y', 'z'] as const) {
    const left = written[axis].map((value, i) => Math.abs(value - b.before[axis][i]!))
    expect(Math.max(...left)).toBeLessThan(0.05)
  }
  expect(written.header.bounds.min[2]).toBe(Math.min(...written.z))
})

test('everything of a record but its place stays as it was', async () => {
  const a = await survey(stacked(bare), 3)
  const b = await survey(stacked(bare), 4, misplaced)
  const run = await runJob(a.path, b.path, { outputs: ['segmentedModel3DB'], options })
  const [came, left] = [
    await readCloud(b.path),
    await readCloud(run.path('segmentedModel3DB', 'segmentedModel3DB.las')),
  ]
  const restOf = ({ header, records }: typeof came, i: number) =>
    records.subarray(
      i * header.pointRecordLength + 12,
      i * header.pointRecordLength + came.header.pointRecordLength,
    )
  for (let i = 0; i < came.header.pointCount; i += 97) expect(restOf(left, i)).toEqual(restOf(came, i))
  const i = 1000
  const place = movedPlace(misplaced, [left.x[i]!, left.y[i]!, left.z[i]!])
  expect(Math.hypot(place[0] - came.x[i]!, place[1] - came.y[i]!, place[2] - came.z[i]!)).toBeLessThan(0.05)
})

test('on a level plain nothing is sure: registration is refused by name, and the results are of the surveys as they came', async () => {
  const a = await survey(level, 5)
  const b = await survey((x, y) => level(x, y) + 0.1, 6)
  const plain = await runJob(a.path, b.path, { outputs })
  const asked = await runJob(a.path, b.path, { outputs, options })
  expect(plain.warnings.map(({ code }) => code)).toEqual(['Surveys_Shifted'])
  expect(asked.warnings.map(({ code }) => code)).toEqual(['Registration_Refused', 'Surveys_Shifted'])
  expect(await asked.files()).toEqual(await plain.files())
})

test('surveys that lie upon each other are told so, and nothing is moved', async () => {
  const [a, b] = [await survey(stacked(bare), 7), await survey(stacked(withHeap), 8)]
  const run = await runJob(a.path, b.path, { outputs, options: { registration: 'translation' } })
  expect(run.warnings.map(({ code }) => code)).toEqual(['Registration_Unneeded'])
  const written = await readCloud(run.path('segmentedModel3DB', 'segmentedModel3DB.las'))
  expect(written.x).toEqual((await readCloud(b.path)).x)
})

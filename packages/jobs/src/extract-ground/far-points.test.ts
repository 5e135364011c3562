// A few points far off the site, as errors of measurement are: they are rest, and all others are as if they were not there.
import { alsBasicDetector } from '@alidade/contract'
import { expect, test } from 'vitest'
import { divided } from '../run-divided.fixture.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d/segmentation-3d.ts'
import { extractGround } from './extract-ground.ts'
import { readSegmented } from './read-segmented.fixture.ts'
import { terrain, writeTerrain } from './terrain.fixture.ts'

const outputs = ['segmentedPointCloud']
const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
/** So many points are enough here. */
const count = 5000
const whole = terrain()
const made = {
  ...whole,
  x: whole.x.slice(0, count),
  y: whole.y.slice(0, count),
  z: whole.z.slice(0, count),
}
/** One to the east, and one so far off on both axes that a raster of all would have 10^12 cells. */
const strayed = {
  ...made,
  x: [...made.x, made.x[0]! + 1e6, made.x[1]! + 5e5],
  y: [...made.y, made.y[0]!, made.y[1]! + 1e6],
  z: [...made.z, made.z[0]!, made.z[1]!],
}

test.each([
  { name: 'extractGround', type: extractGround },
  { name: 'divided extractGround', type: divided(extractGround, { fromPoints: 4000 }) },
  { name: 'segmentation3D', type: segmentation3D, detectors },
])('$name gives all other points what it gives them without', async ({ type, ...using }) => {
  const folder = await temporaryFolder()
  const classesOf = async (path: string, warnings: string[]) => {
    const detectors = using.detectors ?? {}
    const job = await runJobType(type, { inputs: { pointClouds: path }, outputs, detectors })
    expect(job.warnings.map(({ code }) => code)).toEqual(warnings)
    return (await readSegmented(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))).classes
  }
  const plain = await classesOf(await writeTerrain(folder, 'plain.las', made), [])
  const far = await classesOf(await writeTerrain(folder, 'far.las', strayed), ['Points_Apart'])
  expect([...far.subarray(count)]).toEqual([1, 1])
  expect(Buffer.compare(far.subarray(0, count), plain)).toBe(0)
  expect(new Set(plain).size).toBeGreaterThan(1)
})

test('what a cloud with far points is expected to take is that of its site, and the run counts what was planned', async () => {
  const path = await writeTerrain(await temporaryFolder(), 'far.las', strayed)
  const pointClouds = await inspectedFiles(path)
  const { signal } = new AbortController()
  const { faults, memoryMegabytes } = await extractGround.inspect({ pointClouds }, outputs, signal, {})
  expect(faults).toEqual([])
  expect(memoryMegabytes).toBeLessThan(600)
  const planned = await extractGround.plan({ inputs: { pointClouds }, outputs, threads: 1 })
  const seconds = planned.reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  expect(seconds).toBeLessThan(60)
  const { steps } = await runJobType(extractGround, { inputs: { pointClouds: path }, outputs, threads: 1 })
  const named = (parts: readonly { step: string; part?: string | undefined }[]) =>
    parts.map(({ step, part }) => `${step} ${part}`)
  expect(named(steps)).toEqual(named(planned.filter(({ total }) => total > 0)))
  for (const { done, total, part } of steps) expect(done, part).toBe(total)
})

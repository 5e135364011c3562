// A divided run finds what an undivided one does, wherever the edges of its tiles are.
import { alsBasicDetector } from '@alidade/contract'
import { parseContextScene } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { PlannedRun, Tile } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { inspectedFiles, type JobRun, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { segmentation3D } from './segmentation-3d.ts'
import { houses, lamps, town, trees, wires, writeTown } from './town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const outputs = ['segmentedPointCloud', 'segmentation3D', 'objects3D', 'lines3D', 'polygons3D']
const options = { saveConfidence: true, computeLineWidth: true }

/** Everything in a scene that has a place, without its id, rounded to a millimetre, in an order of its own. */
async function thingsIn(job: JobRun, output: string): Promise<string[]> {
  const { Annotations } = parseContextScene(await job.read(output, 'ContextScene.json'))
  const all = [
    ...(Annotations!.Objects3D?.Objects.values() ?? []),
    ...(Annotations!.Lines3D?.Lines.values() ?? []),
    ...(Annotations!.Polygons3D?.Polygons.values() ?? []),
  ]
  const text = (thing: unknown) =>
    JSON.stringify(thing, (_key, value) => {
      if (value instanceof Map) return [...value.values()]
      return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
    })
  return all.map(text).sort()
}

test('the classes, confidences and vectors of an undivided run come of any number of tiles, through whatever these cut', async () => {
  const made = town()
  const path = await writeTown(await temporaryFolder(), 'town.las', made)
  const run = (type: typeof segmentation3D) =>
    runJobType(type, { inputs: { pointClouds: path }, outputs, detectors, options })
  const whole = await run(segmentation3D)
  const clouds = await whole.read('segmentedPointCloud', 'segmentedPointCloud.las')
  const things = new Map<string, string[]>()
  for (const output of outputs.slice(2)) things.set(output, await thingsIn(whole, output))
  expect([...things.values()].map(({ length }) => length)).toEqual([
    houses.length + trees.length + lamps.length,
    wires.length,
    houses.length,
  ])
  for (const wanted of [4, 16]) {
    let tiles: Tile[] = []
    const fromPoints = (4 * made.x.length) / wanted
    const onTiles = (all: Tile[]) => {
      tiles = all
    }
    const job = await run(divided(segmentation3D, { fromPoints, onTiles }))
    expect(tiles).toHaveLength(wanted)
    await expectPlanned(job, path, tiles)
    expect((await job.read('segmentedPointCloud', 'segmentedPointCloud.las')).equals(clouds)).toBe(true)
    for (const [output, expected] of things) expect(await thingsIn(job, output), output).toEqual(expected)
    expect(await job.read('segmentation3D', 'ContextScene.json')).toEqual(
      await whole.read('segmentation3D', 'ContextScene.json'),
    )
  }
})

/** Parts were counted to their ends, in the order of their plan. */
async function expectPlanned({ steps }: JobRun, path: string, tiles: Tile[]): Promise<void> {
  const run: PlannedRun = {
    ...{ inputs: { pointClouds: await inspectedFiles(path) }, outputs, threads: 1, options, detectors },
  }
  const { planDivide, planMerge } = segmentation3D.division!
  const { parts, laterSeconds } = await planDivide(run)
  expect(laterSeconds).toBeGreaterThan(0)
  const planned = [...parts, { part: 'tiles' }, ...(await planMerge(run, tiles))]
  expect(steps.map(({ part }) => part)).toEqual(planned.map(({ part }) => part))
  for (const { part, done, total } of steps) expect(done, part).toBe(total)
}

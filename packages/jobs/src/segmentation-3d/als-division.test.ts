// A run in tiles finds what one piece does, as far as nothing reaches farther than they see; and tiles are a matter of the cloud
// alone, so that a divided job writes the bytes of one that is not.
import { alsBasicDetector } from '@alidade/contract'
import { expect, test } from 'vitest'
import { readSegmented } from '../extract-ground/read-segmented.fixture.ts'
import type { JobType, PlannedRun, Tile } from '../job-type.ts'
import { divided } from '../run-divided.fixture.ts'
import { inspectedFiles, type JobRun, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { alsAnalysisOf } from './als-analysis.ts'
import { alsDivisionOf } from './als-division.ts'
import { segmentation3D } from './segmentation-3d.ts'
import { thingsIn } from './things-in-scene.fixture.ts'
import { everyNth, houses, lamps, town, towns, trees, wideTown, wires, writeTown } from './town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const outputs = ['segmentedPointCloud', 'segmentation3D', 'objects3D', 'lines3D', 'polygons3D']
/** On a machine that may have other work. */
const patienceMs = 120_000
const options = { saveConfidence: true, computeLineWidth: true }
const { declaration } = segmentation3D

/** With tiles small enough for a small cloud. */
function inTilesOf(tilePoints: number): JobType {
  return { declaration, ...alsAnalysisOf(tilePoints) }
}

test(
  'what one piece shows comes of eight tiles, through whatever these cut',
  async () => {
    const made = wideTown()
    const path = await writeTown(await temporaryFolder(), 'town.las', made)
    const run = (type: JobType) =>
      runJobType(type, { inputs: { pointClouds: path }, outputs, detectors, options })
    const whole = await run(segmentation3D)
    const cloud = await cloudOf(whole)
    const things = new Map<string, string[]>()
    for (const output of outputs.slice(2)) things.set(output, await thingsIn(whole, output))
    expect([...things.values()].map(({ length }) => length)).toEqual([
      towns * (houses.length + trees.length + lamps.length) + 1,
      towns * wires.length + 1,
      towns * houses.length + 1,
    ])
    let tiles: Tile[] = []
    const type = inTilesOf(made.x.length / 8)
    const onTiles = (all: Tile[]) => {
      tiles = all
    }
    const job = await run(divided(type, { fromPoints: Infinity, onTiles }))
    expect(tiles).toHaveLength(8)
    await expectPlanned(job, type, path, tiles)
    const { records, confidences } = await cloudOf(job)
    expect(records.equals(cloud.records)).toBe(true)
    // Surroundings are measured from the middle of the samples of a tile, with numbers of 32 bits.
    const off = confidences.map((value, i) => Math.abs(value - cloud.confidences[i]!))
    expect(off.reduce((most, value) => Math.max(most, value))).toBeLessThan(1.01 / 255)
    expect(off.filter((value) => value > 0).length).toBeLessThan(1e-4 * off.length)
    for (const [output, expected] of things) expect(await thingsIn(job, output), output).toEqual(expected)
    expect(await job.read('segmentation3D', 'ContextScene.json')).toEqual(
      await whole.read('segmentation3D', 'ContextScene.json'),
    )
  },
  patienceMs,
)

test('a divided job writes the bytes of an undivided one, wherever jobs are divided from', async () => {
  const made = everyNth(town(), 2)
  const path = await writeTown(await temporaryFolder(), 'town.las', made)
  const points = made.x.length
  const type = inTilesOf(points / 2)
  const job = { inputs: { pointClouds: path }, outputs, detectors, options }
  const undivided = await (await runJobType(type, job)).files()
  let tiles: Tile[] = []
  const onTiles = (all: Tile[]) => {
    tiles = all
  }
  const fromPoints = points / 3
  const run = await runJobType(divided(asTasks(type), { fromPoints, onTiles }), { ...job, threads: 2 })
  expect(tiles).toHaveLength(2)
  const files = await run.files()
  expect([...files.keys()]).toEqual([...undivided.keys()])
  for (const [name, bytes] of files) expect(bytes.equals(undivided.get(name)!), name).toBe(true)
  const planning = { inputs: { pointClouds: await inspectedFiles(path) }, outputs, threads: 2 }
  expect(await type.division!.planDivide(planning, fromPoints)).toMatchObject({ tiles: 2 })
})

/** What the dividing tells of its tiles goes through the store. */
function asTasks({ division, ...type }: JobType): JobType {
  const { divide } = division!
  const stored: typeof divide = async (...given) => JSON.parse(JSON.stringify(await divide(...given)))
  return { ...type, division: { ...division!, divide: stored } }
}

test('clouds of more points than jobs are divided from are divided, but for those of one tile', async () => {
  const pointClouds = await inspectedFiles(await writeTown(await temporaryFolder(), 'town.las'))
  const points = town().x.length
  const run = { inputs: { pointClouds }, outputs, threads: 1 }
  const { isLarge } = alsDivisionOf(points / 2)
  expect(await isLarge(run, points - 1)).toBe(true)
  expect(await isLarge(run, points)).toBe(false)
  expect(await alsDivisionOf(points).isLarge(run, 1)).toBe(false)
})

/** Records without their confidence, which stands last, and the confidences. */
async function cloudOf(job: JobRun): Promise<{ records: Buffer; confidences: Float32Array }> {
  const path = job.path('segmentedPointCloud', 'segmentedPointCloud.las')
  const { header, records } = await readSegmented(path)
  const { pointCount, pointRecordLength: length } = header
  const at = (i: number) => (i + 1) * length - 4
  const confidences = Float32Array.from({ length: pointCount }, (_, i) => records.readFloatLE(at(i)))
  for (let i = 0; i < pointCount; i++) records.fill(0, at(i), at(i) + 4)
  return { records, confidences }
}

/** Parts were counted to their ends, in the order of their plan. */
async function expectPlanned(
  { steps }: JobRun,
  { division }: JobType,
  path: string,
  tiles: Tile[],
): Promise<void> {
  const run: PlannedRun = {
    ...{ inputs: { pointClouds: await inspectedFiles(path) }, outputs, threads: 1, options, detectors },
  }
  const { planDivide, planMerge } = division!
  const { parts, laterSeconds } = await planDivide(run, 1e5)
  expect(laterSeconds).toBeGreaterThan(0)
  const planned = [...parts, { part: 'tiles' }, ...(await planMerge(run, tiles))]
  expect(steps.map(({ part }) => part)).toEqual(planned.map(({ part }) => part))
  for (const { part, done, total } of steps) expect(done, part).toBe(total)
}

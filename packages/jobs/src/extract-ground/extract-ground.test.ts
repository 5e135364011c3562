import { expect, test } from 'vitest'
import { runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d/segmentation-3d.ts'
import { extractGround } from './extract-ground.ts'
import { readSegmented, withoutClasses } from './read-segmented.fixture.ts'
import { compressed, terrain, writeRandomRecords, writeTerrain } from './terrain.fixture.ts'

const outputs = ['segmentedPointCloud']
const resultOf = (run: { path(output: string, name: string): string }, name = 'segmentedPointCloud.las') =>
  readSegmented(run.path('segmentedPointCloud', name))
const run = (pointClouds: string | string[], more: object = {}) =>
  runJobType(extractGround, { inputs: { pointClouds }, outputs, ...more })

test('ground is class 2 and everything that stands on it class 1', async () => {
  const made = terrain()
  const { classes, header } = await resultOf(
    await run(await writeTerrain(await temporaryFolder(), 'hill.las', made)),
  )
  expect(header.pointCount).toBe(made.truth.length)
  expect(new Set(classes)).toEqual(new Set([1, 2]))
  const wrong = made.truth.filter((truth, i) => truth !== classes[i]).length
  expect(wrong / made.truth.length).toBeLessThan(0.02)
})

test('the classes that a cloud comes with play no part', async () => {
  const folder = await temporaryFolder()
  const made = terrain()
  const [plain, ...scrambled] = await Promise.all(
    [0, 1, 2].map(async (k) => {
      const classification = made.x.map((_, i) => (k === 0 ? 0 : (i * (k + 6)) % 32))
      const path = await writeTerrain(folder, `${k}.las`, made, { classification })
      return (await resultOf(await run(path))).records
    }),
  )
  for (const records of scrambled) expect(records.equals(plain!)).toBe(true)
})

test.each([
  [0, 0],
  [1, 0],
  [2, 3],
  [3, 0],
  [6, 0],
  [7, 5],
] as const)(
  'of point format %i with %i extra bytes every record stays in its place and as it was, but for its class',
  async (pointFormat, extra) => {
    const path = await writeRandomRecords(await temporaryFolder(), pointFormat, extra)
    const [before, after] = [await readSegmented(path), await resultOf(await run(path))]
    expect(after.header.pointFormat).toBe(pointFormat)
    expect(withoutClasses(after).equals(withoutClasses(before))).toBe(true)
    expect(new Set(after.classes)).toEqual(new Set([1, 2]))
    expect(new Set(before.classes).size).toBeGreaterThan(20)
  },
)

test('of several files each becomes one, in order, and all are looked at as one cloud', async () => {
  const folder = await temporaryFolder()
  const made = terrain()
  const whole = await resultOf(await run(await writeTerrain(folder, 'whole.las', made)))
  const half = Math.floor(made.x.length / 2)
  const part = (name: string, from: number, to: number) =>
    writeTerrain(folder, name, {
      x: made.x.slice(from, to),
      y: made.y.slice(from, to),
      z: made.z.slice(from, to),
      truth: [],
    })
  const parts = [await part('b.las', 0, half), await part('a.las', half, made.x.length)]
  const job = await run(parts)
  const names = ['segmentedPointCloud-1-b.las', 'segmentedPointCloud-2-a.las']
  expect([...(await job.files()).keys()]).toEqual(names.map((name) => `segmentedPointCloud/${name}`))
  const classes = await Promise.all(names.map(async (name) => (await resultOf(job, name)).classes))
  expect(Buffer.concat(classes)).toEqual(Buffer.from(whole.classes))
})

test('of several LAZ files, whose records stay in memory meanwhile, each gets its own', async () => {
  const folder = await temporaryFolder()
  const parts = await Promise.all(
    [1, 2].map(async (seed) => compressed(await writeTerrain(folder, `${seed}.las`, terrain(seed)))),
  )
  const job = await run(parts)
  for (const [i, part] of parts.entries()) {
    const after = await resultOf(job, `segmentedPointCloud-${i + 1}-${i + 1}.laz`)
    expect(withoutClasses(after).equals(withoutClasses(await readSegmented(part)))).toBe(true)
    expect(new Set(after.classes)).toEqual(new Set([1, 2]))
  }
})

test('as segmentation3D with the detector @alidade/ground it writes the same bytes', async () => {
  const pointClouds = await writeTerrain(await temporaryFolder(), 'hill.las')
  const ground = await (await run(pointClouds)).files()
  const detectors = {
    pointCloudSegmentationDetector: { library: { name: '@alidade/ground', version: '1.0' } },
  }
  const job = await runJobType(segmentation3D, { inputs: { pointClouds }, outputs, detectors })
  expect(await job.files()).toEqual(ground)
})

test.each([
  [{ library: { name: '@acme/trees', version: '1.0' } }, '@acme/trees'],
  [{ library: { name: 'constructor', version: '1.0' } }, 'constructor'],
  [{}, 'in a reality data'],
])('a detector that is no analysis of ours is refused by its name: %o', async (detector, name) => {
  const pointClouds = await writeTerrain(await temporaryFolder(), 'hill.las')
  const detectors = { pointCloudSegmentationDetector: detector }
  const jobMessage = {
    code: 'Detector_Unsuitable',
    params: ['pointCloudSegmentationDetector', name, '@alidade/ground'],
  }
  await expect(run(pointClouds, { detectors })).rejects.toMatchObject({ jobMessage })
  const { faults } = await extractGround.inspect({}, outputs, new AbortController().signal, {}, detectors)
  expect(faults.map(({ error }) => error)).toMatchObject([jobMessage])
})

test('a cancelled run ends within a second, whatever it is at', async () => {
  const pointClouds = await writeTerrain(await temporaryFolder(), 'hill.las')
  for (const step of ['Read_Clouds', 'Find_Ground', 'Write_Results']) {
    const cancelling = new AbortController()
    let cancelledAt = Number.NaN
    const onReport = (report: { step: string }) => {
      if (report.step !== step || cancelling.signal.aborted) return
      cancelledAt = performance.now()
      cancelling.abort(new Error('cancelled'))
    }
    await expect(run(pointClouds, { signal: cancelling.signal, onReport })).rejects.toThrow('cancelled')
    expect(performance.now() - cancelledAt).toBeLessThan(1000)
  }
})

import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { expect, test } from 'vitest'
import { withWaveforms } from '../point-clouds/waveforms.fixture.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { extractGround } from './extract-ground.ts'
import { planExtractGround } from './step-costs.ts'
import { changedCopy, writeTerrain } from './terrain.fixture.ts'

const signal = new AbortController().signal
const outputs = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAS']
const hill = async () => writeTerrain(await temporaryFolder(), 'hill.las')

async function inspect(path: string, options: Record<string, string> = {}, wanted = outputs) {
  const pointClouds = await inspectedFiles(path)
  return extractGround.inspect({ pointClouds }, wanted, signal, options)
}

async function cloudOf(x: number[], crs?: { epsg: number } | { wkt: string }): Promise<string> {
  const path = join(await temporaryFolder(), 'cloud.las')
  const columns = { x, y: x.map((_, i) => i), z: x.map(() => 1) }
  await writeLasPoints(path, columns, { scale: 0.1, ...(crs && { crs }) })
  return path
}

test('a good cloud has neither faults nor warnings, and what it takes is told', async () => {
  const path = await hill()
  const inspection = await inspect(path)
  expect(inspection).toMatchObject({ faults: [], warnings: [] })
  const written = [
    ...(await (await runJobType(extractGround, { inputs: { pointClouds: path }, outputs })).files()).values(),
  ]
  const bytes = written.reduce((sum, { length }) => sum + length, 0)
  expect(inspection.resultBytes).toBeGreaterThanOrEqual(bytes)
  expect(inspection.resultBytes - bytes).toBeLessThan(2e6 * outputs.length)
  expect(inspection.memoryMegabytes).toBeGreaterThan(100)
})

test('a cloud without a system is taken for one in metres, and the job says so', async () => {
  const { faults, warnings } = await inspect(await cloudOf([1, 2, 3]))
  expect([faults, warnings.map(({ code }) => code)]).toEqual([[], ['Unit_Assumed']])
})

test.each([
  ['Crs_Missing', { exportSrs: 'EPSG:25832' }],
  ['InputData_Invalid', { exportSrs: 'EPSG:999999' }],
])('exports that cannot be put where exportSrs says are refused as %s', async (code, options) => {
  const { faults } = await inspect(await cloudOf([1, 2, 3]), options)
  expect(faults.map(({ option, error }) => [option, error.code])).toEqual([['exportSrs', code]])
  expect((await inspect(await cloudOf([1, 2, 3]), options, ['segmentedPointCloud'])).faults).toEqual([])
})

test.each([
  [['segmentedPointCloud'], ['exportSrs']],
  [['segmentation3D', 'exportedPolygons3DGeoJSON'], ['exportSrs']],
  [['segmentedPointCloud', 'exportedSegmentation3DPLY'], []],
  [['exportedLocations3DSHP'], []],
])('exportSrs has no effect where no output is in its system: %j', async (outputs, expected) => {
  const path = await cloudOf([1, 2, 3], { epsg: 32632 })
  const ignored = async (exportSrs: string) => {
    const { warnings } = await inspect(path, { exportSrs }, outputs)
    return warnings.filter(({ code }) => code === 'Option_Ignored').flatMap(({ params }) => params)
  }
  expect([await ignored('EPSG:25832'), await ignored(' ')]).toEqual([expected, []])
})

test('points far off a site are refused before they make a raster that no memory holds', async () => {
  const path = await cloudOf([0, 1e8], { epsg: 32632 })
  const bytes = await readFile(path)
  bytes.writeDoubleLE(1e8, 195) // the largest y
  await writeFile(path, bytes)
  const { faults } = await inspect(path)
  expect(faults.map(({ input, error }) => [input, error.code])).toEqual([
    ['pointClouds', 'InputData_Invalid'],
  ])
  expect(faults[0]!.error.message).toContain('100000001 by 100000001')
})

test('a file that LAZ cannot hold is named, and what to ask for instead', async () => {
  const { las: waveforms } = await withWaveforms(await hill())
  const pointClouds = await inspectedFiles(await hill(), waveforms)
  const asked = ['exportedSegmentation3DLAZ', 'exportedSegmentation3DLAS']
  const { faults } = await extractGround.inspect({ pointClouds }, asked, signal, {})
  expect(faults.map(({ output }) => output)).toEqual(['exportedSegmentation3DLAZ'])
  expect(faults[0]!.error.message).toContain(`${basename(waveforms)} has points of format 9`)
  expect(faults[0]!.error.message).toContain('ask for LAS')
})

test('a file with a point so far outside of the bounds that its header states that no raster reaches it is damaged', async () => {
  const path = await changedCopy(await hill(), 'outlier.las', (bytes) => {
    const points = bytes.readUInt32LE(96)
    bytes.writeInt32LE(2 ** 31 - 1, points)
    bytes.writeInt32LE(2 ** 31 - 1, points + 4)
  })
  const run = runJobType(extractGround, {
    inputs: { pointClouds: path },
    outputs,
    memoryLimitMegabytes: 4000,
  })
  await expect(run).rejects.toMatchObject({
    jobMessage: {
      code: 'InputData_Corrupt',
      params: ['outlier.las', 'pointClouds', expect.stringContaining('bounds')],
    },
  })
})

test('the run counts what was planned, step by step and in full', async () => {
  const path = await hill()
  const planned = await planExtractGround({
    inputs: { pointClouds: await inspectedFiles(path) },
    outputs,
    threads: 2,
  })
  const { steps } = await runJobType(extractGround, { inputs: { pointClouds: path }, outputs, threads: 2 })
  expect(steps.map(({ step, part, total }) => [step, part, total])).toEqual(
    planned.map(({ step, part, total }) => [step, part, total]),
  )
  for (const { done, total, part } of steps) expect(done, part).toBe(total)
})

test('what is asked for in more formats costs more, and what is not written nothing', async () => {
  const pointClouds = await inspectedFiles(await hill())
  const writing = async (outputs: string[], options = {}) =>
    (await planExtractGround({ inputs: { pointClouds }, outputs, threads: 1, options }))
      .filter(({ step }) => step === 'Write_Results')
      .reduce((sum, { total, secondsEach }) => sum + total * secondsEach, 0)
  const [cloud, both] = [await writing(['segmentedPointCloud']), await writing(outputs)]
  expect(both).toBeGreaterThan(cloud)
  expect(await writing(outputs, { exportSrs: 'EPSG:4326' })).toBeGreaterThan(both)
})

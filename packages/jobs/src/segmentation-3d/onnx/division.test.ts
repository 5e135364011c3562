import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node } from '../../detector/onnx.fixture.ts'
import { terrain, writeRandomRecords } from '../../extract-ground/terrain.fixture.ts'
import type { JobType, StepReport, Tile } from '../../job-type.ts'
import { divided } from '../../run-divided.fixture.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import { floats, modelOf, writeDetector } from './point-model.fixture.ts'

const features = [
  ...['x', 'y', 'z', 'heightAboveLowest', 'heightAboveGround'],
  ...['red', 'blue', 'intensity', 'returnNumber', 'normalX', 'normalZ'],
]

/** Scores that depend on all that a block is: on its middle, mean and lowest height, on the points beside one, and on their order. */
function modelOfBlocks(): Uint8Array {
  const weights = features.flatMap((_, f) => [Math.sin(f), Math.cos(2 * f), Math.sin(3 * f + 1)])
  return modelOf(
    [
      node('MatMul', ['points', 'w'], ['own']),
      node('ReduceSum', ['points'], ['sum']),
      node('MatMul', ['sum', 'v'], ['common']),
      node('Add', ['own', 'common'], ['scores']),
    ],
    features.length,
    [floats('w', [features.length, 3], weights), floats('v', [1, 3], [0.001, -0.002, 0.0015])],
  )
}

const input = {
  features,
  ...{ voxelSizeMetres: 0.7, blockSizeMetres: 9, overlapMetres: 3.3, points: 150 },
  normalisation: { x: { divide: 5 }, y: { divide: 5 }, returnNumber: { divide: 8 } },
}
const outputs = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAZ']

/** Two files of one place: the first point of a voxel may be in either. One point alone shows that colours have 16 bits. */
async function site() {
  const folder = await temporaryFolder()
  const clouds: string[] = []
  for (const seed of [1, 2]) {
    const own = join(folder, String(seed))
    await mkdir(own)
    clouds.push(await darkened(await writeRandomRecords(own, 7, 0, terrain(seed)), seed === 1))
  }
  const { detectors } = await writeDetector(folder, modelOfBlocks(), { input })
  return { inputs: { pointClouds: clouds }, detectors, options: { saveConfidence: true } }
}

/** The high bytes of all colours are nought, but of the first point where it is to stay `bright`. Places are those of LAS 1.4. */
async function darkened(path: string, bright: boolean): Promise<string> {
  const bytes = await readFile(path)
  const [from, length] = [bytes.readUInt32LE(96), bytes.readUInt16LE(105)]
  for (let at = from + (bright ? length : 0); at < bytes.length; at += length)
    for (const high of [31, 33, 35]) bytes[at + high] = 0
  await writeFile(path, bytes)
  return path
}

test('a divided run writes the bytes of an undivided one, whatever the number of tiles and threads', async () => {
  const job = { ...(await site()), outputs }
  const whole = await (await runJobType(segmentation3D, job)).files()
  expect([...whole.keys()]).toHaveLength(5)
  const { planDivide, planMerge } = segmentation3D.division!
  const pointClouds = await inspectedFiles(...job.inputs.pointClouds)
  const planning = { ...job, inputs: { pointClouds }, threads: 1 }
  const numbers: number[] = []
  for (const [fromPoints, threads] of [
    [70_000, 2],
    [36_000, 1],
  ] as const) {
    let made: Tile[] = []
    const reports = new Map<string, StepReport>()
    const type: JobType = divided(segmentation3D, {
      fromPoints,
      onTiles: (tiles) => {
        made = tiles
      },
    })
    const onReport = (report: StepReport) => reports.set(`${report.step} ${report.part}`, report)
    const run = await runJobType(type, { ...job, threads, onReport })
    const files = await run.files()
    for (const [name, bytes] of whole) expect(files.get(name)?.equals(bytes), name).toBe(true)
    for (const { part, done, total } of reports.values()) expect(done, part).toBe(total)
    const planned = [
      ...(await planDivide(planning, fromPoints)).parts,
      { part: 'tiles' },
      ...(await planMerge(planning, made)),
    ]
    expect(run.steps.map(({ part }) => part)).toEqual(planned.map(({ part }) => part))
    numbers.push(made.length)
  }
  expect(numbers).toEqual([2, 4])
}, 120_000)

test('tiles and their memory are planned, and so are the parts that each of them counts', async () => {
  const { inputs, detectors } = await site()
  const pointClouds = await inspectedFiles(...inputs.pointClouds)
  const run = { inputs: { pointClouds }, outputs, threads: 2, detectors, options: {} }
  const { isLarge, planDivide, planMerge } = segmentation3D.division!
  expect(await isLarge(run, 32_399)).toBe(true)
  expect(await isLarge(run, 32_400)).toBe(false)
  const { parts, tiles, laterSeconds } = await planDivide(run, 16_200)
  expect(tiles).toBe(8)
  expect(parts[0]).toMatchObject({ step: 'Prepare_Production', part: 'trial' })
  expect(laterSeconds).toBeGreaterThan(0)
  expect((await planMerge(run, [])).every(({ step }) => step === 'Write_Results')).toBe(true)
})

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node } from '../../detector/onnx.fixture.ts'
import { writeRandomRecords } from '../../extract-ground/terrain.fixture.ts'
import type { JobType, StepReport, Tile } from '../../job-type.ts'
import { divided } from '../../run-divided.fixture.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import { everyNth, town } from '../town.fixture.ts'
import { floats, modelOf, writeDetector } from './point-model.fixture.ts'

const features = [
  ...['x', 'y', 'z', 'heightAboveLowest', 'heightAboveGround'],
  ...['red', 'blue', 'intensity', 'returnNumber', 'normalX', 'normalZ'],
]

/** One class gives way to the next at these heights above the ground, or near them. */
const heights = [1.5, 5, 8]
const labels = [
  { id: 0, name: 'ground', classification: 2 },
  { id: 1, name: 'low', classification: 40, object: true, contour: true },
  { id: 2, name: 'crowns', classification: 5, object: true },
  { id: 3, name: 'high', classification: 6, object: true, contour: true, line: true },
]

/** Scores that also depend on all that a block is: on its middle, mean and lowest height, on the points beside one, and on their order. */
function modelOfBlocks(): Uint8Array {
  const slopes = labels.map((_, label) => 2 * label)
  const offsets = labels.map(
    (_, label) => -2 * heights.slice(0, label).reduce((sum, height) => sum + height, 0),
  )
  const weights = features.flatMap((feature, f) =>
    slopes.map((slope, label) => (feature === 'heightAboveGround' ? slope : 0.05 * Math.sin(f + 2 * label))),
  )
  return modelOf(
    [
      node('MatMul', ['points', 'w'], ['rising']),
      node('Add', ['rising', 'offsets'], ['own']),
      node('ReduceSum', ['points'], ['sum']),
      node('MatMul', ['sum', 'v'], ['common']),
      node('Add', ['own', 'common'], ['scores']),
    ],
    features.length,
    [
      floats('w', [features.length, labels.length], weights),
      floats('offsets', [labels.length], offsets),
      floats('v', [1, labels.length], [1e-5, -2e-5, 1.5e-5, 0]),
    ],
  )
}

const input = {
  features,
  ...{ voxelSizeMetres: 0.7, blockSizeMetres: 9, overlapMetres: 3.3, points: 150 },
  normalisation: { x: { divide: 5 }, y: { divide: 5 }, returnNumber: { divide: 8 } },
}
const vectors = ['objects3D', 'lines3D', 'polygons3D']
const outputs = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAZ', ...vectors]
const points = everyNth(town(), 3).x.length

/** Two files of one place: the first point of a voxel may be in either. One point alone shows that colours have 16 bits. */
async function site() {
  const folder = await temporaryFolder()
  const clouds: string[] = []
  for (const first of [0, 3]) {
    const own = join(folder, String(first))
    await mkdir(own)
    clouds.push(await darkened(await writeRandomRecords(own, 7, 0, everyNth(town(), 6, first)), first === 0))
  }
  const { detectors } = await writeDetector(folder, modelOfBlocks(), { labels, input })
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

/** A scene with its numbers to the micrometre: boxes around what edges cut are those of other points of the same hull. */
function rounded(scene: Buffer): string {
  // As a text: members have an order there.
  const round = (_key: string, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value
  return JSON.stringify(JSON.parse(String(scene)), round)
}

test('a divided run writes the bytes of an undivided one, and the same vectors in the same order, whatever the number of tiles and threads', async () => {
  const job = { ...(await site()), outputs }
  const whole = await (await runJobType(segmentation3D, job)).files()
  expect([...whole.keys()]).toHaveLength(8)
  const { planDivide, planMerge } = segmentation3D.division!
  const pointClouds = await inspectedFiles(...job.inputs.pointClouds)
  const planning = { ...job, inputs: { pointClouds }, threads: 1 }
  const numbers: number[] = []
  for (const [fromPoints, threads] of [
    [2 * points, 2],
    [points, 1],
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
    for (const [name, bytes] of whole) {
      const found = files.get(name)!
      if (/^(objects|lines|polygons)3D/.test(name)) expect(rounded(found), name).toBe(rounded(bytes))
      else expect(found.equals(bytes), name).toBe(true)
    }
    expect(run.steps.find(({ part }) => part === 'join')?.total).toBeGreaterThan(0)
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
  expect(await isLarge(run, points - 1)).toBe(true)
  expect(await isLarge(run, points)).toBe(false)
  const { parts, tiles, laterSeconds } = await planDivide(run, points / 2)
  expect(tiles).toBe(8)
  expect(parts[0]).toMatchObject({ step: 'Prepare_Production', part: 'trial' })
  expect(laterSeconds).toBeGreaterThan(0)
  expect((await planMerge(run, [])).every(({ step }) => step === 'Write_Results')).toBe(true)
})

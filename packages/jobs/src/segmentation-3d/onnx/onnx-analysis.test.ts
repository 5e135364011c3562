import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { node } from '../../detector/onnx.fixture.ts'
import { readPlaces, readSegmented, withoutClasses } from '../../extract-ground/read-segmented.fixture.ts'
import { corner, terrain, withNarrowBounds, writeTerrain } from '../../extract-ground/terrain.fixture.ts'
import { JobError } from '../../job-error.ts'
import type { PartCost, StepReport } from '../../job-type.ts'
import { inspectedFiles, type JobToRun, runJobType, temporaryFolder } from '../../run-job.fixture.ts'
import { segmentation3D } from '../segmentation-3d.ts'
import {
  floats,
  heightModel,
  int64s,
  labels,
  modelOf,
  transposedHeightModel,
  wideningModel,
  writeDetector,
} from './point-model.fixture.ts'

const site = terrain()
const outputs = ['segmentedPointCloud']

async function run(
  model?: Uint8Array,
  changes: Record<string, unknown> = {},
  more: Partial<JobToRun> & { cloud?: string } = {},
) {
  const folder = await temporaryFolder()
  const { detectors } = await writeDetector(folder, model, changes)
  const { cloud = await writeTerrain(folder, 'site.las', site), ...job } = more
  return runJobType(segmentation3D, { inputs: { pointClouds: cloud }, outputs, detectors, ...job })
}

const bytesOf = async (...how: Parameters<typeof run>) =>
  (await run(...how)).read('segmentedPointCloud', 'segmentedPointCloud.las')

let plainFiles: Promise<Map<string, Buffer>> | undefined
/** All that comes of the model of heights, with nothing said of blocks: of one run for all tests. */
const plainRun = () => {
  const all = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAZ']
  plainFiles ??= run(undefined, {}, { outputs: all }).then((job) => job.files())
  return plainFiles
}
const plain = async () => (await plainRun()).get('segmentedPointCloud/segmentedPointCloud.las')!

async function segmentedIn(bytes: Buffer) {
  const path = join(await temporaryFolder(), 'cloud')
  await writeFile(path, bytes)
  return readSegmented(path)
}

const problemOf = (...how: Parameters<typeof run>) =>
  run(...how).then(
    () => 'no problem',
    (error: unknown) => {
      if (!(error instanceof JobError)) throw error
      return `${error.jobMessage.code} ${error.jobMessage.params.join(' | ')}`
    },
  )

test('a model of heights above ground tells ground, the low house and the high one, and nothing else of the points changes', async () => {
  const folder = await temporaryFolder()
  const cloud = await writeTerrain(folder, 'site.las', site)
  const segmented = await segmentedIn(await plain())
  let [ground, low, high] = [0, 0, 0]
  for (const [i, code] of segmented.classes.entries()) {
    const [u, v] = [site.x[i]! - corner[0], site.y[i]! - corner[1]]
    if (v > 74) continue // trees, of any height
    const isHigh = u > 55 && u < 70 && v > 40 && v < 60
    const expected = site.truth[i] === 2 ? 2 : isHigh ? 6 : 4
    // A voxel may have points of the ground and of a wall, but not of two heights here.
    expect(code).toBe(expected)
    if (expected === 2) ground++
    else if (isHigh) high++
    else low++
  }
  expect(Math.min(ground, low, high)).toBeGreaterThan(200)
  expect(withoutClasses(segmented)).toEqual(withoutClasses(await readSegmented(cloud)))
})

test('a model that sees each point by itself finds the same in blocks of any size, in any layout, by any number of threads', async () => {
  const input = (values: object) => ({ input: values })
  const cut = input({ blockSizeMetres: 7, overlapMetres: 3.5 })
  expect(await bytesOf(heightModel(), cut, { threads: 2 })).toEqual(await plain())
  expect(await bytesOf(heightModel(), input({ blockSizeMetres: 500, points: 100 }))).toEqual(await plain())
  const batch = { arrangement: 'batch-points-features', blockSizeMetres: 20 }
  expect(await bytesOf(heightModel(333, true), input(batch))).toEqual(await plain())
  const byFeature = {
    features: ['intensity', 'heightAboveGround'],
    ...{ arrangement: 'batch-features-points', blockSizeMetres: 11 },
  }
  const layout = { layout: 'scores-of-points' }
  expect(await bytesOf(transposedHeightModel(256), { ...layout, ...input(byFeature) })).toEqual(await plain())
})

test('under a header of too small bounds it finds the same, and the job says so', async () => {
  const cloud = await withNarrowBounds(await writeTerrain(await temporaryFolder(), 'site.las', site))
  const job = await run(heightModel(), {}, { cloud })
  expect(job.warnings.map(({ code }) => code)).toEqual(['Bounds_Exceeded'])
  expect((await job.read('segmentedPointCloud', 'segmentedPointCloud.las')).equals(await plain())).toBe(true)
})

test('all points of a voxel get the class of its first, and its confidence where that is asked for', async () => {
  const job = await run(
    heightModel(),
    { input: { voxelSizeMetres: 3 } },
    { options: { saveConfidence: true } },
  )
  const { header, records, classes } = await readSegmented(
    job.path('segmentedPointCloud', 'segmentedPointCloud.las'),
  )
  const field = header.extraBytes.find(({ name }) => name === 'confidence')!
  expect(field.type).toBe('float32')
  const places = await readPlaces(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))
  const ofVoxel = new Map<string, string>()
  for (const [i, code] of classes.entries()) {
    const inVoxels = [places.x[i]!, places.y[i]!, places.z[i]!].map((value) => value / 3)
    if (inVoxels.some((value) => Math.abs(value - Math.round(value)) < 1e-6)) continue // on an edge
    const voxel = inVoxels.map(Math.floor).join()
    const confidence = records.readFloatLE(i * header.pointRecordLength + field.offsetBytes)
    expect(confidence).toBeGreaterThan(1 / 3)
    expect(confidence).toBeLessThanOrEqual(1)
    const told = `${code} ${confidence}`
    ofVoxel.set(voxel, ofVoxel.get(voxel) ?? told)
    expect(told).toBe(ofVoxel.get(voxel))
  }
  expect(ofVoxel.size).toBeLessThan(classes.length / 5)
})

test('points outside of the region are left out, and those inside keep their class and confidence', async () => {
  const folder = await temporaryFolder()
  const clipPolygon = join(folder, 'region.geojson')
  const square = [
    [10, 10],
    [65, 10],
    [65, 60],
    [10, 60],
    [10, 10],
  ].map(([u, v]) => [corner[0] + u!, corner[1] + v!])
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
  await writeFile(clipPolygon, JSON.stringify({ type: 'Polygon', crs, coordinates: [square] }))
  const pointClouds = await writeTerrain(folder, 'site.las', site)
  const recordsOf = async (inputs: JobToRun['inputs']) => {
    const job = await run(heightModel(), {}, { inputs, options: { saveConfidence: true } })
    const path = job.path('segmentedPointCloud', 'segmentedPointCloud.las')
    const { header, records } = await readSegmented(path)
    const length = header.pointRecordLength
    return Array.from({ length: header.pointCount }, (_, i) =>
      records.subarray(i * length, (i + 1) * length).toString('hex'),
    )
  }
  const whole = new Set(await recordsOf({ pointClouds }))
  const clipped = await recordsOf({ pointClouds, clipPolygon })
  expect(clipped.length / whole.size).toBeCloseTo((55 * 50) / (90 * 90), 1)
  expect(clipped.filter((record) => !whole.has(record))).toEqual([])
})

test('confidences are counted among what results take on the disk', async () => {
  const pointClouds = await inspectedFiles(await writeTerrain(await temporaryFolder(), 'site.las', site))
  const { detectors } = await writeDetector(await temporaryFolder())
  const bytes = async (options: JobToRun['options']) => {
    const { signal } = new AbortController()
    return (await segmentation3D.inspect({ pointClouds }, outputs, signal, options!, detectors)).resultBytes
  }
  expect((await bytes({ saveConfidence: true })) - (await bytes({}))).toBe(4 * site.x.length)
})

test('probabilities are taken as they are', async () => {
  const softmax = [node('Softmax', ['logits'], ['scores'])]
  const logits = [
    node('MatMul', ['points', 'slopes'], ['rising']),
    node('Add', ['rising', 'offsets'], ['logits']),
  ]
  const weights = [floats('slopes', [1, 3], [0, 4, 8]), floats('offsets', [3], [0, -6, -36])]
  const model = modelOf([...logits, ...softmax], 1, weights)
  expect(await bytesOf(model, { scores: 'probabilities' })).toEqual(await plain())
})

test('features come in the order of the manifest, and as it normalises them', async () => {
  const features = ['returnNumber', 'normalZ', 'heightAboveGround', 'x']
  const normalisation = { heightAboveGround: { subtract: 2, divide: 4 }, x: { divide: 1e9 } }
  // Only the third number counts: 4 of it and 2 are the height again.
  const weights = [
    floats('w', [4, 3], [0, 0, 0, 0, 0, 0, 0, 16, 32, 0, 0, 0]),
    floats('b', [3], [0, 8 - 6, 16 - 36]),
  ]
  const model = modelOf(
    [node('MatMul', ['points', 'w'], ['wx']), node('Add', ['wx', 'b'], ['scores'])],
    4,
    weights,
  )
  const told = await readSegmented(
    (await run(model, { input: { features, normalisation } })).path(
      'segmentedPointCloud',
      'segmentedPointCloud.las',
    ),
  )
  const { classes } = await segmentedIn(await plain())
  const differing = told.classes.filter((code, i) => code !== classes[i]).length
  // Single precision may put one that lies on the line on its other side.
  expect(differing).toBeLessThanOrEqual(1)
})

test('the scene names the labels by their class codes, and refers to the cloud', async () => {
  const files = await plainRun()
  const scene = JSON.parse(files.get('segmentation3D/ContextScene.json')!.toString())
  expect(scene.Annotations.Labels).toEqual({
    2: { Name: 'ground' },
    4: { Name: 'middle' },
    6: { Name: 'high' },
  })
  const exported = await segmentedIn(files.get('exportedSegmentation3DLAZ/exportedSegmentation3DLAZ.laz')!)
  expect(exported.classes).toEqual((await segmentedIn(await plain())).classes)
})

test('every voxel of every block is counted, in the parts of the plan', async () => {
  const { steps } = await run(heightModel(), {
    input: { features: ['normalX'], blockSizeMetres: 20, overlapMetres: 5 },
  })
  for (const { done, total } of steps) expect(done).toBe(total)
  const [normals, voxels] = steps.filter(({ step }) => step === 'Classify_Points')
  expect(normals!.part).toBe('normals')
  expect(voxels!.total).toBeGreaterThan(normals!.total)
})

test('what a voxel is going to take of a slow model is told before the first point is read', async () => {
  const cloud = await writeTerrain(await temporaryFolder(), 'site.las', site)
  const reports: StepReport[] = []
  const onReport = (report: StepReport) => reports.push(report)
  await run(wideningModel(1000), {}, { cloud, onReport })
  const told = reports.findIndex(({ ahead }) => ahead !== undefined)
  expect(reports.slice(0, told + 1).every(({ step }) => step === 'Prepare_Production')).toBe(true)
  const costOf = (parts: readonly PartCost[]) => parts.find(({ part }) => part === 'voxels')!.secondsEach
  const pointClouds = await inspectedFiles(cloud)
  const guessed = await segmentation3D.plan({
    ...{ inputs: { pointClouds }, outputs, threads: 1 },
    detectors: (await writeDetector(await temporaryFolder())).detectors,
  })
  expect(costOf(reports[told]!.ahead!)).toBeGreaterThan(2 * costOf(guessed))
})

test('scores that are none end the job with the detector named', async () => {
  const nought = modelOf([node('Log', ['points'], ['logs']), node('Mul', ['logs', 'all'], ['scores'])], 1, [
    floats('all', [3], [1, 2, 3]),
  ])
  // Heights below the ground have no logarithm.
  expect(await problemOf(nought)).toMatch(
    /^Detector_Failed detector\.zip \| point \d+ and class 0 have the score NaN\.$/,
  )
})

test('a model that the engine refuses ends the job, and what the engine said is told without where the file lies', async () => {
  const shapeless = modelOf([node('MatMul', ['points', 'w'], ['scores'])], 1, [
    floats('w', [5, 3], Array(15).fill(0)),
  ])
  const told = await problemOf(shapeless)
  expect(told).toMatch(/^Detector_Failed detector\.zip \| /)
  for (const place of ['/tmp', '/dev', 'alidade-jobs-']) expect(told).not.toContain(place)
})

test('a tensor of terabytes ends the job, not the process', async () => {
  const wide = modelOf(
    [node('Expand', ['points', 'shape'], ['huge']), node('ReduceSum', ['huge'], ['scores'])],
    1,
    [int64s('shape', [3], [1_000_000, 1, 1_000_000])],
  )
  expect(await problemOf(wide)).toMatch(/^Detector_Failed detector\.zip \| .*(allocat|memory|size|overflow)/i)
})

test('a cloud without what the model looks at, and codes that its points cannot hold, are refused by name', async () => {
  expect(await problemOf(heightModel(), { input: { features: ['red'] } })).toBe(
    'InputData_Invalid pointClouds | the detector looks at red, which the points of site.las do not have.',
  )
  const cloud = await writeTerrain(await temporaryFolder(), 'old.las', site, { pointFormat: 0 })
  const changes = { labels: [...labels.slice(0, 2), { id: 2, name: 'mast', classification: 66 }] }
  expect(await problemOf(heightModel(), changes, { cloud })).toContain(
    "its label 'mast' has the class code 66, and points of old.las, of format 0, hold 0 to 31.",
  )
})

test('a detector that is none, or does not say what its model is shown, is refused by name', async () => {
  expect(await problemOf(heightModel(), { input: { features: undefined } })).toContain(
    'Detector_Failed detector.zip | its manifest lists no input.features',
  )
  expect(await problemOf(heightModel(), { input: { features: ['x', 'y'] } })).toContain(
    'expected 2 numbers of a point, as the manifest lists features, got 1',
  )
})

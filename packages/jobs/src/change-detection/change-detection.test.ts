import { crsFromDefinition, toWgs84 } from '@alidade/formats'
import { expect, test } from 'vitest'
import type { PartCost, StepReport } from '../job-type.ts'
import { changeDetection } from './change-detection.ts'
import {
  allOutputs,
  type Feature,
  inputFiles,
  inspectedFiles,
  readCloud,
  runJob,
  temporaryFolder,
} from './run-job.fixture.ts'
import {
  bare,
  bruteForceDistance,
  corner,
  crate,
  crateVolume,
  heap,
  heapVolume,
  type Surface,
  writeSurvey,
  withCrate,
  withHeap,
} from './two-surveys.fixture.ts'

async function twoSurveys(before: Surface, after: Surface): Promise<[string, string]> {
  const folder = await temporaryFolder()
  return [
    await writeSurvey(folder, 'march.las', before, { seed: 1 }),
    await writeSurvey(folder, 'april.las', after, { seed: 2 }),
  ]
}

async function resultsOf(before: Surface, after: Surface) {
  const surveys = await twoSurveys(before, after)
  const job = await runJob(...surveys)
  const cloudOf = (name: string) => readCloud(job.path(name, `${name}.las`))
  return {
    ...{
      steps: job.steps,
      features: await job.features(),
      scene: await job.scene(),
      files: await job.files(),
    },
    came: [await readCloud(surveys[0]), await readCloud(surveys[1])] as const,
    segmented: [await cloudOf('segmentedModel3DA'), await cloudOf('segmentedModel3DB')] as const,
  }
}

const results = new Map<string, ReturnType<typeof resultsOf>>()
/** Of one run for all tests that look at the same two surveys. */
function found(before: Surface, after: Surface) {
  const pair = `${before.name} ${after.name}`
  const known = results.get(pair) ?? resultsOf(before, after)
  results.set(pair, known)
  return known
}

type Numbers = Readonly<Record<string, number>>

/** Metres from a place of the field to a feature. */
function metresFrom({ x, y }: { x: number; y: number }, { geometry }: Feature): number {
  const [lon, lat] = toWgs84(crsFromDefinition('EPSG:32632'))(corner.east + x, corner.north + y)
  const metresPerDegree = 111_195
  const [featureLon, featureLat] = geometry.coordinates
  return Math.hypot(
    (featureLon - lon) * metresPerDegree * Math.cos((lat * Math.PI) / 180),
    (featureLat - lat) * metresPerDegree,
  )
}

test('a crate that came is one change that appeared, with its place, size and volume', async () => {
  const { features } = await found(bare, withCrate)
  expect(features).toHaveLength(1)
  const [{ properties }] = features as [Feature]
  expect(properties.label).toBe('appeared')
  expect(metresFrom(crate, features[0]!)).toBeLessThan(0.3)
  expect(Number(properties.volumeCubicMetres) / crateVolume).toBeCloseTo(1, 1)
  expect(Number(properties.lengthMetres)).toBeCloseTo(crate.length, 0)
  expect(Number(properties.widthMetres)).toBeCloseTo(crate.width, 0)
  expect(properties.confidence).toBeGreaterThan(0.5)
})

test('a crate that left is one change that disappeared, with the same volume', async () => {
  const { features } = await found(withCrate, bare)
  expect(features.map(({ properties }) => properties.label)).toEqual(['disappeared'])
  expect(Number(features[0]!.properties.volumeCubicMetres) / crateVolume).toBeCloseTo(1, 1)
})

test('a heap that grew has its volume within the uncertainty it states, or 10 %', async () => {
  const { features } = await found(bare, withHeap)
  expect(features).toHaveLength(1)
  const { volumeCubicMetres, volumeUncertainty95, label } = features[0]!.properties
  expect(label).toBe('appeared')
  expect(metresFrom(heap, features[0]!)).toBeLessThan(1)
  const off = Math.abs(Number(volumeCubicMetres) - heapVolume)
  expect(off).toBeLessThan(Math.max(Number(volumeUncertainty95), 0.1 * heapVolume))
})

test('two surveys of an unchanged field give valid results without a change', async () => {
  const { features, scene, segmented } = await found(bare, bare)
  expect(features).toEqual([])
  expect(scene.Annotations?.Objects3D?.Objects.size).toBe(0)
  const [{ change }] = segmented
  expect(change.every((number) => number === 0)).toBe(true)
})

test('the same inputs give the same bytes, with one thread and with two', async () => {
  const once = (await found(withCrate, withHeap)).files
  const surveys = await twoSurveys(withCrate, withHeap)
  const again = await (await runJob(...surveys, { threads: 2 })).files()
  expect([...again.keys()]).toEqual([...once.keys()])
  for (const [name, bytes] of once) expect(again.get(name)!.equals(bytes), name).toBe(true)
})

test('scene and locations speak of the same changes by the same ids', async () => {
  const { features, scene } = await found(withCrate, withHeap)
  const { Annotations, SpatialReferenceSystems } = scene
  const objects = Annotations!.Objects3D!.Objects
  expect([...objects.keys()]).toEqual(features.map(({ id }) => id))
  expect(features.map(({ id, properties }) => properties.id === id)).toEqual([true, true])
  expect(SpatialReferenceSystems!.get('0')!.Definition).toBe('EPSG:32632')
  expect(Annotations!.Objects3D!.SRSId).toBe(0)
  for (const { id, properties } of features) {
    const { LabelInfo } = objects.get(id)!
    expect(Annotations!.Labels!.get(String(LabelInfo.LabelId))!.Name).toBe(properties.label)
    expect(LabelInfo.Confidence).toBe(properties.confidence)
  }
})

test('the box of a change, turned about its own centre, holds every changed point of its survey', async () => {
  const { scene, segmented } = await found(bare, withCrate)
  const [object] = [...scene.Annotations!.Objects3D!.Objects.values()]
  const { Box3D: box, Rotation: r }: { Box3D: Numbers; Rotation: Numbers } = object!.RotatedBox3D
  const cloud = segmented[1]
  const centre = ['x', 'y', 'z'].map((axis) => (box[`${axis}min`]! + box[`${axis}max`]!) / 2)
  const half = ['x', 'y', 'z'].map((axis) => (box[`${axis}max`]! - box[`${axis}min`]!) / 2)
  let inside = 0
  for (let i = 0; i < cloud.change.length; i++) {
    if (cloud.change[i] === 0) continue
    const d = [cloud.x[i]! - centre[0]!, cloud.y[i]! - centre[1]!, cloud.z[i]! - centre[2]!] as const
    // Rows of the matrix lead from the box to the system: its transpose leads back.
    for (const axis of [0, 1, 2]) {
      const along = d[0] * r[`M_0${axis}`]! + d[1] * r[`M_1${axis}`]! + d[2] * r[`M_2${axis}`]!
      expect(Math.abs(along)).toBeLessThanOrEqual(half[axis]! + 1e-6)
    }
    inside++
  }
  expect(inside).toBeGreaterThan(100)
})

test('a segmented survey keeps order and bytes of its records and adds the exact distance and the change', async () => {
  const results = await found(withCrate, bare)
  const [before, after] = results.came
  const [segmented] = results.segmented
  expect(segmented.header.extraBytes.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'change uint16',
    'distance float32',
  ])
  const [length, longer] = [before.header.pointRecordLength, segmented.header.pointRecordLength]
  for (let i = 0; i < before.change.length; i++) {
    const record = before.records.subarray(i * length, (i + 1) * length)
    if (!segmented.records.subarray(i * longer, i * longer + length).equals(record)) expect.fail(`point ${i}`)
  }
  for (let i = 0; i < before.change.length; i += 23) {
    expect(segmented.distance[i]).toBeCloseTo(bruteForceDistance(before, i, after), 4)
  }
  // The crate stood three metres above a field of 100 +- 0.3: all of it has left, and nothing else has.
  const onCrate = Array.from(before.z, (z) => z > 102)
  expect(onCrate.filter(Boolean).length).toBeGreaterThan(150)
  expect(Array.from(segmented.change, (number) => number === 1)).toEqual(onCrate)
})

test('an input of several files is one survey, segmented into a file for each', async () => {
  const folder = await temporaryFolder()
  const options = { seed: 3 }
  const west = await writeSurvey(folder, 'west.las', bare, { ...options, without: (x) => x > 25 })
  const east = await writeSurvey(folder, 'east.LAS', bare, { ...options, without: (x) => x <= 25 })
  const after = await writeSurvey(folder, 'after.las', withCrate, { seed: 4 })
  const job = await runJob([west, east], after)
  expect((await job.features()).map(({ properties }) => properties.label)).toEqual(['appeared'])
  const files = [...(await job.files()).keys()].filter((name) => name.startsWith('segmentedModel3DA'))
  expect(files).toEqual([
    'segmentedModel3DA/segmentedModel3DA-1-west.las',
    'segmentedModel3DA/segmentedModel3DA-2-east.las',
  ])
  const second = await readCloud(job.path('segmentedModel3DA', 'segmentedModel3DA-2-east.las'))
  const all = await readCloud(after)
  for (let i = 0; i < second.change.length; i += 97) {
    expect(second.distance[i]).toBeCloseTo(bruteForceDistance(second, i, all), 4)
  }
})

test('volumes and sizes are metric where the system is in feet', async () => {
  const folder = await temporaryFolder()
  const footMetres = 0.3048
  const wkt =
    'PROJCS["field in feet",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],' +
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],' +
    `PARAMETER["false_easting",${500_000 / footMetres}],PARAMETER["false_northing",0],UNIT["foot",${footMetres}]]`
  const options = { crs: { wkt }, unitsPerMetre: 1 / footMetres }
  const before = await writeSurvey(folder, 'before.las', bare, { ...options, seed: 1 })
  const after = await writeSurvey(folder, 'after.las', withCrate, { ...options, seed: 2 })
  const job = await runJob(before, after)
  const [feature] = (await job.features()) as [Feature]
  expect(Number(feature.properties.volumeCubicMetres) / crateVolume).toBeCloseTo(1, 1)
  expect(Number(feature.properties.lengthMetres)).toBeCloseTo(crate.length, 0)
  expect(metresFrom(crate, feature)).toBeLessThan(0.3)
  // The scene stays in the system of the input.
  const [object] = [...(await job.scene()).Annotations!.Objects3D!.Objects.values()]
  expect(object!.RotatedBox3D.Box3D.xmin).toBeGreaterThan(corner.east / footMetres)
})

test('a system that only the scene states places the locations and is stated by what is segmented', async () => {
  const folder = await temporaryFolder()
  const sceneCrs = 'EPSG:32632'
  const paths = [
    await writeSurvey(folder, 'before.las', bare, { seed: 1, crs: 'none' }),
    await writeSurvey(folder, 'after.las', withCrate, { seed: 2, crs: 'none' }),
  ]
  const [a, b] = await Promise.all(
    paths.map(async (path) => (await inputFiles(path)).map((file) => ({ ...file, sceneCrs }))),
  )
  const job = await runJob(a!, b!)
  expect(job.warnings).toEqual([])
  expect(metresFrom(crate, (await job.features())[0]!)).toBeLessThan(0.3)
  for (const output of ['segmentedModel3DA', 'segmentedModel3DB'])
    expect((await readCloud(job.path(output, `${output}.las`))).header.crs?.epsg).toBe(32632)
})

test('what lies beyond the edge of the other survey is no change, and the job says so', async () => {
  const folder = await temporaryFolder()
  const before = await writeSurvey(folder, 'before.las', bare, { seed: 1, without: (x) => x > 30 })
  const after = await writeSurvey(folder, 'after.las', bare, { seed: 2 })
  const job = await runJob(before, after)
  expect(await job.features()).toEqual([])
  expect(job.warnings.map(({ code, params }) => `${code} ${params}`)).toEqual(['Area_Unseen 1'])
})

test('what left a hole in the midst of the other survey is a change', async () => {
  const folder = await temporaryFolder()
  const inside = (x: number, y: number) =>
    Math.abs(x - crate.x) <= crate.length / 2 && Math.abs(y - crate.y) <= crate.width / 2
  const before = await writeSurvey(folder, 'before.las', withCrate, { seed: 1 })
  const after = await writeSurvey(folder, 'after.las', bare, { seed: 2, without: inside })
  const job = await runJob(before, after)
  expect((await job.features()).map(({ properties }) => properties.label)).toEqual(['disappeared'])
})

test('the parts that the plan names begin once each, in its order, and count exactly to their totals', async () => {
  const surveys = await twoSurveys(withCrate, withHeap)
  const [modelA, modelB] = await Promise.all(surveys.map((path) => inspectedFiles(path)))
  const plan = await changeDetection.plan({
    inputs: { modelA: modelA!, modelB: modelB! },
    outputs: allOutputs,
    threads: 1,
  })
  const job = await found(withCrate, withHeap)
  const named = ({ step, part }: { step: string; part?: string | undefined }) => `${step}/${part}`
  const expected = plan.filter(({ total }) => total > 0)
  expect(job.steps.map(named)).toEqual(expected.map(named))
  const steps = new Set(['Prepare_Production', ...job.steps.map(({ step }) => step)])
  expect([...steps]).toEqual([...changeDetection.declaration.steps])
  for (const [i, { done, total }] of job.steps.entries()) {
    expect(total, named(expected[i]!)).toBeGreaterThan(0)
    expect(done, named(expected[i]!)).toBe(total)
    expect(expected[i]!.secondsEach, named(expected[i]!)).toBeGreaterThan(0)
  }
})

test('how far the surveys differ is told as soon as it is known: from samples, from distances, and from groups', async () => {
  const told: (StepReport & { ahead: readonly PartCost[] })[] = []
  const onReport = ({ ahead, ...report }: StepReport) => {
    if (ahead !== undefined) told.push({ ...report, ahead })
  }
  const { steps } = await runJob(...(await twoSurveys(bare, withHeap)), { outputs: ['objects3D'], onReport })
  // By then a part of them is begun, of which nothing is done.
  expect(told.map(({ part, done, total }) => [part, done < total ? done : 'all'])).toEqual([
    ['shift', 0],
    ['distances', 'all'],
    ['seen', 0],
  ])
  const cells = (parts: readonly { part?: string | undefined; total?: number }[]) =>
    parts.find(({ part }) => part === 'volumes')!.total!
  const [, ...later] = told.map(({ ahead }) => cells(ahead) / cells(steps))
  for (const share of later) {
    expect(share).toBeGreaterThan(0.2)
    expect(share).toBeLessThan(5)
  }
})

test('an abort ends the run in every step within a second and with its reason', async () => {
  const surveys = await twoSurveys(withCrate, withHeap)
  for (const step of ['Read_Clouds', 'Compare_Clouds', 'Cluster_Changes', 'Write_Results']) {
    const controller = new AbortController()
    let abortedAt = 0
    const run = runJob(...surveys, {
      signal: controller.signal,
      onReport: (report) => {
        if (report.step !== step || controller.signal.aborted) return
        abortedAt = performance.now()
        controller.abort(new Error(`stop in ${step}`))
      },
    })
    await expect(run, step).rejects.toThrow(`stop in ${step}`)
    expect(performance.now() - abortedAt, step).toBeLessThan(1000)
  }
})

test('changes with fewer points than asked for are dropped', async () => {
  const surveys = await twoSurveys(bare, withCrate)
  const outputs = ['exportedLocations3DGeoJSON']
  const [feature] = (await found(bare, withCrate)).features
  const pointCount = Number(feature!.properties.pointCount)
  const more = await runJob(...surveys, { outputs, options: { minPoints: pointCount + 1 } })
  expect(await more.features()).toEqual([])
})

test('a low threshold above the high one is refused', async () => {
  const options = { distThresholdLow: 2, distThresholdHigh: 1 }
  await expect(runJob(...(await twoSurveys(bare, bare)), { options })).rejects.toMatchObject({
    jobMessage: { code: 'InputData_Invalid', params: ['distThresholdLow', expect.stringContaining('2')] },
  })
})

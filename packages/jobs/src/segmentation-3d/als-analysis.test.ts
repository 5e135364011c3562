// The detector @alidade/als-basic through real files: classes, and what is made of them.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { alsBasicDetector, groundDetector } from '@alidade/contract'
import {
  decodeAttribute,
  openFile,
  parseContextScene,
  readLasHeader,
  readPointBatches,
} from '@alidade/formats'
import { expect, test } from 'vitest'
import { readSegmented, withoutClasses } from '../extract-ground/read-segmented.fixture.ts'
import { inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { segmentation3D } from './segmentation-3d.ts'
import { corner, houses, lamps, town, trees, wires, writeTown } from './town.fixture.ts'

const detectors = {
  pointCloudSegmentationDetector: { library: { name: alsBasicDetector.name, version: '1.0' } },
}
const run = (pointClouds: string | string[], outputs: string[], more: object = {}) =>
  runJobType(segmentation3D, { inputs: { pointClouds }, outputs, detectors, ...more })

const { signal } = new AbortController()

const sceneOf = async (job: Awaited<ReturnType<typeof run>>, output: string) =>
  parseContextScene(await job.read(output, 'ContextScene.json'))

test('points of houses, trees, wires and lamps get their classes, and records are otherwise as they were', async () => {
  const made = town()
  const path = await writeTown(await temporaryFolder(), 'town.las', made)
  const job = await run(path, ['segmentedPointCloud'])
  const [before, after] = [
    await readSegmented(path),
    await readSegmented(job.path('segmentedPointCloud', 'segmentedPointCloud.las')),
  ]
  expect(withoutClasses(after).equals(withoutClasses(before))).toBe(true)
  const recall = (code: number) => {
    const of = made.truth.flatMap((truth, i) => (truth === code ? [after.classes[i]!] : []))
    return of.filter((found) => found === code).length / of.length
  }
  expect(recall(2)).toBeGreaterThan(0.99)
  expect(recall(6)).toBeGreaterThan(0.97)
  expect(recall(5)).toBeGreaterThan(0.9)
  expect(recall(14)).toBeGreaterThan(0.9)
  expect(recall(15)).toBeGreaterThan(0.8)
  const wrongBuilding = made.truth.filter((truth, i) => truth !== 6 && after.classes[i] === 6).length
  expect(wrongBuilding / made.truth.filter((truth) => truth === 6).length).toBeLessThan(0.02)
})

test('classes that come with the cloud play no part, and point format 0 holds all that are given', async () => {
  const [folder, made] = [await temporaryFolder(), town()]
  const classification = made.x.map((_, i) => (7 * i) % 32)
  const paths = [
    await writeTown(folder, 'plain.las', made, { pointFormat: 0 }),
    await writeTown(folder, 'scrambled.las', made, { pointFormat: 0, classification }),
  ]
  const [plain, scrambled] = await Promise.all(
    paths.map(async (path) => {
      const job = await run(path, ['segmentedPointCloud'])
      return readSegmented(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))
    }),
  )
  expect(scrambled!.classes).toEqual(plain!.classes)
  expect(new Set(plain!.classes)).toContain(15)
})

test('the same bytes come of any number of threads, and two tiles are looked at as one cloud', async () => {
  const [folder, made] = [await temporaryFolder(), town()]
  const whole = await writeTown(folder, 'whole.las', made)
  const outputs = ['segmentedPointCloud', 'segmentation3D', 'objects3D', 'lines3D', 'polygons3D']
  const one = await run(whole, outputs, { threads: 1 })
  const three = await run(whole, outputs, { threads: 3 })
  expect(await three.files()).toEqual(await one.files())
  const half = made.x.length >> 1
  const part = (from: number, to: number) => ({
    x: made.x.slice(from, to),
    y: made.y.slice(from, to),
    z: made.z.slice(from, to),
    truth: [],
  })
  const tiles = [
    await writeTown(folder, 'a.las', part(0, half)),
    await writeTown(folder, 'b.las', part(half, made.x.length)),
  ]
  const both = await run(tiles, ['segmentedPointCloud', 'polygons3D'])
  const classesOf = async (job: typeof both, name: string) => [
    ...(await readSegmented(job.path('segmentedPointCloud', name))).classes,
  ]
  expect([
    ...(await classesOf(both, 'segmentedPointCloud-1-a.las')),
    ...(await classesOf(both, 'segmentedPointCloud-2-b.las')),
  ]).toEqual(await classesOf(one, 'segmentedPointCloud.las'))
  expect(await both.read('polygons3D', 'ContextScene.json')).toEqual(
    await one.read('polygons3D', 'ContextScene.json'),
  )
})

test('buildings become outlines of their size at the height of their roofs', async () => {
  const job = await run(await writeTown(await temporaryFolder(), 'town.las'), ['polygons3D'])
  const { Annotations } = await sceneOf(job, 'polygons3D')
  const polygons = [...Annotations!.Polygons3D!.Polygons.values()].map(({ Area, Vertices }) => {
    const places = [...Vertices.values()].map(({ Position }) => Position)
    const mean = (axis: 'x' | 'y' | 'z') => places.reduce((sum, at) => sum + at[axis], 0) / places.length
    return { area: Area, corners: places.length, at: [mean('x'), mean('y')] }
  })
  expect(polygons).toHaveLength(houses.length)
  for (const { from, to } of houses) {
    const area = (to[0] - from[0]) * (to[1] - from[1])
    const middle = [corner[0] + (from[0] + to[0]) / 2, corner[1] + (from[1] + to[1]) / 2]
    const polygon = polygons.find(({ at }) => Math.hypot(at[0]! - middle[0]!, at[1]! - middle[1]!) < 2)!
    expect(Math.abs(polygon.area - area) / area).toBeLessThan(0.1)
    expect(polygon.corners).toBe(4)
  }
})

test('objects are a box for each building, tree and lamp', async () => {
  const job = await run(await writeTown(await temporaryFolder(), 'town.las'), ['objects3D'])
  const { Annotations } = await sceneOf(job, 'objects3D')
  const boxes = [...Annotations!.Objects3D!.Objects.values()].map(
    ({ LabelInfo, RotatedBox3D: { Box3D } }) => ({
      label: LabelInfo.LabelId,
      u: (Box3D.xmin + Box3D.xmax) / 2 - corner[0],
      v: (Box3D.ymin + Box3D.ymax) / 2 - corner[1],
    }),
  )
  const near = (label: number, [u, v]: readonly [number, number]) =>
    boxes.filter((box) => box.label === label && Math.hypot(box.u - u, box.v - v) < 1.5).length
  for (const { from, to } of houses) expect(near(6, [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2])).toBe(1)
  for (const { at } of trees) expect(near(5, at)).toBe(1)
  for (const at of lamps) expect(near(15, at)).toBe(1)
  expect(boxes).toHaveLength(houses.length + trees.length + lamps.length)
})

test('wires become lines with widths where these are asked for, and short ones are left out where that is', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las')
  const linesOf = async (options: object) => {
    const { Annotations } = await sceneOf(await run(path, ['lines3D'], { options }), 'lines3D')
    return [...Annotations!.Lines3D!.Lines.values()]
  }
  const plain = await linesOf({})
  expect(plain).toHaveLength(wires.length)
  for (const { Length, MeanDiameter } of plain) {
    expect(Length).toBeGreaterThan(70)
    expect(Length).toBeLessThan(80)
    expect(MeanDiameter).toBe(0)
  }
  const wide = await linesOf({ computeLineWidth: true })
  for (const { MeanDiameter } of wide) {
    expect(MeanDiameter).toBeGreaterThan(0.02)
    expect(MeanDiameter).toBeLessThan(0.2)
  }
  expect(await linesOf({ removeSmallLines: 100 })).toEqual([])
})

test('everything is exported as it is asked for', async () => {
  const outputs = ['objects3D', 'lines3D', 'polygons3D'].flatMap((name) => {
    const capital = name[0]!.toUpperCase() + name.slice(1)
    return [name, ...['GeoJSON', 'Cesium', 'DGN'].map((format) => `exported${capital}${format}`)]
  })
  const locations = ['exportedLocations3DGeoJSON', 'exportedLocations3DSHP']
  const job = await run(await writeTown(await temporaryFolder(), 'town.las'), [...outputs, ...locations])
  const features = async (output: string) =>
    JSON.parse(String(await job.read(output, `${output}.geojson`))).features as {
      geometry: { type: string; coordinates: unknown }
      properties: { label: string }
    }[]
  expect((await features('exportedPolygons3DGeoJSON')).map(({ geometry }) => geometry.type)).toEqual(
    houses.map(() => 'Polygon'),
  )
  expect((await features('exportedLines3DGeoJSON')).map(({ geometry }) => geometry.type)).toEqual(
    wires.map(() => 'LineString'),
  )
  const points = await features('exportedLocations3DGeoJSON')
  expect(points).toHaveLength((await features('exportedObjects3DGeoJSON')).length)
  const [lon, lat] = points[0]!.geometry.coordinates as [number, number]
  expect([Math.round(lon), Math.round(lat)]).toEqual([9, 49])
  for (const output of outputs.filter((name) => name.endsWith('Cesium'))) {
    const tileset = JSON.parse(String(await job.read(output, 'tileset.json')))
    expect(tileset.asset.version).toBe('1.1')
    expect(tileset.root.content.uri).toMatch(/\.glb$/)
  }
  const design = async (output: string) => elementsOf(await job.read(output, `${output}.dgn`))
  const levelsOf = (elements: { type: number; level: number }[], type: number) =>
    elements.filter((element) => element.type === type).map(({ level }) => level)
  expect(levelsOf(await design('exportedPolygons3DDGN'), 6)).toEqual(houses.map(() => 6))
  expect(levelsOf(await design('exportedLines3DDGN'), 4)).toEqual(wires.map(() => 14))
  // Six sides of each box.
  expect(levelsOf(await design('exportedObjects3DDGN'), 6)).toHaveLength(6 * points.length)
  const shapefile = await job.read('exportedLocations3DSHP', 'exportedLocations3DSHP.shp')
  // The file code, and the length in words of 16 bits.
  expect(shapefile.readInt32BE(0)).toBe(9994)
  expect(shapefile.readInt32BE(24) * 2).toBe(shapefile.length)
})

/** Of a design file: each has the words that follow it in its second one. */
function elementsOf(file: Buffer): { type: number; level: number }[] {
  const elements: { type: number; level: number }[] = []
  for (let at = 0; file.readUInt16LE(at) !== 0xffff; at += 4 + 2 * file.readUInt16LE(at + 2))
    elements.push({ type: file[at + 1]! & 0x7f, level: file[at]! & 0x3f })
  return elements
}

test('the confidence of each point is kept where it is asked for', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las')
  const job = await run(path, ['segmentedPointCloud'], { options: { saveConfidence: true } })
  const source = await openFile(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))
  try {
    const header = await readLasHeader(source)
    const values: number[] = []
    for await (const batch of readPointBatches(source, header))
      values.push(...decodeAttribute(batch, header, 'confidence'))
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...values)).toBeLessThanOrEqual(1)
    expect(new Set(values).size).toBeGreaterThan(10)
  } finally {
    await source.close()
  }
})

test('what stands in no known place is not exported to the Earth', async () => {
  const path = await writeTown(await temporaryFolder(), 'nowhere.las', town(), { epsg: 'none' })
  const pointClouds = await inspectedFiles(path)
  const outputs = ['polygons3D', 'exportedPolygons3DGeoJSON', 'objects3D', 'exportedObjects3DCesium']
  const { faults, warnings } = await segmentation3D.inspect({ pointClouds }, outputs, signal, {}, detectors)
  expect(faults.map(({ output, error }) => [output, error.code])).toEqual([
    ['exportedPolygons3DGeoJSON', 'Crs_Missing'],
    ['exportedObjects3DCesium', 'Crs_Missing'],
  ])
  expect(warnings.map(({ code }) => code)).toEqual(['Unit_Assumed'])
  const steps = new Set<string>()
  const refused = run(path, outputs, { onReport: ({ step }: { step: string }) => steps.add(step) })
  await expect(refused).rejects.toThrow('needs a known coordinate reference system')
  // By the headers, before anything is read.
  expect([...steps]).toEqual([])
})

test('the ground detector makes no vectors, and a fault of an option is told once', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las')
  const pointClouds = await inspectedFiles(path)
  const ground = {
    pointCloudSegmentationDetector: { library: { name: groundDetector.name, version: '1.0' } },
  }
  // A run of the command line is not inspected before it starts.
  const started = { inputs: { pointClouds: path }, detectors: ground, outputs: ['objects3D'] }
  await expect(runJobType(segmentation3D, started)).rejects.toThrow('this one makes no objects3D')
  const faultsWith = async (detector: typeof ground | typeof detectors) =>
    (await segmentation3D.inspect({ pointClouds }, ['polygons3D'], signal, {}, detector)).faults
  expect((await faultsWith(ground)).map(({ output }) => output)).toEqual(['polygons3D'])
  expect(await faultsWith(detectors)).toEqual([])
  const options = { saveConfidence: true }
  const { warnings } = await segmentation3D.inspect(
    { pointClouds },
    ['segmentation3D'],
    signal,
    options,
    ground,
  )
  expect(warnings.map(({ code }) => code)).toEqual(['Option_Ignored'])
  const run = await runJobType(segmentation3D, { ...started, outputs: ['segmentation3D'], options })
  expect(run.warnings.map(({ code }) => code)).toEqual(['Option_Ignored'])
  expect(segmentation3D.optionFaults?.({ exportSrs: 'nothing' })).toHaveLength(1)
})

test('within a region its points are left as they would be without, each with its confidence, and vectors of others go', async () => {
  const folder = await temporaryFolder()
  const path = await writeTown(folder, 'town.las')
  const { from, to } = houses[1]
  const ring = [
    [from[0] - 3, from[1] - 3],
    [to[0] + 3, from[1] - 3],
    [to[0] + 3, to[1] + 3],
    [from[0] - 3, to[1] + 3],
    [from[0] - 3, from[1] - 3],
  ].map(([u, v]) => [corner[0] + u!, corner[1] + v!])
  const region = join(folder, 'region.geojson')
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
  await writeFile(region, JSON.stringify({ type: 'Polygon', crs, coordinates: [ring] }))
  const outputs = ['segmentedPointCloud', 'polygons3D']
  const options = { saveConfidence: true }
  const all = await run(path, outputs, { options })
  const job = await runJobType(segmentation3D, {
    ...{ inputs: { pointClouds: path, clipPolygon: region }, outputs, options, detectors },
  })
  const recordsOf = async (one: typeof job) => {
    const { header, records } = await readSegmented(
      one.path('segmentedPointCloud', 'segmentedPointCloud.las'),
    )
    const length = header.pointRecordLength
    return Array.from({ length: header.pointCount }, (_, i) =>
      records.subarray(i * length, (i + 1) * length).toString('hex'),
    )
  }
  const [inside, everything] = [await recordsOf(job), new Set(await recordsOf(all))]
  const share = ((to[0] - from[0] + 6) * (to[1] - from[1] + 6)) / 6400
  expect(inside.length / everything.size).toBeCloseTo(share, 1)
  expect(inside.filter((record) => !everything.has(record))).toEqual([])
  expect((await sceneOf(job, 'polygons3D')).Annotations!.Polygons3D!.Polygons.size).toBe(1)
})

test('a run that is cancelled ends with the reason', async () => {
  const path = await writeTown(await temporaryFolder(), 'town.las')
  const controller = new AbortController()
  const reason = new Error('enough')
  const running = run(path, ['segmentedPointCloud'], {
    signal: controller.signal,
    onReport: ({ step }: { step: string }) => {
      if (step === 'Classify_Points') controller.abort(reason)
    },
  })
  await expect(running).rejects.toBe(reason)
})

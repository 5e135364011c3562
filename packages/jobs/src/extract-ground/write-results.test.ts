// What is written where: scenes that refer to a cloud that is there, exports in another system, and regions.
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  convertToLas,
  crsFromDefinition,
  openFile,
  reproject,
  toWgs84,
  writeLasPoints,
} from '@alidade/formats'
import { expect, test } from 'vitest'
import { inputFiles, inspectedFiles, runJobType, temporaryFolder } from '../run-job.fixture.ts'
import { extractGround } from './extract-ground.ts'
import { readPlaces, readSegmented } from './read-segmented.fixture.ts'
import { corner, terrain, writeTerrain } from './terrain.fixture.ts'

const hill = async () => writeTerrain(await temporaryFolder(), 'hill.las')
const run = (pointClouds: string | string[], outputs: string[], more: object = {}) =>
  runJobType(extractGround, { inputs: { pointClouds }, outputs, ...more })
const sceneOf = async (job: { read(output: string, name: string): Promise<Buffer> }) =>
  JSON.parse((await job.read('segmentation3D', 'ContextScene.json')).toString())

test('a scene states the system of heights that the scene of the input states', async () => {
  const path = join(await temporaryFolder(), 'hill.las')
  const { x, y, z } = terrain()
  await writeLasPoints(path, { x, y, z })
  const pointClouds = (await inputFiles(path)).map((file) => ({ ...file, sceneCrs: 'EPSG:25832+7837' }))
  const job = await runJobType(extractGround, { inputs: { pointClouds }, outputs: ['segmentation3D'] })
  expect(await sceneOf(job)).toMatchObject({
    SpatialReferenceSystems: { 0: { Definition: 'EPSG:25832+7837' } },
  })
})

test.each([0, 6] as const)(
  'LAS and LAZ of points of format %d state the system that only the scene of the input states',
  async (pointFormat) => {
    const path = join(await temporaryFolder(), 'hill.las')
    const { x, y, z } = terrain()
    await writeLasPoints(path, { x, y, z }, { pointFormat })
    const pointClouds = (await inputFiles(path)).map((file) => ({ ...file, sceneCrs: 'EPSG:25832+7837' }))
    const outputs = ['segmentedPointCloud', 'exportedSegmentation3DLAS', 'exportedSegmentation3DLAZ']
    const job = await runJobType(extractGround, { inputs: { pointClouds }, outputs })
    for (const output of outputs) {
      const name = `${output}.${output.endsWith('LAZ') ? 'laz' : 'las'}`
      const { crs } = (await readSegmented(job.path(output, name))).header
      expect(crs).toMatchObject({ epsg: 25832, vertical: 'DHHN2016 height', verticalUnit: { metres: 1 } })
    }
  },
)

test('the system that a file states itself stays in its own words, whatever a scene says', async () => {
  const path = await hill()
  const stated = async (sceneCrs?: string) => {
    const files = await inputFiles(path)
    const pointClouds = files.map((file) => ({ ...file, ...(sceneCrs && { sceneCrs }) }))
    const outputs = ['segmentedPointCloud']
    const job = await runJobType(extractGround, { inputs: { pointClouds }, outputs })
    return job.read('segmentedPointCloud', 'segmentedPointCloud.las')
  }
  expect((await stated('EPSG:25832')).equals(await stated())).toBe(true)
})

test('a scene refers to segmentedPointCloud by the reference of that output', async () => {
  const job = await run(await hill(), ['segmentation3D', 'segmentedPointCloud'])
  const scene = await sceneOf(job)
  expect(scene).toMatchObject({
    version: '6.0',
    SpatialReferenceSystems: { 0: { Definition: 'EPSG:32632' } },
    PointCloudCollection: { SRSId: 0, PointClouds: { 0: { Path: '0:segmentedPointCloud.las' } } },
    Annotations: {
      Labels: { 1: { Name: 'unclassified' }, 2: { Name: 'ground' } },
      Segmentation3D: { SRSId: 0, Path: '0:segmentedPointCloud.las' },
    },
    References: { 0: { Path: '../segmentedPointCloud' } },
  })
  const path = join(job.folder, 'segmentation3D', scene.References[0].Path, 'segmentedPointCloud.las')
  expect(existsSync(path)).toBe(true)
})

test('a scene that was asked for alone has its cloud beside it', async () => {
  const job = await run(await hill(), ['segmentation3D'])
  const scene = await sceneOf(job)
  expect(scene.References).toBeUndefined()
  expect(scene.Annotations.Segmentation3D.Path).toBe('segmentedPointCloud.las')
  expect([...(await job.files()).keys()]).toEqual([
    'segmentation3D/ContextScene.json',
    'segmentation3D/segmentedPointCloud.las',
  ])
})

test('a scene refers to an export in the system of the cloud, and has a cloud of its own beside exports elsewhere', async () => {
  const outputs = ['segmentation3D', 'exportedSegmentation3DLAS']
  const name = 'exportedSegmentation3DLAS'
  const same = await run(await hill(), outputs)
  expect(await sceneOf(same)).toMatchObject({
    Annotations: { Segmentation3D: { Path: `0:${name}.las` } },
    References: { 0: { Path: `../${name}` } },
  })
  expect((await same.files()).size).toBe(2)
  const elsewhere = await run(await hill(), outputs, { options: { exportSrs: 'EPSG:25833' } })
  expect(await sceneOf(elsewhere)).toMatchObject({
    Annotations: { Segmentation3D: { Path: 'segmentedPointCloud.las' } },
  })
  expect((await elsewhere.files()).size).toBe(3)
})

test('an export lies where exportSrs says, to the millimetre, with heights and classes as they were', async () => {
  const outputs = ['segmentation3D', 'segmentedPointCloud', 'exportedSegmentation3DLAS']
  for (const exportSrs of ['EPSG:25833', 'EPSG:4326', 'EPSG:3857']) {
    const job = await run(await hill(), outputs, { options: { exportSrs } })
    const name = 'exportedSegmentation3DLAS'
    const [own, exported] = [
      job.path('segmentedPointCloud', 'segmentedPointCloud.las'),
      job.path(name, `${name}.las`),
    ]
    const [before, after] = [await readPlaces(own), await readPlaces(exported)]
    const { header, classes } = await readSegmented(exported)
    const to = crsFromDefinition(exportSrs)
    expect(header.crs?.kind).toBe(to.kind)
    expect(header.crs?.epsg).toBe(to.epsg)
    expect(classes).toEqual((await readSegmented(own)).classes)
    expect(after.z).toEqual(before.z)
    const place = reproject(crsFromDefinition('EPSG:32632'), to)
    const step = to.kind === 'geographic' ? 1e-8 : 1e-3
    for (let i = 0; i < before.x.length; i += 501) {
      const [x, y] = place(before.x[i]!, before.y[i]!)
      expect(Math.abs(after.x[i]! - x)).toBeLessThan(step)
      expect(Math.abs(after.y[i]! - y)).toBeLessThan(step)
    }
  }
})

test('LAZ and PLY hold the same points and classes as LAS', async () => {
  const formats = ['LAS', 'LAZ', 'PLY'] as const
  const outputs = ['segmentation3D', ...formats.map((format) => `exportedSegmentation3D${format}`)]
  const job = await run(await hill(), outputs, { threads: 2 })
  const [las, laz, ply] = formats.map((format) => {
    const output = `exportedSegmentation3D${format}`
    return job.path(output, `${output}.${format.toLowerCase()}`)
  }) as [string, string, string]
  const [plain, compressed] = [await readSegmented(las), await readSegmented(laz)]
  expect(compressed.records.equals(plain.records)).toBe(true)
  const converted = join(job.folder, 'from-ply.las')
  const source = await openFile(ply)
  await convertToLas(source, converted, { name: 'cloud.ply' })
  await source.close()
  const back = await readSegmented(converted)
  expect(back.classes).toEqual(plain.classes)
  const [before, after] = [await readPlaces(las), await readPlaces(converted)]
  for (let i = 0; i < before.x.length; i += 97)
    for (const axis of ['x', 'y', 'z'] as const)
      expect(Math.abs(after[axis][i]! - before[axis][i]!)).toBeLessThan(1e-3)
})

test('heights in another unit than those of exportSrs are told', async () => {
  const exportSrs = 'EPSG:2992' // Oregon Lambert, in feet
  const outputs = ['segmentation3D', 'exportedSegmentation3DLAS']
  const job = await run(await hill(), outputs, { options: { exportSrs } })
  expect(job.warnings.map(({ code }) => code)).toContain('Heights_Unchanged')
})

test('another system of heights than that of the cloud is warned of once', async () => {
  const options = { exportSrs: 'EPSG:32632+5709' }
  const job = await run(await hill(), ['segmentation3D', 'exportedSegmentation3DLAS'], { options })
  expect(job.warnings.map(({ code }) => code)).toEqual(['Heights_Unchanged'])
})

test('what lies outside of the region is left out, and what is inside is as it would be without one', async () => {
  const made = terrain()
  const folder = await temporaryFolder()
  const pointClouds = await writeTerrain(folder, 'hill.las', made)
  const lonLat = toWgs84(crsFromDefinition('EPSG:32632'))
  const square = [
    [10, 10],
    [50, 10],
    [50, 60],
    [10, 60],
    [10, 10],
  ].map(([u, v]) => lonLat(corner[0] + u!, corner[1] + v!))
  const clipPolygon = join(folder, 'region.geojson')
  await writeFile(clipPolygon, JSON.stringify({ type: 'Polygon', coordinates: [square] }))
  const outputs = ['segmentedPointCloud']
  const whole = await readSegmented(
    (await run(pointClouds, outputs)).path('segmentedPointCloud', 'segmentedPointCloud.las'),
  )
  const job = await runJobType(extractGround, { inputs: { pointClouds, clipPolygon }, outputs })
  const clipped = await readSegmented(job.path('segmentedPointCloud', 'segmentedPointCloud.las'))
  const length = whole.header.pointRecordLength
  const inside = made.x.flatMap((x, i) => {
    const [u, v] = [x - corner[0], made.y[i]! - corner[1]]
    // The line is a millimetre off here and there.
    const isIn = u > 10 && u < 50 && v > 10 && v < 60
    return isIn ? [whole.records.subarray(i * length, (i + 1) * length)] : []
  })
  expect(Math.abs(clipped.header.pointCount - inside.length)).toBeLessThan(5)
  const found = new Set(inside.map((record) => record.toString('latin1')))
  let strangers = 0
  for (let at = 0; at < clipped.records.length; at += length)
    if (!found.has(clipped.records.subarray(at, at + length).toString('latin1'))) strangers++
  expect(strangers).toBeLessThan(5)
})

test('a region without points, beside the cloud or within its bounds, is refused', async () => {
  const folder = await temporaryFolder()
  const pointClouds = await writeTerrain(folder, 'hill.las')
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
  const write = async (x: number, y: number) => {
    const path = join(folder, `${x}.geojson`)
    const [e, n] = [corner[0] + x, corner[1] + y]
    const ring = [
      [e, n],
      [e + 0.001, n],
      [e, n + 0.001],
      [e, n],
    ]
    await writeFile(path, JSON.stringify({ type: 'Polygon', crs, coordinates: [ring] }))
    return path
  }
  const outputs = ['segmentedPointCloud']
  const beside = await write(5000, 0)
  const within = await write(20, 3)
  for (const [clipPolygon, problem] of [
    [beside, 'lies beside the point clouds'],
    [within, 'holds none of the points'],
  ] as const) {
    const refused = runJobType(extractGround, { inputs: { pointClouds, clipPolygon }, outputs })
    const params = ['clipPolygon', expect.stringContaining(problem)]
    await expect(refused).rejects.toMatchObject({ jobMessage: { code: 'InputData_Invalid', params } })
  }
  const inputs = { pointClouds: await inspectedFiles(pointClouds), clipPolygon: await inspectedFiles(beside) }
  const { faults } = await extractGround.inspect(inputs, outputs, new AbortController().signal, {})
  expect(faults.map(({ input }) => input)).toEqual(['clipPolygon'])
})

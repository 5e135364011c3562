import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crsFromDefinition, toWgs84 } from '@alidade/formats'
import { expect, test } from 'vitest'
import { inspectClouds } from './inspect.ts'
import { inspectedFiles, readCloud, runJob, temporaryFolder } from './run-job.fixture.ts'
import {
  bare,
  corner,
  crate,
  crateVolume,
  heap,
  type Surface,
  withCrate,
  withHeap,
  writeSurvey,
} from './two-surveys.fixture.ts'

const withBoth: Surface = (x, y) => withCrate(x, y) + withHeap(x, y) - bare(x, y)
const lonLat = toWgs84(crsFromDefinition('EPSG:32632'))

/** A square about a place of the field, in the coordinates of the survey or in degrees. */
function squareAbout({ x, y }: { x: number; y: number }, half: number, inDegrees: boolean) {
  const corners = [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
    [-half, -half],
  ].map(([dx, dy]): [number, number] => [corner.east + x + dx!, corner.north + y + dy!])
  const coordinates = [inDegrees ? corners.map((place) => lonLat(...place)) : corners]
  const crs = { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32632' } }
  return { type: 'Polygon', coordinates, ...(!inDegrees && { crs }) }
}

async function surveys() {
  const folder = await temporaryFolder()
  const a = await writeSurvey(folder, 'a.las', bare, { seed: 1 })
  const b = await writeSurvey(folder, 'b.las', withBoth, { seed: 2 })
  const write = async (json: unknown) => {
    const path = join(folder, 'extent.geojson')
    await writeFile(path, typeof json === 'string' ? json : JSON.stringify(json))
    return path
  }
  return { folder, a, b, write }
}

test('changes are reported within the extent only, drawn in degrees, and distances everywhere', async () => {
  const { a, b, write } = await surveys()
  const whole = await runJob(a, b)
  expect(await whole.features()).toHaveLength(2)
  const within = await runJob(a, b, { extent: await write(squareAbout(crate, 7, true)) })
  const features = await within.features()
  expect(features).toHaveLength(1)
  const volume = Number(features[0]!.properties.volumeCubicMetres)
  expect(Math.abs(volume - crateVolume)).toBeLessThan(0.1 * crateVolume)
  const cloudOf = ({ path }: typeof whole) => readCloud(path('segmentedModel3DB', 'segmentedModel3DB.las'))
  const [all, some] = [await cloudOf(whole), await cloudOf(within)]
  expect(some.distance).toEqual(all.distance)
  const marked = (change: Uint16Array) => change.reduce((sum, one) => sum + Math.min(1, one), 0)
  expect(marked(some.change)).toBeLessThan(marked(all.change))
})

test('an extent may be drawn in the system of the surveys, with distances that were asked for', async () => {
  const { a, b, write } = await surveys()
  const extent = await write(squareAbout(heap, 8, false))
  const within = await runJob(a, b, { extent, options: { distThresholdLow: 0.5, distThresholdHigh: 1 } })
  const [feature, ...others] = await within.features()
  expect(others).toEqual([])
  const [lon, lat] = lonLat(corner.east + heap.x, corner.north + heap.y)
  expect(feature!.geometry.coordinates[0]).toBeCloseTo(lon, 4)
  expect(feature!.geometry.coordinates[1]).toBeCloseTo(lat, 4)
})

test.each([
  ['{', /^The input extent cannot be used: extent\.geojson \$: expected JSON/],
  [squareAbout({ x: 5000, y: 5000 }, 10, false), /the region in extent\.geojson lies beside the surveys\./],
  [
    { ...squareAbout(crate, 5, false), crs: { properties: { name: 'EPSG:9999' } } },
    /extent\.geojson EPSG:9999: expected a code with a known definition/,
  ],
])('an extent that cannot be used is told at submission: %j', async (json, message) => {
  const { a, b, write } = await surveys()
  const inputs = {
    modelA: await inspectedFiles(a),
    modelB: await inspectedFiles(b),
    extent: await inspectedFiles(await write(json)),
  }
  const { faults } = await inspectClouds(inputs, ['objects3D'], new AbortController().signal)
  expect(faults).toMatchObject([{ input: 'extent', error: { code: 'InputData_Invalid' } }])
  expect(faults[0]!.error.message).toMatch(message)
})

test('an extent needs surveys whose system is known', async () => {
  const folder = await temporaryFolder()
  const a = await writeSurvey(folder, 'a.las', bare, { seed: 1, crs: 'none' })
  const extent = join(folder, 'extent.geojson')
  await writeFile(extent, JSON.stringify(squareAbout(crate, 5, true)))
  const run = runJob(a, a, { extent, outputs: ['objects3D'] })
  await expect(run).rejects.toThrow(/extent\.geojson is in EPSG:4326, and the surveys are in no known system/)
})

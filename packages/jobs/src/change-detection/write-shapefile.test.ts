import { crsFromDefinition, toWgs84 } from '@alidade/formats'
import { expect, test } from 'vitest'
import { readShapefile } from './read-shapefile.fixture.ts'
import { type JobRun, runJob, temporaryFolder } from './run-job.fixture.ts'
import {
  bare,
  corner,
  crate,
  type SurveyOptions,
  withCrate,
  withHeap,
  writeSurvey,
} from './two-surveys.fixture.ts'

const outputs = ['objects3D', 'exportedLocations3DGeoJSON', 'exportedLocations3DSHP']

interface Asked {
  exportSrs?: string
  crs?: NonNullable<SurveyOptions['crs']>
  unitsPerMetre?: number
  outputs?: string[]
}

/** A crate left and a heap came. */
async function run({ exportSrs, outputs: asked = outputs, ...survey }: Asked = {}): Promise<JobRun> {
  const folder = await temporaryFolder()
  const before = await writeSurvey(folder, 'march.las', withCrate, { seed: 1, density: 3, ...survey })
  const after = await writeSurvey(folder, 'april.las', withHeap, { seed: 2, density: 3, ...survey })
  return runJob(before, after, {
    outputs: asked,
    options: exportSrs === undefined ? {} : { exportSrs },
  })
}

const shapefileOf = (job: JobRun) =>
  readShapefile(job.path('exportedLocations3DSHP', 'exportedLocations3DSHP'))

type Results = Awaited<ReturnType<typeof resultsOf>>
async function resultsOf(job: JobRun) {
  return { ...(await shapefileOf(job)), features: await job.features() }
}

let ofOwnSystem: Promise<Results> | undefined
/** Of one run for all tests that ask for nothing else. */
function inOwnSystem(): Promise<Results> {
  ofOwnSystem ??= run().then(resultsOf)
  return ofOwnSystem
}

test('a shapefile tells of every change what the GeoJSON does, within names of ten characters', async () => {
  const { points, features } = await inOwnSystem()
  expect(points.map(({ values }) => values)).toEqual(
    features.map(({ properties: p }) => ({
      id: p.id,
      label: p.label,
      confidence: p.confidence,
      change: p.change,
      volumeM3: p.volumeCubicMetres,
      volUnc95M3: p.volumeUncertainty95,
      pointCount: p.pointCount,
      areaM2: p.areaSquareMetres,
      lengthM: p.lengthMetres,
      widthM: p.widthMetres,
      heightM: p.heightMetres,
      yawDeg: p.yawDegrees,
    })),
  )
  expect(points.map(({ values }) => values.label).sort()).toEqual(['appeared', 'disappeared'])
})

test('without exportSrs it is in the system of the surveys', async () => {
  const { points, prj, features } = await inOwnSystem()
  const lonLat = toWgs84(crsFromDefinition('EPSG:32632'))
  for (const [i, { geometry }] of features.entries()) {
    const [lon, lat] = lonLat(points[i]!.x, points[i]!.y)
    expect([lon, lat, points[i]!.z]).toEqual(geometry.coordinates.map((value) => expect.closeTo(value, 3)))
  }
  const left = points.find(({ values }) => values.label === 'disappeared')!
  expect(Math.hypot(left.x - corner.east - crate.x, left.y - corner.north - crate.y)).toBeLessThan(0.3)
  expect(prj).toContain('AUTHORITY["EPSG",32632]')
})

test('exportSrs moves the places, not the heights, and leaves the GeoJSON on WGS 84', async () => {
  const own = await inOwnSystem()
  const { points, prj, features } = await resultsOf(await run({ exportSrs: 'EPSG:4326' }))
  expect(features).toEqual(own.features)
  expect(prj).toMatch(/^GEOGCS\["GCS_WGS_1984"/)
  const places = features.map(({ geometry }) => geometry.coordinates)
  expect(points.map(({ x, y }) => [x, y])).toEqual(
    places.map(([lon, lat]) => [expect.closeTo(lon, 8), expect.closeTo(lat, 8)]),
  )
  expect(points.map(({ z }) => z)).toEqual(own.points.map(({ z }) => z))
})

test('a system of another datum is reached by its seven parameters', async () => {
  const { points, prj } = await shapefileOf(await run({ exportSrs: 'EPSG:31467' }))
  expect(prj).toContain('D_Deutsches_Hauptdreiecksnetz')
  const left = points.find(({ values }) => values.label === 'disappeared')!
  const back = toWgs84(crsFromDefinition('EPSG:31467'))(left.x, left.y)
  const wanted = toWgs84(crsFromDefinition('EPSG:32632'))(corner.east + crate.x, corner.north + crate.y)
  expect(Math.abs(back[0] - wanted[0]) + Math.abs(back[1] - wanted[1])).toBeLessThan(5e-6)
  // Gauss-Krueger's scale is 1, that of UTM 0.9996: the northings lie two kilometres apart.
  expect(left.y - corner.north).toBeGreaterThan(1000)
})

test('heights have the unit of the places: feet beside feet, metres beside degrees', async () => {
  const footMetres = 0.3048
  const wkt =
    'PROJCS["field in feet",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],' +
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],' +
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",0.9996],' +
    `PARAMETER["false_easting",${500_000 / footMetres}],PARAMETER["false_northing",0],UNIT["foot",${footMetres}]]`
  const survey = { crs: { wkt }, unitsPerMetre: 1 / footMetres }
  const inFeet = await shapefileOf(await run(survey))
  const inMetres = await shapefileOf(await run({ ...survey, exportSrs: 'EPSG:32632' }))
  expect(inFeet.prj).toContain('UNIT["Foot",0.3048]')
  for (const [i, { x, y, z }] of inFeet.points.entries()) {
    const other = inMetres.points[i]!
    expect([x, y, z].map((value) => value * footMetres)).toEqual(
      [other.x, other.y, other.z].map((value) => expect.closeTo(value, 3)),
    )
    expect(other.z).toBeGreaterThan(99)
    expect(other.z).toBeLessThan(105)
  }
})

test('surveys without a system keep their numbers, and the shapefile names none', async () => {
  const asked = ['objects3D', 'exportedLocations3DSHP']
  const { points, prj } = await shapefileOf(await run({ crs: 'none', outputs: asked }))
  expect(prj).toBeUndefined()
  expect(points[0]!.x).toBeGreaterThan(corner.east)
})

test('no changes make a shapefile without points', async () => {
  const folder = await temporaryFolder()
  const survey = async (seed: number) => writeSurvey(folder, `${seed}.las`, bare, { seed, density: 3 })
  const job = await runJob(await survey(1), await survey(2), { outputs: ['exportedLocations3DSHP'] })
  expect((await shapefileOf(job)).points).toEqual([])
})

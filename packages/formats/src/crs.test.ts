import { expect, test } from 'vitest'
import { crsFromDefinition, toWgs84 } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'

// Expected places by PROJ 9.1.1 with its grids: `echo "155000 463000" | cs2cs -f %.9f EPSG:28992 EPSG:4326`.
// The last column is what a transformation without grid files may be off by, in metres.
test.each([
  ['EPSG:32632', 512700.87, 5403547.26, 9.172901843, 48.784794397, 0.001],
  ['EPSG:32735', 500000, 7000000, 27, -27.122469642, 0.001],
  ['EPSG:25832', 691608.87, 5334760.49, 11.575569601, 48.137222612, 0.001],
  ['EPSG:26917', 633993.79, 4831297.2, -79.339217618, 43.622599829, 0.001],
  ['EPSG:28355', 320704, 5812911, 144.963094759, -37.813606214, 0.001],
  ['EPSG:7855', 320704, 5812911, 144.963094759, -37.813606214, 0.001],
  ['EPSG:6339', 500000, 5000000, -123, 45.153477184, 0.001],
  ['EPSG:31983', 333000, 7394000, -46.63618562, -23.555782351, 0.001],
  ['EPSG:28992', 155000, 463000, 5.387203508, 52.155172301, 0.01],
  ['EPSG:27700', 530000, 180000, -0.12835394, 51.503990828, 5],
  ['EPSG:2056', 2600000, 1200000, 7.438632421, 46.951082772, 0.01],
  ['EPSG:2154', 652381, 6862047, 2.350999077, 48.856699082, 0.001],
  ['EPSG:3857', -8242746, 4966506, -74.045847149, 40.68851709, 0.001],
  ['EPSG:2992', 636001.76, 848935.2, -123.073380968, 44.049900771, 0.001],
  ['EPSG:2263', 981106, 195544, -74.011339263, 40.703399276, 0.001],
  ['EPSG:31370', 150000, 170000, 4.368752141, 50.840411283, 0.01],
  ['EPSG:3358', 640000, 225000, -78.663762701, 35.777814568, 1],
  ['EPSG:5514', -743000, -1043000, 14.418593891, 50.087346615, 10],
  // `cct +proj=pipeline +step +inv +proj=topocentric ... +step +inv +proj=cart +ellps=WGS84`
  ['ENU:36.7127,-6.10034', 1000, 2000, -6.089144873, 36.730721967, 0.001],
] as const)('%s: %f, %f lies where PROJ says', (definition, x, y, lon, lat, toleranceMetres) => {
  const [ourLon, ourLat] = toWgs84(crsFromDefinition(definition))(x, y)
  const metresPerDegree = 111_320
  const east = (ourLon - lon) * metresPerDegree * Math.cos((lat * Math.PI) / 180)
  expect(Math.hypot(east, (ourLat - lat) * metresPerDegree)).toBeLessThan(toleranceMetres)
})

test.each([
  ['EPSG:32632', 'projected', 1],
  ['EPSG:2992', 'projected', 0.3048],
  ['EPSG:2263', 'projected', 1200 / 3937],
  ['EPSG:4326', 'geographic', 1],
  ['Local:unit=meter', 'local', 1],
  ['Local:unit=us survey foot', 'local', 1200 / 3937],
  ['ENU:36.7,-6.1', 'local', 1],
  ['+proj=tmerc +lat_0=0 +lon_0=9 +datum=WGS84 +to_meter=0.3048', 'projected', 0.3048],
] as const)('%s is %s, its unit %f m', (definition, kind, metres) => {
  const crs = crsFromDefinition(definition)
  expect(crs.kind).toBe(kind)
  expect(crs.linearUnit.metres).toBeCloseTo(metres, 12)
})

test('the vertical part of a compound code is noted, the horizontal one used', () => {
  expect(crsFromDefinition('EPSG:28992+5709')).toMatchObject({ epsg: 28992, vertical: 'EPSG:5709' })
})

test.each([
  '',
  'EPSG:99999',
  'EPSG:32690',
  'EPSG:26591',
  'WGS 84',
  'Local:unit=cubit',
  'ENU:100,5',
  '+proj=none',
])('%j is refused as unsupported', (definition) => {
  expect(() => crsFromDefinition(definition)).toThrow(expect.objectContaining({ code: 'Unsupported' }))
})

test('a local system has no way to WGS 84, and says so', () => {
  expect(() => toWgs84(crsFromDefinition('Local:unit=meter'))).toThrow(/known way to WGS 84/)
})

test('a place the projection cannot reach is a RangeError', () => {
  const project = toWgs84(crsFromDefinition('EPSG:32632'))
  expect(() => project(Number.NaN, 0)).toThrow(RangeError)
})

test('a datum without known shift carries a warning', () => {
  expect(crsFromDefinition('EPSG:26717').warning).toContain('NAD27')
  expect(crsFromDefinition('EPSG:27700').warning).toBeUndefined()
})

test.each([32601, 32632, 32760, 25833, 26917])(
  'the WKT written for EPSG:%i means the same as the code',
  (epsg) => {
    const [fromText, fromCode] = [crsFromDefinition(wktOfEpsg(epsg)), crsFromDefinition(`EPSG:${epsg}`)]
    expect(fromText).toMatchObject({ name: fromCode.name, epsg, linearUnit: fromCode.linearUnit })
    // Without its authority codes the text has to speak for itself.
    const bare = wktOfEpsg(epsg).replace(/,AUTHORITY\["EPSG","\d+"\]/g, '')
    const place = [480000, 5200000] as const
    const [lon, lat] = toWgs84(crsFromDefinition(bare))(...place)
    const [expectedLon, expectedLat] = toWgs84(fromCode)(...place)
    expect(lon).toBeCloseTo(expectedLon, 9)
    expect(lat).toBeCloseTo(expectedLat, 9)
  },
)

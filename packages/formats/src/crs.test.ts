import { expect, test } from 'vitest'
import { crsFromDefinition, reproject, toWgs84 } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { heightWarning } from './crs-heights.ts'

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
  expect(crsFromDefinition('EPSG:28992+5709')).toMatchObject({ epsg: 28992, vertical: 'NAP height' })
  expect(crsFromDefinition('EPSG:7415')).toEqual(crsFromDefinition('EPSG:28992+5709'))
  expect(crsFromDefinition('EPSG:2263+6360').verticalUnit!.metres).toBeCloseTo(1200 / 3937, 12)
})

test.each([
  '',
  'EPSG:99999',
  'EPSG:32690',
  'EPSG:3139',
  'EPSG:28191',
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

test.each([
  ['EPSG:26717', 'NAD27 to WGS 84'],
  ['EPSG:27700', '"OSGB36 to WGS 84 (6)", which EPSG gives an accuracy of 2 m. A grid would be better'],
  ['EPSG:28992', 'an accuracy of 1 m. A grid would be better'],
  ['EPSG:2154', undefined],
  ['EPSG:25832', undefined],
  ['EPSG:2263', undefined],
])('what is known of the way to WGS 84 is told: %s, %s', (definition, warning) => {
  const told = crsFromDefinition(definition).warning
  if (warning === undefined) expect(told).toBeUndefined()
  else expect(told).toContain(warning)
})

test('systems that count to the west and to the south do so', () => {
  const lo19 = crsFromDefinition('EPSG:2048')
  // `echo "-33.5 18.5" | cs2cs EPSG:4326 EPSG:2048`
  const [x, y] = reproject(crsFromDefinition('EPSG:4326'), lo19)(18.5, -33.5)
  expect([x, y].map((value) => Number(value.toFixed(3)))).toEqual([46461.504, 3708314.396])
  const [lon, lat] = toWgs84(lo19)(x, y)
  expect([lon, lat].map((value) => Number(value.toFixed(9)))).toEqual([18.5, -33.5])
})

// `echo "100 60" | cs2cs '+proj=longlat +ellps=X +type=crs' +to '+proj=tmerc +lon_0=99 +ellps=X +type=crs'`
test.each([
  ['GSK2011', 55798.582, 6654493.944],
  ['WGS72', 55798.567, 6654492.68],
  ['PZ90', 55798.577, 6654493.542],
  ['danish', 55787.991, 6653474.177],
] as const)(
  'the ellipsoid %s, which proj4 does not know by its name, is not taken for another',
  (name, ...expected) => {
    const [geographic, plane] = ['+proj=longlat', '+proj=tmerc +lon_0=99'].map((projection) =>
      crsFromDefinition(`${projection} +ellps=${name}`),
    )
    const place = reproject(geographic!, plane!)(100, 60)
    expect(place.map((value) => Number(value.toFixed(3)))).toEqual(expected)
  },
)

test('heights above the ellipsoid are known as such, by code and in text', () => {
  expect(heightWarning(crsFromDefinition('EPSG:4979'))).toBeUndefined()
  expect(heightWarning(crsFromDefinition('EPSG:32632'))).toBeUndefined()
  expect(heightWarning(crsFromDefinition('EPSG:7415'))).toContain('"NAP height"')
  const wkt1 = (type: number) =>
    `COMPD_CS["both",${wktOfEpsg(32632)},VERT_CS["h",VERT_DATUM["d",${type}],UNIT["metre",1]]]`
  expect(heightWarning(crsFromDefinition(wkt1(2002)))).toBeUndefined()
  expect(heightWarning(crsFromDefinition(wkt1(2005)))).toContain('"h"')
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

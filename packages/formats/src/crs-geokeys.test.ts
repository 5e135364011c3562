import { expect, test } from 'vitest'
import { geoKeysOfEpsg } from './crs-encode.ts'
import { crsFromGeoKeys } from './crs-geokeys.ts'
import { toWgs84 } from './crs.ts'
import { knownDatum } from './esri-names.ts'
import { encodeGeoKeys, oregonKeys } from './geokeys.fixture.ts'

test('a projected code is all it takes', () => {
  expect(crsFromGeoKeys(encodeGeoKeys([1024, 1], [3072, 32632], [3076, 9001]))).toMatchObject({
    epsg: 32632,
    name: 'WGS 84 / UTM zone 32N',
    kind: 'projected',
    linearUnit: { name: 'metre', metres: 1 },
  })
})

test('a geographic code', () => {
  expect(crsFromGeoKeys(encodeGeoKeys([1024, 2], [2048, 4326]))).toMatchObject({
    epsg: 4326,
    kind: 'geographic',
  })
})

test.each([
  [4326, 'geographic', 2, 2048],
  [7844, 'geographic', 2, 2048],
  [4978, 'geocentric', 3, 2048],
  [4037, 'projected', 1, 3072],
  [25832, 'projected', 1, 3072],
  // Not in the table.
  [32690, 'unknown', 1, 3072],
])('EPSG:%i is written as %s, whatever its number', (epsg, kind, model, key) => {
  const directory = geoKeysOfEpsg(epsg)
  expect(directory).toEqual(encodeGeoKeys([1024, model], [1025, 1], [key, epsg]).directory)
  expect(crsFromGeoKeys({ directory })).toMatchObject({ epsg, kind })
})

test('codes of heights are those of EPSG, an ellipsoid by its number or by a system with heights', () => {
  const vertical = (code: number) =>
    crsFromGeoKeys(encodeGeoKeys([1024, 1], [3072, 32632], [4096, code]))!.vertical
  expect(vertical(4440)).toBe('NZVD2009 height')
  expect([4979, 7843, 5030].map(vertical)).toEqual(Array(3).fill('ellipsoidal height'))
})

test('a unit that contradicts the code wins, with a warning, and the place follows it', () => {
  const crs = crsFromGeoKeys(encodeGeoKeys([1024, 1], [3072, 32632], [3076, 9002]))!
  expect(crs.epsg).toBeUndefined()
  expect(crs).toMatchObject({ linearUnit: { metres: 0.3048 }, warning: expect.stringContaining('foot') })
  const [lon, lat] = toWgs84(crs)(512700.87 / 0.3048, 5403547.26 / 0.3048)
  expect(lon).toBeCloseTo(9.172901843, 8)
  expect(lat).toBeCloseTo(48.784794397, 8)
})

test('a projection told by its parameters: Lambert in feet, the place PROJ gives for EPSG:2992', () => {
  const crs = crsFromGeoKeys(oregonKeys())!
  expect(crs).toMatchObject({
    name: 'Oregon Lambert',
    geographicEpsg: 4152,
    linearUnit: { metres: 0.3048 },
    vertical: 'NAVD88 height',
  })
  expect(crs.verticalUnit!.metres).toBeCloseTo(1200 / 3937, 12)
  expect(knownDatum(crs)).toBe('North_American_1983_HARN')
  const [lon, lat] = toWgs84(crs)(636001.76, 848935.2)
  expect(lon).toBeCloseTo(-123.073380968, 8)
  expect(lat).toBeCloseTo(44.049900771, 8)
})

test('an unknown code leaves a named system without a way to WGS 84', () => {
  const crs = crsFromGeoKeys(encodeGeoKeys([1024, 1], [3072, 32690], [1026, 'somewhere']))!
  expect(crs).toMatchObject({ name: 'somewhere', kind: 'unknown' })
  expect(crs.proj4).toBeUndefined()
})

test('keys that name no system give none', () => {
  expect(crsFromGeoKeys(encodeGeoKeys([1025, 1]))).toBeUndefined()
})

test('a directory that promises more keys than it has is Corrupt', () => {
  const { directory } = encodeGeoKeys([1024, 1])
  directory[6] = 2
  expect(() => crsFromGeoKeys({ directory })).toThrow(expect.objectContaining({ code: 'Corrupt' }))
  expect(() => crsFromGeoKeys({ directory: new Uint8Array(3) })).toThrow(
    expect.objectContaining({ code: 'Corrupt' }),
  )
})

test('places outside the double and text records are ignored', () => {
  const keys = encodeGeoKeys([1024, 1], [3072, 32767], [3075, 1], [3080, 9, 'double'])
  expect(() =>
    crsFromGeoKeys({ ...keys, doubles: new Uint8Array(3), ascii: new Uint8Array(0) }),
  ).not.toThrow()
})

test.each([Number.NaN, Infinity])('a parameter of %d is Corrupt', (value) => {
  const keys = encodeGeoKeys([1024, 1], [3072, 32767], [3075, 1], [3080, value, 'double'])
  expect(() => crsFromGeoKeys(keys)).toThrow(
    expect.objectContaining({ code: 'Corrupt', place: 'GeoKey 3080' }),
  )
})

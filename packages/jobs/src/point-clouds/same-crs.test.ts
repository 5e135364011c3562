import { crsFromDefinition } from '@alidade/formats'
import { expect, test } from 'vitest'
import { sameCrs } from './same-crs.ts'

const place = [500_300, 5_400_200] as const
const same = (one: string, other: string) =>
  sameCrs(crsFromDefinition(one), crsFromDefinition(other), ...place)

const wgs84 = 'WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]'
const grs80 = 'SPHEROID["GRS 1980",6378137,298.257222101]'
const wktWithoutCode = (meridian: number, unit = 'UNIT["metre",1]', datum = wgs84) =>
  `PROJCS["a name of its own",GEOGCS["of its own",DATUM["${datum}],` +
  `PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],` +
  `PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",${meridian}],PARAMETER["scale_factor",0.9996],` +
  `PARAMETER["false_easting",500000],PARAMETER["false_northing",0],${unit}]`

test('codes are compared with codes, heights left aside', () => {
  expect(same('EPSG:32632', 'EPSG:32632')).toBe(true)
  expect(same('EPSG:32632', 'EPSG:32633')).toBe(false)
  expect(same('EPSG:28992', 'EPSG:28992+5709')).toBe(true)
})

test('codes of one zone on datums that are a metre or two apart are not the same', () => {
  expect(same('EPSG:25832', 'EPSG:32632')).toBe(false)
  expect(same('EPSG:28355', 'EPSG:7855')).toBe(false)
})

test('a system in words is the one of the code if it puts a place where that does', () => {
  expect(same('EPSG:32632', wktWithoutCode(9))).toBe(true)
  expect(same('EPSG:32632', wktWithoutCode(15))).toBe(false)
  expect(same(wktWithoutCode(9), '+proj=utm +zone=32 +datum=WGS84 +units=m')).toBe(true)
})

test.each([
  'European_Terrestrial_Reference_System_1989',
  'European Terrestrial Reference System 1989 ensemble',
  'D_ETRS_1989',
])('a system in words is on the datum that it names: %s', (name) => {
  const words = wktWithoutCode(9, undefined, `${name}",${grs80}`)
  expect(same(words, 'EPSG:25832')).toBe(true)
  for (const other of ['EPSG:32632', wktWithoutCode(9), '+proj=utm +zone=32 +datum=WGS84 +units=m'])
    expect([same(words, other), same(other, words)]).toEqual([false, false])
})

test('a system in words whose datum has no known name is told by its places alone', () => {
  const words = wktWithoutCode(9, undefined, `Somewhere",${grs80}`)
  expect([same(words, 'EPSG:25832'), same(words, 'EPSG:32632')]).toEqual([true, true])
})

test('another unit is another system', () => {
  expect(same('EPSG:32632', wktWithoutCode(9, 'UNIT["foot",0.3048]'))).toBe(false)
})

test('a local system is itself and no other', () => {
  expect(same('Local:unit=meter', 'Local:unit=meter')).toBe(true)
  expect(same('Local:unit=meter', 'EPSG:32632')).toBe(false)
})

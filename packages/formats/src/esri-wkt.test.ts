import proj4 from 'proj4'
import { describe, expect, test } from 'vitest'
import { crsFromDefinition } from './crs.ts'
import { wktOfEpsg } from './crs-encode.ts'
import { esriWkt } from './esri-wkt.ts'

const textOf = (definition: string) => esriWkt(crsFromDefinition(definition))

test('a UTM zone has the names that ESRI has for it', () => {
  expect(textOf('EPSG:32632')).toBe(
    'PROJCS["WGS_1984_UTM_Zone_32N",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",' +
      'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],' +
      'PROJECTION["Transverse_Mercator"],PARAMETER["False_Easting",500000.0],PARAMETER["False_Northing",0.0],' +
      'PARAMETER["Central_Meridian",9.0],PARAMETER["Scale_Factor",0.9996],PARAMETER["Latitude_Of_Origin",0.0],' +
      'UNIT["Meter",1.0],AUTHORITY["EPSG",32632]]',
  )
})

test.each([
  ['EPSG:25832', 'ETRS_1989_UTM_Zone_32N', 'D_ETRS_1989', 'GRS_1980', 'Meter'],
  ['EPSG:32735', 'WGS_1984_UTM_Zone_35S', 'D_WGS_1984', 'WGS_1984', 'Meter'],
  ['EPSG:26917', 'NAD_1983_UTM_Zone_17N', 'D_North_American_1983', 'GRS_1980', 'Meter'],
  ['EPSG:6346', 'NAD_1983_2011_UTM_Zone_17N', 'D_NAD_1983_2011', 'GRS_1980', 'Meter'],
  ['EPSG:28355', 'GDA_1994_MGA_Zone_55', 'D_GDA_1994', 'GRS_1980', 'Meter'],
  ['EPSG:28992', 'Amersfoort_RD_New', 'D_Amersfoort', 'Bessel_1841', 'Meter'],
  ['EPSG:27700', 'OSGB36_British_National_Grid', 'D_OSGB_1936', 'Airy_1830', 'Meter'],
  ['EPSG:2263', 'NAD83_New_York_Long_Island_ftUS', 'D_North_American_1983', 'GRS_1980', 'Foot_US'],
  [wktOfEpsg(32632), 'WGS_1984_UTM_Zone_32N', 'D_WGS_1984', 'WGS_1984', 'Meter'],
])('%s: %s, datum %s on %s, in %s', (definition, name, datum, spheroid, unit) => {
  const text = textOf(definition)!
  const named = [`PROJCS["${name}"`, `DATUM["${datum}"`, `SPHEROID["${spheroid}"`, `UNIT["${unit}"`]
  expect(named.filter((part) => !text.includes(part))).toEqual([])
})

test('degrees, web maps and a true parallel', () => {
  expect(textOf('EPSG:4326')).toMatch(
    /^GEOGCS\["GCS_WGS_1984",.*UNIT\["Degree",0\.0174532925199433\],AUTHORITY/,
  )
  expect(textOf('EPSG:3857')).toContain('PROJECTION["Mercator_Auxiliary_Sphere"]')
  // The definition has lat_ts=-41: the scale is 1 on both parallels of 41 degrees.
  expect(textOf('EPSG:3994')).toMatch(
    /PROJECTION\["Mercator"\].*PARAMETER\["Standard_Parallel_1",41\.0*\d*\]/,
  )
})

test('a datum that only the text names keeps its name', () => {
  const wkt = wktOfEpsg(32632)
    .replace('WGS_1984"', 'Mine Datum"')
    .replace(/,AUTHORITY\["EPSG","\d+"\]/g, '')
  expect(textOf(wkt)).toContain('GEOGCS["GCS_Mine_Datum",DATUM["D_Mine_Datum"')
})

test.each(['Local:unit=meter', 'EPSG:3031'])('%s has no text', (definition) => {
  expect(textOf(definition)).toBeUndefined()
})

// One of each projection, with and without a unit, a meridian or parallels of its own; proj4 reads ESRI's texts.
describe.each(
  [
    'EPSG:32632',
    'EPSG:2154',
    'EPSG:31370',
    'EPSG:2992',
    'EPSG:2263',
    'EPSG:28992',
    'EPSG:3035',
    'EPSG:3358',
  ].concat([
    'EPSG:5514',
    'EPSG:29101',
    'EPSG:3005',
    'EPSG:27700',
    'EPSG:31467',
    'ENU:36.7127,-6.10034',
    'EPSG:27571',
  ]),
)('%s', (definition) => {
  test('projects as its text does', () => {
    const crs = crsFromDefinition(definition)
    const [own, read] = [proj4.Proj(crs.proj4!), proj4.Proj(esriWkt(crs)!)] as unknown as Projection[]
    const [longitude, latitude] = [(own!.long0 ?? 0) + 0.02, latitudeOf(own!) + 0.01]
    const wanted = own!.forward({ x: longitude, y: latitude })
    const got = read!.forward({ x: longitude, y: latitude })
    expect(Math.hypot(got.x - wanted.x, got.y - wanted.y)).toBeLessThan(1e-3)
  })
})

/** Somewhere in the middle; a cone may have its origin at the pole. */
function latitudeOf({ lat0 = 0, lat1 = 0 }: Projection): number {
  return [lat0, lat1].find((latitude) => latitude !== 0 && Math.abs(latitude) < 1.5) ?? 0.8
}

type Place = { x: number; y: number }
type Projection = { long0?: number; lat0?: number; lat1?: number; forward(lonLat: Place): Place }

import { expect, test } from 'vitest'
import { openFile } from './byte-source.ts'
import { toWgs84 } from './crs.ts'
import { crsFromWkt } from './crs-wkt.ts'
import { readLasHeader } from './las-header.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'
import { parseWkt } from './wkt-tree.ts'

const oregonFeet =
  'PROJCS["Oregon Lambert (ft)",GEOGCS["NAD83(HARN)",DATUM["D",SPHEROID["GRS 1980",6378137,298.257222101]],' +
  'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic_2SP"],' +
  'PARAMETER["standard_parallel_1",43],PARAMETER["standard_parallel_2",45.5],' +
  'PARAMETER["latitude_of_origin",41.75],PARAMETER["central_meridian",-120.5],' +
  'PARAMETER["false_easting",1312335.958],PARAMETER["false_northing",0],UNIT["foot",0.3048]]'

test('WKT1 in feet: unit, and the place PROJ gives for the same system (EPSG:2992)', () => {
  const crs = crsFromWkt(oregonFeet)
  expect(crs).toMatchObject({ kind: 'projected', linearUnit: { name: 'foot', metres: 0.3048 } })
  const [lon, lat] = toWgs84(crs)(636001.76, 848935.2)
  expect(lon).toBeCloseTo(-123.073380968, 8)
  expect(lat).toBeCloseTo(44.049900771, 8)
})

test('of a compound system the horizontal part counts; the vertical one and its unit are noted', () => {
  const vertical =
    'VERT_CS["NAVD88 height (ftUS)",VERT_DATUM["NAVD88",2005],UNIT["US survey foot",0.304800609601219]]'
  const crs = crsFromWkt(`COMPD_CS["both",${oregonFeet},${vertical}]`)
  expect(crs).toMatchObject({
    name: 'Oregon Lambert (ft)',
    linearUnit: { metres: 0.3048 },
    vertical: 'NAVD88 height (ftUS)',
    verticalUnit: { metres: 0.304800609601219 },
  })
})

test('WKT2 states its unit on the axes', () => {
  const crs = crsFromWkt(
    'PROJCRS["UTM in feet",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",' +
      'ELLIPSOID["WGS 84",6378137,298.257223563,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0]],' +
      'CONVERSION["c",METHOD["Transverse Mercator"],PARAMETER["Latitude of natural origin",0],' +
      'PARAMETER["Longitude of natural origin",9],PARAMETER["Scale factor at natural origin",0.9996],' +
      'PARAMETER["False easting",500000,LENGTHUNIT["metre",1]],PARAMETER["False northing",0]],' +
      'CS[Cartesian,2],AXIS["(E)",east,LENGTHUNIT["foot",0.3048]],AXIS["(N)",north,LENGTHUNIT["foot",0.3048]]]',
  )
  expect(crs).toMatchObject({ kind: 'projected', linearUnit: { name: 'foot', metres: 0.3048 } })
})

test('a text with the code of a system of another unit is followed, not the code', () => {
  const text = oregonFeet.replace(/\]$/, ',AUTHORITY["EPSG","32610"]]')
  const [lon] = toWgs84(crsFromWkt(text))(636001.76, 848935.2)
  expect(lon).toBeCloseTo(-123.073380968, 8)
})

test('an old datum without shift carries a warning', () => {
  const text = oregonFeet.replace('6378137,298.257222101', '6378206.4,294.978698213898')
  expect(crsFromWkt(text).warning).toContain('No shift from datum D')
})

test.each([
  ['', 'a value'],
  ['PROJCS', 'a definition'],
  ['PROJCS["open', 'closing quote'],
  ['PROJCS["a",', 'a value'],
  ['PROJCS["a"', ', or ]'],
  [`${'A['.repeat(100_000)}`, 'levels'],
  ['x'.repeat(300_000), 'characters'],
] as const)('broken text %.20s is Corrupt', (text, problem) => {
  expect(() => parseWkt(text)).toThrow(problem)
  expect(() => parseWkt(text)).toThrow(expect.objectContaining({ code: 'Corrupt' }))
})

test('a doubled quote stands for one', () => {
  expect(parseWkt('LOCAL_CS["a ""b"" c"]').children).toEqual(['a "b" c'])
})

test('names from Object.prototype in the text change no object', () => {
  const text = oregonFeet.replace('"false_northing"', '"__proto__"')
  try {
    crsFromWkt(text)
  } catch {
    // Refusing it is as good as ignoring it.
  }
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>).a).toBeUndefined()
})

// `cs2cs` 9.1.1 of the lower left corner of the header's bounds.
test.skipIf(withoutRealData).each([
  ['formats/autzen_trim.laz', 'foot', -123.073380968, 44.049900771],
  ['epochs-real/TTP_15.laz', 'metre', -79.339217618, 43.622599829],
  ['isprs/samp11-utm.laz', 'metre', 9.172901843, 48.784794397],
] as const)(`%s lies where PROJ says${realDataNote}`, async (name, unit, lon, lat) => {
  const source = await openFile(pointCloudFile(name))
  const { crs, bounds } = await readLasHeader(source)
  await source.close()
  expect(crs!.linearUnit.name).toBe(unit)
  const place = toWgs84(crs!)(bounds.min[0], bounds.min[1])
  expect(place[0]).toBeCloseTo(lon, 8)
  expect(place[1]).toBeCloseTo(lat, 8)
})

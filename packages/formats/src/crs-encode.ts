// How a LAS file states an EPSG code: GeoTIFF keys for old point formats, WKT for new ones.
import type { LinearUnit } from './crs.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { epsgSystem } from './epsg-table.ts'
import { FormatError } from './format-error.ts'

/** GTModelTypeGeoKey, and the key that a code of this kind is the value of (OGC 19-008r4). */
const models = { projected: [1, 3072], geographic: [2, 2048], geocentric: [3, 2048] } as const

/** Directory of GeoTIFF keys with nothing but the code of the system and, where it is given, that of its heights. */
export function geoKeysOfEpsg(epsg: number, verticalEpsg?: number): Uint8Array {
  if (!Number.isInteger(epsg) || epsg < 1024 || epsg > 32766) {
    throw new FormatError(
      'Unsupported',
      'GeoTIFF keys',
      `expected an EPSG code of 1024 to 32766, got ${epsg}`,
    )
  }
  // The table has all geographic systems but those in other units than degrees, which no cloud is in.
  const [model, codeKey] = models[epsgSystem(epsg)?.kind ?? 'projected']
  const keys = [[1024, model], [1025, 1], [codeKey, epsg]] // biome-ignore format: pairs
  if (verticalEpsg !== undefined) keys.push([4096, verticalEpsg])
  const directory = new Uint16Array([
    1,
    1,
    0,
    keys.length,
    ...keys.flatMap(([key, value]) => [key!, 0, 1, value!]),
  ])
  const bytes = new Uint8Array(directory.length * 2)
  const view = new DataView(bytes.buffer)
  for (const [i, value] of directory.entries()) view.setUint16(2 * i, value, true)
  return bytes
}

const datums = {
  WGS84: {
    geographic: 'WGS 84',
    datum: 'WGS_1984',
    spheroid: '"WGS 84",6378137,298.257223563',
    epsg: [4326, 6326],
  },
  ETRS89: {
    geographic: 'ETRS89',
    datum: 'European_Terrestrial_Reference_System_1989',
    spheroid: '"GRS 1980",6378137,298.257222101',
    epsg: [4258, 6258],
  },
  NAD83: {
    geographic: 'NAD83',
    datum: 'North_American_Datum_1983',
    spheroid: '"GRS 1980",6378137,298.257222101',
    epsg: [4269, 6269],
  },
} as const

/** WKT1 (OGC 01-009, as LAS 1.4 asks) of a UTM system; FormatError `Unsupported` for other codes. */
export function wktOfEpsg(epsg: number): string {
  const utm = utmOfEpsg(epsg)
  const datum = utm && utm.datum in datums ? datums[utm.datum as keyof typeof datums] : undefined
  if (!utm || !datum) {
    throw new FormatError(
      'Unsupported',
      `EPSG:${epsg}`,
      'expected a UTM code of WGS 84, ETRS89 or NAD83; give the WKT',
    )
  }
  const [crsCode, datumCode] = datum.epsg
  const authority = (code: number) => `AUTHORITY["EPSG","${code}"]`
  const geographic =
    `GEOGCS["${datum.geographic}",DATUM["${datum.datum}",SPHEROID[${datum.spheroid}],${authority(datumCode)}],` +
    `PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],${authority(crsCode)}]`
  const parameter = (name: string, value: number) => `PARAMETER["${name}",${value}]`
  return (
    `PROJCS["${utm.name}",${geographic},PROJECTION["Transverse_Mercator"],` +
    `${parameter('latitude_of_origin', 0)},${parameter('central_meridian', 6 * utm.zone - 183)},` +
    `${parameter('scale_factor', 0.9996)},${parameter('false_easting', 500000)},` +
    `${parameter('false_northing', utm.south ? 10000000 : 0)},UNIT["metre",1,${authority(9001)}],` +
    `AXIS["Easting",EAST],AXIS["Northing",NORTH],${authority(epsg)}]`
  )
}

/** Type 2005 of OGC 01-009: heights above a model of the geoid. */
const geoidHeights = 2005

/** WKT1 of a system with heights, from that of its horizontal part. */
export function compoundWkt(
  name: string,
  horizontal: string,
  heights: { epsg: number; name: string; unit: LinearUnit },
): string {
  const unit = `UNIT["${heights.unit.name}",${heights.unit.metres}]`
  const vertical =
    `VERT_CS["${heights.name}",VERT_DATUM["${heights.name}",${geoidHeights}],${unit},` +
    `AXIS["Up",UP],AUTHORITY["EPSG","${heights.epsg}"]]`
  return `COMPD_CS["${name} + ${heights.name}",${horizontal},${vertical}]`
}

// Coordinate reference systems as ESRI writes them into a .prj: WKT1 with its own names, and no axes or datum shifts.
import proj4 from 'proj4'
import type { Crs } from './crs.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { esriDatum, esriName, esriSpheroid } from './esri-names.ts'

/** What proj4 makes of any definition: angles in radians, lengths in metres. */
type Projection = {
  readonly projName: string
  readonly a: number
  readonly b: number
  readonly es: number
  readonly datumCode?: string
  readonly from_greenwich?: number
  readonly lat0?: number
  readonly lat1?: number
  readonly lat2?: number
  readonly long0?: number
  readonly x0?: number
  readonly y0?: number
  readonly k0?: number
  readonly names: readonly string[]
}

/**
 * The text of the horizontal part; undefined for a system without a place on the Earth, and for a projection that
 * has no entry in `projections` below. An EPSG code that is known is added as AUTHORITY, so that programs which read
 * it need not guess the datum by its name.
 */
export function esriWkt(crs: Crs): string | undefined {
  if (crs.proj4 === undefined) return undefined
  // Its sphere is a trick of web maps: the datum is WGS 84 all the same.
  if (crs.epsg === 3857 || /\+proj=merc\b.*\+nadgrids=@null/.test(crs.proj4)) return webMercator
  const projection = proj4.Proj(crs.proj4) as unknown as Projection
  const { a, b, from_greenwich = 0 } = projection
  // Texts and absurd figures of a definition come through proj4 as they are.
  if (![a, b, from_greenwich].every(Number.isFinite)) return undefined
  const geographic = geographicText(crs, projection)
  const authority = crs.epsg === undefined ? '' : `,AUTHORITY["EPSG",${crs.epsg}]`
  if (crs.kind === 'geographic') return `${geographic}${authority}]`
  const method = projections[projection.names.find((name) => projections[name]) ?? '']
  if (!method) return undefined
  const { metres } = crs.linearUnit
  const values = [
    ['False_Easting', (projection.x0 ?? 0) / metres] as const,
    ['False_Northing', (projection.y0 ?? 0) / metres] as const,
    ...method.parameters(projection),
  ].map(([name, value]) => [name, Number(value)] as const)
  if (!values.every(([, value]) => Number.isFinite(value))) return undefined
  const parameters = values.map(([name, value]) => `PARAMETER["${name}",${decimal(value)}]`)
  const unit = `UNIT["${unitName(metres)}",${decimal(metres)}]`
  const head = `PROJCS["${projectedName(crs)}",${geographic}],PROJECTION["${method.name}"]`
  return `${[head, ...parameters, unit].join(',')}${authority}]`
}

type Method = { name: string; parameters(projection: Projection): (readonly [name: string, value: number])[] }

const meridian = ({ long0 = 0 }: Projection) => ['Central_Meridian', degrees(long0)] as const
const origin = ({ lat0 = 0 }: Projection) => ['Latitude_Of_Origin', degrees(lat0)] as const
const scale = ({ k0 = 1 }: Projection) => ['Scale_Factor', k0] as const
const parallel1 = ({ lat1 = 0 }: Projection) => ['Standard_Parallel_1', degrees(lat1)] as const
const parallel2 = ({ lat2 = 0 }: Projection) => ['Standard_Parallel_2', degrees(lat2)] as const

/** By one of the names proj4 has for the projection. */
const projections: Readonly<Record<string, Method>> = {
  tmerc: { name: 'Transverse_Mercator', parameters: (p) => [meridian(p), scale(p), origin(p)] },
  utm: { name: 'Transverse_Mercator', parameters: (p) => [meridian(p), scale(p), origin(p)] },
  lcc: {
    name: 'Lambert_Conformal_Conic',
    parameters: (p) =>
      p.lat2 === undefined || p.lat2 === p.lat1
        ? [meridian(p), parallel1(p), scale(p), origin(p)]
        : [meridian(p), parallel1(p), parallel2(p), origin(p)],
  },
  aea: { name: 'Albers', parameters: (p) => [meridian(p), parallel1(p), parallel2(p), origin(p)] },
  laea: { name: 'Lambert_Azimuthal_Equal_Area', parameters: (p) => [meridian(p), origin(p)] },
  aeqd: { name: 'Azimuthal_Equidistant', parameters: (p) => [meridian(p), origin(p)] },
  sterea: { name: 'Double_Stereographic', parameters: (p) => [meridian(p), scale(p), origin(p)] },
  merc: { name: 'Mercator', parameters: (p) => [meridian(p), ['Standard_Parallel_1', trueScaleLatitude(p)]] },
  cass: { name: 'Cassini', parameters: (p) => [meridian(p), ['Scale_Factor', 1], origin(p)] },
  poly: { name: 'Polyconic', parameters: (p) => [meridian(p), origin(p)] },
  somerc: {
    name: 'Hotine_Oblique_Mercator_Azimuth_Center',
    parameters: (p) => [scale(p), ['Azimuth', 90], ...centre(p)],
  },
  krovak: {
    name: 'Krovak',
    parameters: (p) => [
      ['Pseudo_Standard_Parallel_1', 78.5],
      scale(p),
      ['Azimuth', 30.28813975277778],
      ...centre(p),
      ['X_Scale', -1],
      ['Y_Scale', 1],
      ['XY_Plane_Rotation', 90],
    ],
  },
}

function centre({ long0 = 0, lat0 = 0 }: Projection) {
  return [['Longitude_Of_Center', degrees(long0)] as const, ['Latitude_Of_Center', degrees(lat0)] as const]
}

/** The parallel where the scale is 1, of a Mercator that states its scale on the equator. */
function trueScaleLatitude({ k0 = 1, es }: Projection): number {
  const sinSquared = (1 - k0 * k0) / (1 - k0 * k0 * es)
  return degrees(Math.asin(Math.sqrt(Math.max(0, sinSquared))))
}

const webMercator =
  'PROJCS["WGS_1984_Web_Mercator_Auxiliary_Sphere",GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",' +
  'SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],' +
  'PROJECTION["Mercator_Auxiliary_Sphere"],PARAMETER["False_Easting",0.0],PARAMETER["False_Northing",0.0],' +
  'PARAMETER["Central_Meridian",0.0],PARAMETER["Standard_Parallel_1",0.0],' +
  'PARAMETER["Auxiliary_Sphere_Type",0.0],UNIT["Meter",1.0],AUTHORITY["EPSG",3857]]'

/** Without its closing bracket, which an AUTHORITY may precede. */
function geographicText(crs: Crs, { a, b, datumCode, from_greenwich = 0 }: Projection): string {
  const spheroid = esriSpheroid(a, b)
  const datum = esriDatum(crs, datumCode, spheroid.name)
  const name = datum.startsWith('Unknown') ? 'GCS_Unknown' : `GCS_${datum}`
  const prime = from_greenwich === 0 ? 'Greenwich' : 'Prime_Meridian'
  return (
    `GEOGCS["${name}",DATUM["D_${datum}",SPHEROID["${spheroid.name}",${decimal(spheroid.a)},` +
    `${decimal(spheroid.inverseFlattening)}]],PRIMEM["${prime}",${decimal(degrees(from_greenwich))}],` +
    `UNIT["Degree",0.0174532925199433]`
  )
}

function projectedName(crs: Crs): string {
  const utm = crs.epsg === undefined ? undefined : utmOfEpsg(crs.epsg)
  if (!utm) return esriName(crs.name) || 'unnamed'
  const datum = esriDatum(crs, utm.datum, '').replace(/^North_American/, 'NAD')
  const australian = datum.startsWith('GDA')
  return `${datum}_${australian ? 'MGA' : 'UTM'}_Zone_${utm.zone}${australian ? '' : utm.south ? 'S' : 'N'}`
}

function unitName(metres: number): string {
  if (metres === 1) return 'Meter'
  if (Math.abs(metres - 0.3048) < 1e-12) return 'Foot'
  if (Math.abs(metres - 1200 / 3937) < 1e-12) return 'Foot_US'
  return metres === 1000 ? 'Kilometer' : 'Unit'
}

function degrees(radians: number): number {
  return (radians * 180) / Math.PI
}

/** As many digits as a double holds of a decimal fraction, and never without a point. */
function decimal(value: number): string {
  const text = String(Number(value.toPrecision(15)))
  return /[.e]/.test(text) ? text : `${text}.0`
}

// Coordinate reference systems: what one is here, and the way from its coordinates to longitude and latitude.
import proj4 from 'proj4'
import { crsFromEpsg, heightsOfEpsg } from './crs-epsg.ts'
import { crsFromProj4 } from './crs-proj4.ts'
import { crsFromWkt, looksLikeWkt } from './crs-wkt.ts'
import { FormatError } from './format-error.ts'

export type LinearUnit = { readonly name: string; readonly metres: number }

export type Crs = {
  readonly name: string
  readonly epsg?: number
  /** Of the geographic system below a projection that has no code but is told by its parameters. */
  readonly geographicEpsg?: number
  readonly wkt?: string
  /**
   * What proj4 accepts: a proj string or WKT, of the horizontal part. Absent when there is no way to WGS 84: a
   * local system, a geocentric one, or one that is only named.
   */
  readonly proj4?: string
  /** Of x and y; of heights when the system is geographic (degrees have no length). */
  readonly linearUnit: LinearUnit
  readonly kind: 'projected' | 'geographic' | 'geocentric' | 'local' | 'unknown'
  /** Name of the vertical part of a compound system. Heights are never transformed. */
  readonly vertical?: string
  /** Its code, where that is known. */
  readonly verticalEpsg?: number
  /** Unit of z, where the system states one of its own. */
  readonly verticalUnit?: LinearUnit
  /** Where EPSG has the system used, in degrees; its east is less than its west across the antimeridian. */
  readonly area?: readonly [west: number, south: number, east: number, north: number]
  /** What a user must know before trusting longitude and latitude, in one sentence. */
  readonly warning?: string
}

/** Real texts are under 10 kB. */
const longestDefinition = 64 * 1024

/**
 * The system behind a definition as ContextScene writes it: `EPSG:32632`, `EPSG:28992+5709`, `EPSG:7415`, WKT,
 * `ENU:lat,lon`, `Local:unit=meter`, or a proj string. FormatError `Unsupported` for anything else and for unknown codes.
 */
export function crsFromDefinition(definition: string): Crs {
  if (definition.length > longestDefinition)
    throw unsupported(definition, `a definition of at most ${longestDefinition} characters`)
  const text = definition.trim()
  const epsg = /^EPSG:{1,2}(\d{4,6})(?:\+(?:EPSG:)?(\d{4,6}))?$/i.exec(text)
  if (epsg) {
    return { ...crsFromEpsg(Number(epsg[1])), ...(epsg[2] !== undefined && heightsOfEpsg(Number(epsg[2]))) }
  }
  const local = /^Local:\s*unit=\s*([\w -]+)$/i.exec(text)
  if (local) {
    return { name: text, linearUnit: unitByName(local[1]!), kind: 'local' }
  }
  const enu = /^ENU:\s*([-+.\d]+)\s*,\s*([-+.\d]+)/i.exec(text)
  if (enu) return crsFromEnu(text, Number(enu[1]), Number(enu[2]))
  if (looksLikeWkt(text)) return crsFromWkt(text)
  if (text.startsWith('+')) return crsFromProj4(text, { name: text })
  throw unsupported(text, 'EPSG:<code>, WKT, ENU:<latitude>,<longitude> or Local:unit=<unit>')
}

/**
 * Longitude and latitude in degrees on WGS 84 of a place in the system; heights play no part. Without grid files:
 * datum shifts by seven parameters are good to some metres. RangeError for a place the projection cannot reach.
 */
export function toWgs84(crs: Crs): (x: number, y: number) => [lon: number, lat: number] {
  const project = converter(definitionOf(crs), 'EPSG:4326')
  return (x, y) => {
    const [lon, lat] = project(x, y)
    if (!Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lat) > 90) {
      throw new RangeError(`expected a place that ${crs.name} can reach, got ${x}, ${y}`)
    }
    return [lon, lat]
  }
}

/**
 * From coordinates of one system to those of another, longitude first where it is geographic; heights play no part
 * and datum shifts are as good as those of `toWgs84`. RangeError for a place that one of them cannot reach, which is
 * so when the way back ends elsewhere.
 */
export function reproject(from: Crs, to: Crs): (x: number, y: number) => [x: number, y: number] {
  const [source, target] = [definitionOf(from), definitionOf(to)]
  // The same numbers, not nearly the same.
  if (source === target) return (x, y) => [x, y]
  const [there, back] = [converter(source, target), converter(target, source)]
  const lonLat = toWgs84(from)
  const toleranceMetres = 0.01
  return (x, y) => {
    lonLat(x, y)
    const place = there(x, y)
    const [backX, backY] = back(...place)
    const offMetres = Math.hypot(backX - x, backY - y) * metresPerUnit(from)
    if (!(offMetres < toleranceMetres)) {
      throw new RangeError(`expected a place that ${to.name} can reach, got ${x}, ${y} in ${from.name}`)
    }
    return place
  }
}

function metresPerUnit({ kind, linearUnit }: Crs): number {
  return kind === 'geographic' ? 111_320 : linearUnit.metres
}

function definitionOf({ name, proj4 }: Crs): string {
  if (proj4 === undefined) throw unsupported(name, 'a system with a known way to WGS 84')
  return proj4
}

/** Not a number where proj4 gives none or throws: some projections do so for places beyond them. */
function converter(from: string, to: string): (x: number, y: number) => [x: number, y: number] {
  const { forward, inverse } = proj4(from, to)
  // Its series from the authalic latitude ends after three terms: 1.3 mm in Europe, nothing after a second try.
  const again = /\+proj=laea|Lambert.Azimuthal.Equal.Area/i.test(from)
  // Some systems count to the west and to the south. Axes of WKT are left alone: files have x to the east all the same.
  const turned = [from, to].some((definition) => definition.includes('+axis='))
  return (x, y) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) return [Number.NaN, Number.NaN]
    try {
      const place = forward<[number, number]>([x, y], turned)
      if (!again) return place
      const [backX, backY] = inverse<[number, number]>([...place], turned)
      return forward<[number, number]>([2 * x - backX, 2 * y - backY], turned)
    } catch {
      return [Number.NaN, Number.NaN]
    }
  }
}

const unitMetres: Record<string, number> = {
  meter: 1,
  metre: 1,
  m: 1,
  millimeter: 0.001,
  centimeter: 0.01,
  kilometer: 1000,
  foot: 0.3048,
  feet: 0.3048,
  ft: 0.3048,
  'us survey foot': 1200 / 3937,
  'us-ft': 1200 / 3937,
}

function unitByName(name: string): LinearUnit {
  const metres = unitMetres[name.trim().toLowerCase()]
  if (metres === undefined) throw unsupported(name, `a unit of ${Object.keys(unitMetres).join(', ')}`)
  return { name: metres === 1 ? 'metre' : name.trim(), metres }
}

/**
 * East, north, up about an origin on the ellipsoid. The plane of an azimuthal equidistant projection stands in for
 * the tangent plane: they differ by d^3 / 6R^2, 0.5 mm at 5 km and 4 m at 100 km.
 */
function crsFromEnu(name: string, lat: number, lon: number): Crs {
  if (!(Math.abs(lat) <= 90 && Math.abs(lon) <= 360)) throw unsupported(name, 'ENU:<latitude>,<longitude>')
  const definition = `+proj=aeqd +lat_0=${lat} +lon_0=${lon} +datum=WGS84 +units=m`
  return { name, proj4: definition, linearUnit: { name: 'metre', metres: 1 }, kind: 'local' }
}

function unsupported(got: string, expected: string): FormatError {
  const shown = got.length > 80 ? `${got.slice(0, 80)}...` : got
  return new FormatError('Unsupported', 'coordinate reference system', `expected ${expected}, got ${shown}`)
}

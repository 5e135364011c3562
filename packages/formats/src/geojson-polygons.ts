// The polygons of a GeoJSON text, as drawn by others: RFC 7946, and the `crs` member of the draft before it, which
// desktop programs still write.
import { FormatError } from './format-error.ts'
import { checkJsonLimits } from './json-limits.ts'
import { type JsonObject, objectAt, stringAt } from './json-shape.ts'

export interface GeoJsonPolygons {
  /** Rings of each polygon, the outer one first, not necessarily closed: x and y in turn. */
  polygons: Float64Array[][]
  /** Definition of the system of the coordinates, e.g. `EPSG:32632`; `EPSG:4326` where none is named. */
  crs: string
}

const limits = { deepest: 12, mostValues: 2_000_000 } as const

/**
 * Takes a geometry, a feature or a collection of either. FormatError `Invalid` with the JSON path for what is no JSON, no
 * GeoJSON, or no polygon; `Unsupported` for a `crs` that is no EPSG code.
 */
export function parseGeoJsonPolygons(bytes: Uint8Array): GeoJsonPolygons {
  const text = new TextDecoder().decode(bytes)
  checkJsonLimits(text, limits)
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new FormatError('Invalid', '$', 'expected JSON, got a text that is none', { cause: error })
  }
  const root = objectAt(json, '$')
  const polygons: Float64Array[][] = []
  collect(root, '$', polygons)
  if (polygons.length === 0) throw invalid('$', 'at least one polygon', 'none')
  return { polygons, crs: crsOf(root) }
}

function collect(object: JsonObject, path: string, polygons: Float64Array[][]): void {
  const type = stringAt(object, 'type', path)
  const each = (member: string) => {
    for (const [i, item] of listAt(object[member], `${path}.${member}`).entries())
      collect(objectAt(item, `${path}.${member}[${i}]`), `${path}.${member}[${i}]`, polygons)
  }
  switch (type) {
    case 'FeatureCollection':
      each('features')
      return
    case 'GeometryCollection':
      each('geometries')
      return
    case 'Feature':
      collect(objectAt(object.geometry, `${path}.geometry`), `${path}.geometry`, polygons)
      return
    case 'Polygon':
      polygons.push(ringsAt(object.coordinates, `${path}.coordinates`))
      return
    case 'MultiPolygon':
      for (const [i, rings] of listAt(object.coordinates, `${path}.coordinates`).entries())
        polygons.push(ringsAt(rings, `${path}.coordinates[${i}]`))
      return
    default:
      throw invalid(`${path}.type`, 'a Polygon, or what holds some', JSON.stringify(type.slice(0, 60)))
  }
}

function ringsAt(value: unknown, path: string): Float64Array[] {
  const rings = listAt(value, path)
  if (rings.length === 0) throw invalid(path, 'at least one ring', 'none')
  return rings.map((ring, i) => ringAt(ring, `${path}[${i}]`))
}

function ringAt(value: unknown, path: string): Float64Array {
  const positions = listAt(value, path)
  if (positions.length < 3) throw invalid(path, 'a ring of at least 3 corners', positions.length)
  const ring = new Float64Array(2 * positions.length)
  for (const [i, position] of positions.entries()) {
    const [x, y] = listAt(position, `${path}[${i}]`)
    if (!Number.isFinite(x) || !Number.isFinite(y))
      throw invalid(`${path}[${i}]`, 'two numbers', 'something else')
    ring.set([x as number, y as number], 2 * i)
  }
  return ring
}

function crsOf(root: JsonObject): string {
  if (root.crs == null) return 'EPSG:4326'
  const properties = objectAt(objectAt(root.crs, '$.crs').properties, '$.crs.properties')
  const name = stringAt(properties, 'name', '$.crs.properties')
  if (/CRS84$/.test(name)) return 'EPSG:4326'
  const code = /EPSG:(?:[\d.]*:)?(\d{4,6})$/i.exec(name)?.[1]
  if (code !== undefined) return `EPSG:${code}`
  const got = JSON.stringify(name.slice(0, 60))
  throw new FormatError(
    'Unsupported',
    '$.crs.properties.name',
    `expected the code of an EPSG system, got ${got}`,
  )
}

function listAt(value: unknown, path: string): unknown[] {
  if (!Array.isArray(value))
    throw invalid(path, 'an array', value === undefined ? 'nothing' : 'something else')
  return value
}

function invalid(path: string, expected: string, got: unknown): FormatError {
  return new FormatError('Invalid', path, `expected ${expected}, got ${String(got)}`)
}

// The systems of EPSG that are known here: `epsg-table.tsv`, which `npm run epsg` writes. Its head explains the columns.
import { readFileSync } from 'node:fs'

/** Degrees; the east is less than the west where the area crosses the antimeridian. */
export type AreaOfUse = readonly [west: number, south: number, east: number, north: number]

export type EpsgShift = {
  /** As EPSG calls it, e.g. `OSGB36 to WGS 84 (6)`. */
  readonly name: string
  readonly accuracyMetres?: number
  readonly towgs84: string
  /** Whether EPSG has a grid for the place that is more accurate. */
  readonly gridIsBetter: boolean
}

export type EpsgSystem = {
  readonly name: string
  readonly kind: 'projected' | 'geographic' | 'geocentric'
  /** Code of the geographic system below a projected one; its own of a geographic one. */
  readonly geographic: number
  readonly area: AreaOfUse
  /** Absent where none is known, and for systems on the datum of WGS 84 itself. */
  readonly shift?: EpsgShift
  /** Projection and ellipsoid, without a datum. */
  readonly projection: string
  /** Whether its heights are above its ellipsoid. */
  readonly threeDimensional: boolean
}

export function epsgSystem(code: number): EpsgSystem | undefined {
  const row = table().P?.get(String(code))
  if (!row) return undefined
  const [name, base, area, shiftOf, projection] = row as [string, string, string, string, string]
  const shift = shiftNamed(shiftOf)
  return {
    name,
    kind: kindOf(projection),
    geographic: base === '' ? code : Number(base),
    area: area.split(' ').map(Number) as unknown as AreaOfUse,
    ...(shift && { shift }),
    projection,
    threeDimensional: table().E?.has(String(code)) === true,
  }
}

function kindOf(projection: string): EpsgSystem['kind'] {
  if (projection.startsWith('+proj=longlat')) return 'geographic'
  return projection.startsWith('+proj=geocent') ? 'geocentric' : 'projected'
}

/** What heights are above, and their unit. */
export function epsgHeight(code: number): { name: string; metres: number } | undefined {
  const [name, metres] = table().V?.get(String(code)) ?? []
  return name === undefined ? undefined : { name, metres: Number(metres) }
}

export function epsgCompound(code: number): { horizontal: number; vertical: number } | undefined {
  const [, horizontal, vertical] = table().C?.get(String(code)) ?? []
  return horizontal === undefined ? undefined : { horizontal: Number(horizontal), vertical: Number(vertical) }
}

/** What ESRI calls the datum of a geographic system, without the `D_` before it. */
export function esriDatumOf(geographic: number): string | undefined {
  return table().D?.get(String(geographic))?.[0]
}

export function isEsriDatum(name: string): boolean {
  return Array.from(table().D?.values() ?? []).some(([datum]) => datum === name)
}

function shiftNamed(reference: string): EpsgShift | undefined {
  const [name, accuracy, towgs84] = table().S?.get(reference.replace('*', '')) ?? []
  if (name === undefined || towgs84 === undefined) return undefined
  return {
    name,
    ...(accuracy !== '' && { accuracyMetres: Number(accuracy) }),
    towgs84,
    gridIsBetter: reference.endsWith('*'),
  }
}

/** Rows by kind and by code; the columns that follow them. */
type Table = Readonly<Record<string, ReadonlyMap<string, readonly string[]> | undefined>>

let rows: Table | undefined

/** Read when first needed: a megabyte that most runs never look into. */
function table(): Table {
  rows ??= readTable()
  return rows
}

function readTable(): Table {
  const kinds: Record<string, Map<string, string[]>> = {}
  const text = readFileSync(new URL('./epsg-table.tsv', import.meta.url), 'utf8')
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const [kind, code, ...columns] = line.split('\t')
    kinds[kind!] ??= new Map()
    kinds[kind!]!.set(code!, columns)
  }
  return kinds
}

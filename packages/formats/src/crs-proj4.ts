// What a proj string says of itself: kind, unit, and whether its datum can be carried to WGS 84.
import proj4 from 'proj4'
import type { Crs, LinearUnit } from './crs.ts'
import { FormatError } from './format-error.ts'

const namedUnits: Record<string, LinearUnit> = {
  m: { name: 'metre', metres: 1 },
  ft: { name: 'foot', metres: 0.3048 },
  'us-ft': { name: 'US survey foot', metres: 1200 / 3937 },
  km: { name: 'kilometre', metres: 1000 },
  link: { name: 'link', metres: 0.201168 },
  yd: { name: 'yard', metres: 0.9144 },
}

const metre: LinearUnit = { name: 'metre', metres: 1 }

/** Ellipsoids of PROJ that proj4 has no figures of: it would take those of WGS 84 for them and say nothing. */
const unknownToProj4: Readonly<Record<string, string>> = {
  GSK2011: '+a=6378136.5 +rf=298.2564151',
  PZ90: '+a=6378136 +rf=298.25784',
  WGS72: '+a=6378135 +rf=298.26',
  danish: '+a=6377019.2563 +rf=300',
}

/** The same definition with figures where proj4 does not know a name. */
export function withKnownEllipsoid(definition: string): string {
  return definition.replace(/\+ellps=(\S+)/, (part, name: string) => unknownToProj4[name] ?? part)
}

/** FormatError `Unsupported` when proj4 cannot use the definition. */
export function crsFromProj4(text: string, known: { name: string; epsg?: number }): Crs {
  const definition = withKnownEllipsoid(text)
  checkUsable(definition, known.name)
  const warning = datumWarning(definition)
  const base = { ...known, proj4: definition, ...(warning === undefined ? {} : { warning }) }
  if (/\+proj=longlat\b/.test(definition)) return { ...base, linearUnit: metre, kind: 'geographic' }
  if (/\+proj=geocent\b/.test(definition)) {
    const { name, epsg } = known
    return { name, ...(epsg === undefined ? {} : { epsg }), linearUnit: metre, kind: 'geocentric' }
  }
  return { ...base, linearUnit: unitOf(definition), kind: 'projected' }
}

/** The same projection with another unit of x and y: false origins in proj strings are metres in any case. */
export function withLinearUnit(definition: string, unit: LinearUnit): string {
  const bare = definition.replace(/\+(units|to_meter)=\S+\s*/g, '').trim()
  return `${bare} +to_meter=${unit.metres}`
}

/** Tries one place; a missing projection, ellipsoid or parameter shows only when it is used. */
export function checkUsable(definition: string, name: string): void {
  try {
    proj4(definition, 'EPSG:4326')
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const problem = `expected a system that proj4 can use, got ${name} (${cause})`
    throw new FormatError('Unsupported', 'coordinate reference system', problem, { cause: error })
  }
}

function unitOf(definition: string): LinearUnit {
  const factor = /\+to_meter=([\d.eE+-]+)/.exec(definition)?.[1]
  if (factor !== undefined) {
    const metres = Number(factor)
    const named = Object.values(namedUnits).find((unit) => Math.abs(unit.metres - metres) < 1e-12)
    return named ?? { name: `${metres} m`, metres }
  }
  const code = /\+units=(\S+)/.exec(definition)?.[1] ?? 'm'
  const unit = namedUnits[code]
  if (!unit)
    throw new FormatError('Unsupported', 'coordinate reference system', `expected a unit, got ${code}`)
  return unit
}

/** Datums within about a metre of WGS 84, or with a stated shift, need no warning. */
function datumWarning(definition: string): string | undefined {
  if (/\+towgs84=|\+datum=(WGS84|NAD83)\b|\+ellps=(GRS80|WGS84)\b|\+a=6378137\b|\+R=/.test(definition))
    return undefined
  const datum = /\+datum=(\S+)/.exec(definition)?.[1]
  if (datum !== undefined && datum !== 'NAD27' && datum.toLowerCase() !== 'none') return undefined
  const what = datum ?? /\+ellps=(\S+)/.exec(definition)?.[1] ?? 'unknown'
  return `No shift from datum ${what} to WGS 84 is known here; longitude and latitude may be off by some 100 m.`
}

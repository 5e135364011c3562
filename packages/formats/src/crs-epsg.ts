// EPSG codes: UTM families by rule, the rest from the table of this package.
import type { Crs } from './crs.ts'
import { crsFromProj4 } from './crs-proj4.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { epsgCompound, epsgHeight, type EpsgShift, type EpsgSystem, epsgSystem } from './epsg-table.ts'
import { FormatError } from './format-error.ts'

/** Horizontal and compound systems. FormatError `Unsupported` for codes that are not known here. */
export function crsFromEpsg(code: number): Crs {
  const compound = epsgCompound(code)
  if (compound) return { ...crsFromEpsg(compound.horizontal), ...heightsOfEpsg(compound.vertical) }
  const utm = utmOfEpsg(code)
  if (utm) return crsFromProj4(utm.proj4, { name: utm.name, epsg: code })
  const system = epsgSystem(code)
  if (system === undefined) {
    throw new FormatError(
      'Unsupported',
      `EPSG:${code}`,
      'expected a code with a known definition; give the WKT',
    )
  }
  const crs = crsFromProj4(definitionOf(system), { name: system.name, epsg: code })
  const warning = crs.warning ?? (system.shift && shiftWarning(system.shift))
  return {
    ...crs,
    area: system.area,
    ...(warning !== undefined && { warning }),
    ...(system.threeDimensional && { vertical: ellipsoidal }),
  }
}

/** What heights of a vertical code are above. */
export function heightsOfEpsg(code: number): Pick<Crs, 'vertical' | 'verticalEpsg' | 'verticalUnit'> {
  const height = epsgHeight(code)
  if (!height) return { vertical: `EPSG:${code}`, verticalEpsg: code }
  const verticalUnit = { name: unitName(height.metres), metres: height.metres }
  return { vertical: height.name, verticalEpsg: code, verticalUnit }
}

/** The vertical part of systems whose third axis is the height above their ellipsoid. */
export const ellipsoidal = 'ellipsoidal height'

function definitionOf({ projection, shift }: EpsgSystem): string {
  // The ellipsoids of the satellite era: their datums lie within a metre or two of WGS 84.
  const near = /\+ellps=(GRS80|WGS84)\b/.test(projection) ? ' +towgs84=0,0,0' : ''
  return `${projection}${shift ? ` +towgs84=${shift.towgs84}` : near} +no_defs`
}

/** A shift by nothing between datums of the satellite era is what everybody does; the rest has to be known. */
function shiftWarning({ name, accuracyMetres, towgs84, gridIsBetter }: EpsgShift): string | undefined {
  const within = (metres: number) => accuracyMetres !== undefined && accuracyMetres <= metres
  if (/^[0,]*$/.test(towgs84) ? within(5) : within(1) && !gridIsBetter) return undefined
  const good = accuracyMetres === undefined ? 'an unknown accuracy' : `an accuracy of ${accuracyMetres} m`
  const grid = gridIsBetter ? ' A grid would be better; none is part of this service.' : ''
  return `Shifted by the parameters "${name}", which EPSG gives ${good}.${grid}`
}

function unitName(metres: number): string {
  if (metres === 1) return 'metre'
  if (metres === 0.3048) return 'foot'
  return Math.abs(metres - 1200 / 3937) < 1e-9 ? 'US survey foot' : `${metres} m`
}

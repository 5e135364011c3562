// EPSG codes: UTM families by rule, the rest from the table of the package proj4-list.
import { createRequire } from 'node:module'
import type { Crs } from './crs.ts'
import { crsFromProj4 } from './crs-proj4.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { FormatError } from './format-error.ts'

/**
 * Codes whose definition in the table, used by proj4, misses the place by more than a kilometre. Found by
 * projecting the centre of the area of use of all 5,453 projected codes with PROJ 9.1.1 and comparing; of the
 * 4,619 in the table 88 % agree within 5 m and 98 % within 200 m (old datums make the difference).
 */
const wrongInTable: ReadonlySet<number> = new Set([3167, 3303, 6996, 6997, 26591, 26592])

/** FormatError `Unsupported` for codes that are not known here. */
export function crsFromEpsg(code: number): Crs {
  const utm = utmOfEpsg(code)
  if (utm) return crsFromProj4(utm.proj4, { name: utm.name, epsg: code })
  const listed = wrongInTable.has(code) ? undefined : table()[`EPSG:${code}`]?.[1]
  if (listed === undefined) {
    throw new FormatError(
      'Unsupported',
      `EPSG:${code}`,
      'expected a code with a known definition; give the WKT',
    )
  }
  return crsFromProj4(withoutMissingGrids(listed), { name: `EPSG:${code}`, epsg: code })
}

/** Loaded when first needed: 0.8 MB of text that most runs never look into. */
function table(): Record<string, readonly [string, string]> {
  return createRequire(import.meta.url)('proj4-list')
}

/** Grid files are not part of this package; where one is named the seven parameters beside it take over. */
function withoutMissingGrids(definition: string): string {
  return definition.replace(/\+nadgrids=(?!@null)\S+/g, '').trim()
}

import type { Crs } from './crs.ts'
import { crsFromProj4 } from './crs-proj4.ts'
import { FormatError } from './format-error.ts'
export function crsFromEpsg(code: number): Crs {
  if (code > 32600 && code <= 32660)
    return crsFromProj4(`+proj=utm +zone=${code - 32600} +datum=WGS84 +units=m`, {
      name: `WGS 84 / UTM zone ${code - 32600}N`,
      epsg: code,
    })
  throw new FormatError('Unsupported', 'EPSG', `code ${code}`)
}

// Which of a LAS file's CRS records counts, and what it says.
import type { Crs } from './crs.ts'
import { crsFromGeoKeys } from './crs-geokeys.ts'
import { crsFromWkt } from './crs-wkt.ts'
import { FormatError } from './format-error.ts'
import { findVlr } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'

/**
 * From WKT (2112) or GeoTIFF keys (34735 to 34737), whichever the header's WKT bit prefers, else the other;
 * undefined when the file has neither. A record that cannot be used gives kind `unknown`: points can be read
 * without knowing where on Earth they lie.
 */
export function crsFromVlrs(vlrs: readonly LasVlr[], preferWkt: boolean): Crs | undefined {
  const readers = preferWkt ? [fromWkt, fromGeoKeys] : [fromGeoKeys, fromWkt]
  let best: Crs | undefined
  for (const read of readers) {
    const crs = tolerant(() => read(vlrs))
    if (crs && crs.kind !== 'unknown') return crs
    best ??= crs
  }
  return best
}

function fromWkt(vlrs: readonly LasVlr[]): Crs | undefined {
  const data = findVlr(vlrs, 'LASF_Projection', 2112)?.data
  const text = data && Buffer.from(data).toString('utf8').split('\0')[0]!.trim()
  return text ? crsFromWkt(text) : undefined
}

function fromGeoKeys(vlrs: readonly LasVlr[]): Crs | undefined {
  const data = (recordId: number) => findVlr(vlrs, 'LASF_Projection', recordId)?.data
  const directory = data(34735)
  return directory && crsFromGeoKeys({ directory, doubles: data(34736), ascii: data(34737) })
}

function tolerant(read: () => Crs | undefined): Crs | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    const name = `unreadable (${error.message})`
    return { name, linearUnit: { name: 'unknown', metres: 1 }, kind: 'unknown' }
  }
}

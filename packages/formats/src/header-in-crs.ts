// The header of a LAS file whose points go into another coordinate reference system.
import type { Crs } from './crs.ts'
import { geoKeysOfEpsg, wktOfEpsg } from './crs-encode.ts'
import { utmOfEpsg } from './crs-utm.ts'
import { esriWkt } from './esri-wkt.ts'
import { FormatError } from './format-error.ts'
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import type { LasVlr } from './las-vlr.ts'

const wktBit = 0x10

/**
 * As `header`, with the scale and offset of the new coordinates and the records that state the system in place of those that
 * stated another one: GeoTIFF keys for point formats up to 5 where there is a code for it, WKT otherwise. FormatError `Unsupported`
 * for a system without a text of either kind.
 */
export function headerInCrs(
  header: LasHeader,
  crs: Crs,
  { scale, offset }: { scale: Vector3; offset: Vector3 },
): LasHeader {
  const stated = header.pointFormat < 6 && isKeyed(crs) ? geoKeys(crs.epsg) : wkt(crs)
  const others = header.vlrs.filter(({ userId }) => userId !== 'LASF_Projection')
  const isWkt = stated.recordId === 2112
  return {
    ...header,
    scale,
    offset,
    crs,
    vlrs: [...others, stated],
    globalEncoding: isWkt ? header.globalEncoding | wktBit : header.globalEncoding & ~wktBit,
  }
}

/** Without a vertical part: keys of one code state none. */
function isKeyed(crs: Crs): crs is Crs & { epsg: number } {
  return crs.epsg !== undefined && crs.epsg >= 1024 && crs.epsg <= 32766
}

function geoKeys(epsg: number): LasVlr {
  return projectionRecord(34735, 'GeoTIFF keys', geoKeysOfEpsg(epsg))
}

function wkt(crs: Crs): LasVlr {
  const text = crs.wkt ?? knownWkt(crs.epsg) ?? esriWkt(crs)
  if (text === undefined) {
    const problem = `expected a system that WKT can state, got '${crs.name}'`
    throw new FormatError('Unsupported', 'coordinate reference system', problem)
  }
  return projectionRecord(2112, 'OGC WKT', new Uint8Array(Buffer.from(`${text}\0`, 'utf8')))
}

function knownWkt(epsg: number | undefined): string | undefined {
  if (epsg === undefined || utmOfEpsg(epsg) === undefined) return undefined
  try {
    return wktOfEpsg(epsg)
  } catch (error) {
    if (error instanceof FormatError) return undefined // of a datum whose text is not known here
    throw error
  }
}

function projectionRecord(recordId: number, description: string, data: Uint8Array): LasVlr {
  const names = { userId: 'LASF_Projection', recordId, description }
  return { ...names, extended: false, dataOffset: 0, sizeBytes: data.length, data }
}

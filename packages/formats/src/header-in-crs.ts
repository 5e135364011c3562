// The header of a LAS file whose points go into another coordinate reference system, or that is to state the one they are in.
import type { Crs, LinearUnit } from './crs.ts'
import { compoundWkt, geoKeysOfEpsg, wktOfEpsg } from './crs-encode.ts'
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
  return { ...stating(header, crs, statedRecord(header, crs)), scale, offset }
}

/**
 * As `header`, with records that state the system its points are in, heights with it where their code is known. The same header for
 * a system without a text of either kind.
 */
export function headerStating(header: LasHeader, crs: Crs): LasHeader {
  try {
    return stating(header, crs, statedRecord(header, crs, heightsOf(crs)))
  } catch (error) {
    if (error instanceof FormatError && error.code === 'Unsupported') return header
    throw error
  }
}

function stating(header: LasHeader, crs: Crs, stated: LasVlr): LasHeader {
  const others = header.vlrs.filter(({ userId }) => userId !== 'LASF_Projection')
  const isWkt = stated.recordId === 2112
  return {
    ...header,
    crs,
    vlrs: [...others, stated],
    globalEncoding: isWkt ? header.globalEncoding | wktBit : header.globalEncoding & ~wktBit,
  }
}

/** `heights`: stated only where they are given, since coordinates that move leave heights as they are. */
function statedRecord({ pointFormat }: LasHeader, crs: Crs, heights?: Heights): LasVlr {
  return pointFormat < 6 && isKeyed(crs)
    ? projectionRecord(34735, 'GeoTIFF keys', geoKeysOfEpsg(crs.epsg, heights?.epsg))
    : wkt(crs, heights)
}

type Heights = { epsg: number; name: string; unit: LinearUnit }

function heightsOf({ vertical, verticalEpsg, verticalUnit }: Crs): Heights | undefined {
  if (vertical === undefined || verticalEpsg === undefined || verticalUnit === undefined) return undefined
  return { epsg: verticalEpsg, name: vertical, unit: verticalUnit }
}

function isKeyed(crs: Crs): crs is Crs & { epsg: number } {
  return crs.epsg !== undefined && crs.epsg >= 1024 && crs.epsg <= 32766
}

function wkt(crs: Crs, heights?: Heights): LasVlr {
  const horizontal = crs.wkt ?? knownWkt(crs.epsg) ?? esriWkt(crs)
  if (horizontal === undefined) {
    const problem = `expected a system that WKT can state, got '${crs.name}'`
    throw new FormatError('Unsupported', 'coordinate reference system', problem)
  }
  // A text of the system's own says it all.
  const text = heights && crs.wkt === undefined ? compoundWkt(crs.name, horizontal, heights) : horizontal
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

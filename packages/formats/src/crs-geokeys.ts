// A Crs from GeoTIFF keys (OGC 19-008r4), as LAS files up to point format 5 carry them.
import { crsFromEpsg, ellipsoidal, heightsOfEpsg } from './crs-epsg.ts'
import { crsFromProj4, withLinearUnit } from './crs-proj4.ts'
import type { Crs, LinearUnit } from './crs.ts'
import { epsgSystem } from './epsg-table.ts'
import { corrupt } from './format-error.ts'

/** Payloads of the records 34735 (directory), 34736 (doubles) and 34737 (text). */
export type GeoKeyRecords = {
  readonly directory: Uint8Array
  readonly doubles?: Uint8Array | undefined
  readonly ascii?: Uint8Array | undefined
}

type GeoKeys = { number(key: number): number | undefined; text(key: number): string | undefined }

const userDefined = 32767
const metre: LinearUnit = { name: 'metre', metres: 1 }
const linearUnits: Record<number, LinearUnit> = {
  9001: metre,
  9002: { name: 'foot', metres: 0.3048 },
  9003: { name: 'US survey foot', metres: 1200 / 3937 },
  9036: { name: 'kilometre', metres: 1000 },
}

/**
 * Undefined when the keys name no system. A system that is named but cannot be used has kind `unknown` or no
 * `proj4`. FormatError `Corrupt` for a directory that contradicts itself.
 */
export function crsFromGeoKeys(records: GeoKeyRecords): Crs | undefined {
  const keys = readGeoKeys(records)
  const vertical = verticalPart(keys)
  const projected = keys.number(3072)
  if (projected !== undefined && projected !== 0 && projected !== userDefined) {
    return { ...withStatedUnit(epsgOrUnknown(projected, keys), keys), ...vertical }
  }
  const model = keys.number(1024)
  const projection = keys.number(3075)
  if (projection !== undefined || (projected === userDefined && keys.number(3074) !== undefined)) {
    return { ...userDefinedProjection(keys), ...vertical }
  }
  const geographic = keys.number(2048)
  if (model !== 1 && geographic !== undefined && geographic !== 0 && geographic !== userDefined) {
    return { ...epsgOrUnknown(geographic, keys), ...vertical }
  }
  const name = keys.text(3073) ?? keys.text(1026) ?? keys.text(2049)
  if (name === undefined) return undefined
  return { name, linearUnit: linearUnitOf(keys) ?? metre, kind: 'unknown', ...vertical }
}

function readGeoKeys({ directory, doubles, ascii }: GeoKeyRecords): GeoKeys {
  if (directory.length < 8) throw corrupt('GeoKey directory', 'at least 8 bytes', directory.length)
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength)
  const count = view.getUint16(6, true)
  if (8 + 8 * count > directory.length) {
    throw corrupt('GeoKey directory', `${count} keys in ${directory.length} bytes`, 'too few bytes')
  }
  const entries = new Map<number, { location: number; length: number; value: number }>()
  for (let at = 8; at < 8 + 8 * count; at += 8) {
    const [key, location] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    entries.set(key, { location, length: view.getUint16(at + 4, true), value: view.getUint16(at + 6, true) })
  }
  return {
    number(key) {
      const entry = entries.get(key)
      if (!entry || entry.location === 0) return entry?.value
      if (entry.location !== 34736 || !doubles || 8 * entry.value + 8 > doubles.length) return undefined
      const view = new DataView(doubles.buffer, doubles.byteOffset, doubles.byteLength)
      const value = view.getFloat64(8 * entry.value, true)
      if (!Number.isFinite(value)) throw corrupt(`GeoKey ${key}`, 'a finite number', value)
      return value
    },
    text(key) {
      const entry = entries.get(key)
      if (entry?.location !== 34737 || !ascii) return undefined
      const bytes = ascii.subarray(entry.value, entry.value + entry.length)
      const text = Buffer.from(bytes).toString('latin1').split('|')[0]!.split('\0')[0]!.trim()
      return text === '' ? undefined : text
    },
  }
}

function epsgOrUnknown(code: number, keys: GeoKeys): Crs {
  const name = keys.text(3073) ?? keys.text(1026)
  try {
    const crs = crsFromEpsg(code)
    return name === undefined ? crs : { ...crs, name }
  } catch {
    // A file with a system we cannot use is still a file of points; who needs the system is told by its kind.
    return {
      name: name ?? `EPSG:${code}`,
      epsg: code,
      linearUnit: linearUnitOf(keys) ?? metre,
      kind: 'unknown',
    }
  }
}

/** Like GDAL: a unit key that contradicts the code wins, false origins keep their length. */
function withStatedUnit(crs: Crs, keys: GeoKeys): Crs {
  const unit = linearUnitOf(keys)
  if (!unit || crs.kind !== 'projected' || Math.abs(unit.metres - crs.linearUnit.metres) < 1e-9) return crs
  const { epsg, proj4, ...rest } = crs
  const warning = `The file states ${unit.name} where EPSG:${epsg} has ${crs.linearUnit.name}; the file is followed.`
  return { ...rest, linearUnit: unit, warning, ...(proj4 && { proj4: withLinearUnit(proj4, unit) }) }
}

function linearUnitOf(keys: GeoKeys): LinearUnit | undefined {
  const size = keys.number(3077)
  const code = keys.number(3076) ?? keys.number(2052)
  if (code === userDefined && size !== undefined && size > 0) return { name: `${size} m`, metres: size }
  return code === undefined ? undefined : linearUnits[code]
}

function verticalPart(keys: GeoKeys): Pick<Crs, 'vertical' | 'verticalUnit'> {
  const code = keys.number(4096)
  const unit = linearUnits[keys.number(4099) ?? 0]
  const stated = code === undefined || code === 0 || code === userDefined ? {} : heightsOfKey(code)
  const name = keys.text(4097)
  return {
    ...stated,
    ...(name !== undefined && stated.vertical !== ellipsoidal && { vertical: name }),
    ...(unit && { verticalUnit: unit }),
  }
}

/** GeoTIFF 1.0 numbers heights above an ellipsoid 5001 to 5033, version 1.1 names a geographic system with heights. */
function heightsOfKey(code: number): Pick<Crs, 'vertical' | 'verticalUnit'> {
  return (code >= 5001 && code <= 5033) || epsgSystem(code)?.kind === 'geographic'
    ? { vertical: ellipsoidal }
    : heightsOfEpsg(code)
}

function userDefinedProjection(keys: GeoKeys): Crs {
  const unit = linearUnitOf(keys) ?? metre
  const name = keys.text(3073) ?? keys.text(1026) ?? 'user-defined projection'
  const projection = projectionOf(keys, unit.metres)
  if (!projection) return { name, linearUnit: unit, kind: 'unknown' }
  const crs = crsFromProj4(withLinearUnit(`${projection} ${datumOf(keys)} +no_defs`, unit), { name })
  const geographicEpsg = keys.number(2048)
  const hasCode = geographicEpsg !== undefined && geographicEpsg !== userDefined
  return { ...crs, ...(hasCode && { geographicEpsg }), linearUnit: unit }
}

/** GeoTIFF coordinate transformations and their parameters; false origins become metres. */
function projectionOf(keys: GeoKeys, unitMetres: number): string | undefined {
  const first = (...candidates: number[]) => candidates.map(keys.number).find((value) => value !== undefined)
  const lat0 = `+lat_0=${first(3081, 3085, 3089) ?? 0}`
  const lon0 = `+lon_0=${first(3080, 3084, 3088) ?? 0}`
  const k0 = `+k_0=${first(3092, 3093) ?? 1}`
  const x0 = `+x_0=${(first(3082, 3086, 3090) ?? 0) * unitMetres}`
  const y0 = `+y_0=${(first(3083, 3087, 3091) ?? 0) * unitMetres}`
  const parallels = `+lat_1=${keys.number(3078) ?? 0} +lat_2=${keys.number(3079) ?? 0}`
  const zone = keys.number(3074) ?? 0
  if (zone >= 16001 && zone <= 16060) return `+proj=utm +zone=${zone - 16000}`
  if (zone >= 16101 && zone <= 16160) return `+proj=utm +zone=${zone - 16100} +south`
  const transformations: Record<number, string> = {
    1: `+proj=tmerc ${lat0} ${lon0} ${k0} ${x0} ${y0}`,
    7: `+proj=merc ${lon0} ${k0} ${x0} ${y0}`,
    8: `+proj=lcc ${parallels} ${lat0} ${lon0} ${x0} ${y0}`,
    9: `+proj=lcc +lat_1=${first(3081) ?? 0} ${lat0} ${lon0} ${k0} ${x0} ${y0}`,
    10: `+proj=laea ${lat0} ${lon0} ${x0} ${y0}`,
    11: `+proj=aea ${parallels} ${lat0} ${lon0} ${x0} ${y0}`,
    16: `+proj=sterea ${lat0} ${lon0} ${k0} ${x0} ${y0}`,
  }
  return transformations[keys.number(3075) ?? 0]
}

function datumOf(keys: GeoKeys): string {
  const code = keys.number(2048)
  if (code !== undefined && code !== userDefined) {
    const geographic = epsgOrUnknown(code, keys).proj4
    const parts = geographic?.match(/\+(datum|ellps|a|b|rf|towgs84|nadgrids)=\S+/g)
    if (parts) return parts.join(' ')
  }
  const [a, b, inverse] = [keys.number(2057), keys.number(2058), keys.number(2059)]
  if (a !== undefined && inverse !== undefined) return `+a=${a} +rf=${inverse}`
  if (a !== undefined && b !== undefined) return `+a=${a} +b=${b}`
  return '+datum=WGS84'
}

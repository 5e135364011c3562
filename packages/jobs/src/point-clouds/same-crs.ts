// Whether coordinates of two surveys can be compared.
import { type Crs, knownDatum, toWgs84 } from '@alidade/formats'

/** One millimetre on the ground. */
const toleranceDegrees = 1e-8

/**
 * Whether both put the place `x`, `y` where the other does, and in the same unit. One file states its system by a code,
 * the next one in words: codes are compared with codes, everything else by what it does. Heights play no part. Datums of the
 * satellite era have no shift here, but lie up to two metres apart (ETRS89 and WGS 84, GDA94 and GDA2020), which between surveys
 * would be a change: so codes of one projection on two of them are not the same.
 */
export function sameCrs(one: Crs, other: Crs, x: number, y: number): boolean {
  if (one.epsg !== undefined && other.epsg !== undefined) return one.epsg === other.epsg
  if (one.proj4 === undefined || other.proj4 === undefined) {
    // A local system has no place on the earth; it is itself and no other.
    return (one.wkt ?? one.name) === (other.wkt ?? other.name)
  }
  if (one.kind !== other.kind || one.linearUnit.metres !== other.linearUnit.metres) return false
  const [placeOfOne, placeOfOther] = [placeIn(one, x, y), placeIn(other, x, y)]
  if (placeOfOne === undefined || placeOfOther === undefined) return one.proj4 === other.proj4
  const isFar = (degrees: number, axis: number) => Math.abs(degrees - placeOfOther[axis]!) >= toleranceDegrees
  if (placeOfOne.some(isFar)) return false
  const [datumOfOne, datumOfOther] = [knownDatum(one), knownDatum(other)]
  return datumOfOne === undefined || datumOfOther === undefined || datumOfOne === datumOfOther
}

function placeIn(crs: Crs, x: number, y: number): [number, number] | undefined {
  try {
    return toWgs84(crs)(x, y)
  } catch (error) {
    // Out of the projection's reach.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

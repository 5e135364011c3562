// What a scene says of a coordinate system: the text that `crsFromDefinition` reads.
import type { Crs } from './crs.ts'

/** `EPSG:28992+5709` where the codes are known, else WKT, else the name: that of `ENU:` and `Local:` is their text. */
export function sceneDefinition({ epsg, wkt, verticalEpsg, name }: Crs): string {
  if (epsg === undefined) return wkt ?? name
  return verticalEpsg === undefined ? `EPSG:${epsg}` : `EPSG:${epsg}+${verticalEpsg}`
}

// What a scene says of a coordinate system: the text that `crsFromDefinition` reads.
import type { Crs } from './crs.ts'

/** `EPSG:28992+5709` where the codes are known, else WKT, else the name: that of `ENU:` and `Local:` is their text. */
export function sceneDefinition({ epsg, wkt, vertical, name }: Crs): string {
  if (epsg === undefined) return wkt ?? name
  const height = /^EPSG:(\d+)$/.exec(vertical ?? '')
  return height === null ? `EPSG:${epsg}` : `EPSG:${epsg}+${height[1]}`
}

// Heights are never transformed. What a user must know where a format wants them above the ellipsoid.
import type { Crs } from './crs.ts'

/** Whether the system says so itself. */
export function hasEllipsoidalHeights({ vertical }: Crs): boolean {
  return vertical !== undefined && /ellips/i.test(vertical)
}

/**
 * What is wrong with heights of this system in GeoJSON or 3D Tiles, which want them above the ellipsoid of WGS 84, as a
 * clause for a message; undefined where they are, and where a file does not say what they are above.
 */
export function heightWarning(crs: Crs): string | undefined {
  if (crs.vertical === undefined || hasEllipsoidalHeights(crs)) return undefined
  return `above "${crs.vertical}", where the ellipsoid of WGS 84 was to be, which may be up to 110 m away`
}

/** What is wrong with heights of one system in a file that states another one for them. */
export function heightChangeWarning(from: Crs, to: Crs): string | undefined {
  if (to.vertical === undefined || to.vertical === from.vertical) return undefined
  const above = from.vertical === undefined ? 'above what the file does not say' : `above "${from.vertical}"`
  return `${above}, where "${to.vertical}" was asked for`
}

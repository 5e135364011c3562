// Coordinate reference systems. (Filled in below.)
export type Crs = {
  readonly name: string
  readonly epsg?: number
  readonly wkt?: string
  /** What proj4 accepts; absent when the system is local, or known by name only. */
  readonly proj4?: string
  readonly linearUnit: { readonly name: string; readonly metres: number }
  readonly kind: 'projected' | 'geographic' | 'geocentric' | 'local' | 'unknown'
  /** What a compound system says about heights; not used in any transformation. */
  readonly vertical?: string
}

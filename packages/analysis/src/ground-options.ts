/** What the ground filter holds for ground. One set for all places; lengths in the unit of the coordinates. */
export type GroundOptions = {
  /** Edge of a cell of the raster in plan. */
  readonly cellSize: number
  /** Half the width of the largest thing that the progressive opening takes off the ground. */
  readonly windowRadius: number
  /** What a window takes off is no ground if it is higher than this times the window's radius. */
  readonly slope: number
  /** Height above or below the surface within which a point is ground where the surface is level. */
  readonly heightTolerance: number
  /** What is added to it for each unit of rise over run of the surface. */
  readonly tolerancePerSlope: number
  /** A lowest point so much below all that is around it is no ground but an error of measurement. */
  readonly outlierDepth: number
  /** What the openings took off is ground again if it continues a plane of ground so closely. */
  readonly growthTolerance: number
  /** Larger level areas are taken off as well if they are no wider than the extent and so high above what surrounds them. */
  readonly raisedArea: number
  readonly raisedExtent: number
  readonly raisedHeight: number
}

/** The set that is used everywhere; `unitsPerMetre` is 1 for coordinates in metres, 1 / 0.3048 in feet. */
export function groundOptions(unitsPerMetre = 1): GroundOptions {
  if (!(unitsPerMetre > 0 && unitsPerMetre < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`unitsPerMetre must be positive and finite, got ${unitsPerMetre}`)
  }
  return {
    cellSize: 1 * unitsPerMetre,
    windowRadius: 20 * unitsPerMetre,
    slope: 0.15,
    heightTolerance: 0.5 * unitsPerMetre,
    tolerancePerSlope: 1.25 * unitsPerMetre,
    outlierDepth: 5 * unitsPerMetre,
    growthTolerance: 0.3 * unitsPerMetre,
    raisedArea: 1000 * unitsPerMetre ** 2,
    raisedExtent: 160 * unitsPerMetre,
    raisedHeight: 2 * unitsPerMetre,
  }
}

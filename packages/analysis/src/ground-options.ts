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
  /** Rise over run of what is a wall and no slope any more. */
  readonly steepSlope: number
  /** So high a wall has to be to tell a building or a bridge from a step in the ground. */
  readonly fallHeight: number
  /** Ground that the openings took off is found again where it deviates from a plane by no more (root mean square). */
  readonly roughness: number
  /** What has walls on two opposite sides, so far apart at most, is a bridge or a building, and is not found again. */
  readonly deckWidth: number
  /** Areas with walls all around are buildings if they are this large, but nowhere longer than `raisedExtent`. */
  readonly raisedArea: number
  readonly raisedExtent: number
}

/** The set that is used everywhere; `unitsPerMetre` is 1 for coordinates in metres, 1 / 0.3048 in feet. */
export function groundOptions(unitsPerMetre = 1): GroundOptions {
  if (!(unitsPerMetre > 0 && unitsPerMetre < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`unitsPerMetre must be positive and finite, got ${unitsPerMetre}`)
  }
  const metre = unitsPerMetre
  return {
    cellSize: 1 * metre,
    windowRadius: 20 * metre,
    slope: 0.15,
    heightTolerance: 0.5 * metre,
    tolerancePerSlope: 1.25 * metre,
    outlierDepth: 5 * metre,
    steepSlope: 1,
    fallHeight: 2 * metre,
    roughness: 0.15 * metre,
    deckWidth: 30 * metre,
    raisedArea: 1000 * metre * metre,
    raisedExtent: 160 * metre,
  }
}

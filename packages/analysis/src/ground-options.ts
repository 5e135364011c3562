/** What the ground filter holds for ground. One set for all places; lengths in the unit of the coordinates. */
export type GroundOptions = {
  /** Edge of a cell of the raster in plan. */
  readonly cellSize: number
  /** Half the edge of the largest thing that stands on the ground and shall be taken off it. */
  readonly windowRadius: number
  /** Rise over run that the ground may have from one window to the next without being cut. */
  readonly slope: number
  /** Height above or below the surface within which a point is ground where the surface is level. */
  readonly heightTolerance: number
  /** What is added to it for each unit of rise over run of the surface. */
  readonly tolerancePerSlope: number
  /** A lowest point so much below all that is around it is no ground but an error of measurement. */
  readonly outlierDepth: number
}

/** The set that is used everywhere; `unitsPerMetre` is 1 for coordinates in metres, 1 / 0.3048 in feet. */
export function groundOptions(unitsPerMetre = 1): GroundOptions {
  return {
    cellSize: 1 * unitsPerMetre,
    windowRadius: 18 * unitsPerMetre,
    slope: 0.15,
    heightTolerance: 0.5 * unitsPerMetre,
    tolerancePerSlope: 1.25 * unitsPerMetre,
    outlierDepth: 5 * unitsPerMetre,
  }
}

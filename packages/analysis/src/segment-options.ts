/** What the segmentation holds for roofs, crowns, wires and poles. One set for all places; lengths in the unit of the coordinates. */
export type SegmentOptions = {
  /** Points nearer than this to each other are looked at as one. */
  readonly sampleSize: number
  /** So many neighbours tell what a surface is like, as far as they are no farther than the reach. */
  readonly neighbours: number
  readonly neighbourReach: number
  /** Nothing lower above the ground than these is a building, a wire, a pole, high or medium vegetation. */
  readonly buildingHeight: number
  readonly wireHeight: number
  readonly poleHeight: number
  readonly highVegetation: number
  readonly mediumVegetation: number
  /** Deviation of the points of a roof from a plane: the noise of a survey and the profile of tiles. */
  readonly roofRoughness: number
  /** From there on, neighbours belong to the same building whose surroundings deviate less than this from a plane, */
  readonly surfaceRoughness: number
  /** so much more for each unit of distance to the farthest neighbour, as wide surroundings have more than one plane, */
  readonly surfaceRoughnessPerReach: number
  /** and less than this times their breadth. */
  readonly surfaceFlatness: number
  /** Cosine of the angle between normals that a plane may turn by from a point to the next. */
  readonly roofTurn: number
  /** Least upward part of a roof's normal: steeper is a wall. */
  readonly roofUpward: number
  /** Least area in plan of a roof's plane from which a building is begun, and of a building. */
  readonly planeArea: number
  /** and the least number of samples on it: few points lie on a plane by chance. */
  readonly planeSamples: number
  readonly buildingArea: number
  /** Edge of a cell of the raster of buildings where the points are dense enough. */
  readonly footprintCell: number
  /** Within it of a roof's plane everything below is wall, and what is higher by no more than this is on the roof. */
  readonly wallReach: number
  readonly roofStructure: number
  /** Distance from its axis within which the points of a wire or a pole lie. */
  readonly lineRadius: number
  readonly wireLength: number
  /** Around a pole so far there is less than on it. */
  readonly poleSurroundings: number
}

/** The set that is used everywhere; `unitsPerMetre` is 1 for coordinates in metres, 1 / 0.3048 in feet. */
export function segmentOptions(unitsPerMetre = 1): SegmentOptions {
  if (!(unitsPerMetre > 0 && unitsPerMetre < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`unitsPerMetre must be positive and finite, got ${unitsPerMetre}`)
  }
  const metres = (length: number) => length * unitsPerMetre
  return {
    sampleSize: metres(0.25),
    neighbours: 10,
    neighbourReach: metres(4),
    buildingHeight: metres(2),
    wireHeight: metres(4),
    poleHeight: metres(3),
    highVegetation: metres(2),
    mediumVegetation: metres(0.5),
    roofRoughness: metres(0.12),
    surfaceRoughness: metres(0.25),
    surfaceRoughnessPerReach: 0.1,
    surfaceFlatness: 0.5,
    roofTurn: Math.cos((15 * Math.PI) / 180),
    roofUpward: 0.35,
    planeArea: 5 * unitsPerMetre ** 2,
    planeSamples: 12,
    buildingArea: 10 * unitsPerMetre ** 2,
    footprintCell: metres(0.5),
    wallReach: metres(0.75),
    roofStructure: metres(2),
    lineRadius: metres(0.25),
    wireLength: metres(10),
    poleSurroundings: metres(1.5),
  }
}

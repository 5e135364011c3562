// From which size on surveys are compared in tiles, in one process as by many agents.

/** In memory, more points would take 2.5 GB and more. Agents divide jobs from as many on, unless they are told otherwise. */
export const inTilesFromPoints = 20_000_000

/** Whether a run of so many points in one process goes tile by tile. */
export function isRunInTiles(points: number): boolean {
  return points > inTilesFromPoints
}

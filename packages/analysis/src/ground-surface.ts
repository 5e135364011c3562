/** The ground below everything that stands on it, as a raster. */
import { continuationReach, continueGround } from './ground-continuation.ts'
import {
  lowestWithin,
  markLowOutliers,
  markObjects,
  openingReach,
  outlierReach,
  windowCells,
} from './ground-openings.ts'
import type { GroundOptions } from './ground-options.ts'
import type { GroundRaster, PlanRaster } from './ground-raster.ts'
import { surfaceTolerance } from './ground-tolerance.ts'
import type { Pace } from './pace.ts'
import { edgeCells, raisedReach, visitRaisedAreas } from './raised-areas.ts'
import { fillFromNearest, fillSmoothly, smoothReach } from './raster-holes.ts'

/** Plain data, in shared memory: worker threads may classify by it. */
export type GroundSurface = {
  readonly plan: PlanRaster
  readonly heightOrigin: number
  /** Of the ground at the middle of each cell, relative to `heightOrigin`; Infinity where none is near. */
  readonly height: Float32Array<SharedArrayBuffer>
  /** How far above or below it a point is ground. */
  readonly tolerance: Float32Array<SharedArrayBuffer>
}

export type GroundSurfaceOptions = {
  readonly signal?: AbortSignal
  /** Called with the number of cells done since the last call; in all, `groundSurfaceWork` of them. */
  readonly onAdvance?: (cells: number) => void
}

/** Passes over the raster beside the windows of the opening. */
const otherPasses = 9
/** 2^6 cells: what takes up to 128 m of the ground away leaves a hole that is filled. */
const [fillLevels, fillRounds] = [6, 4]

/** How many cells `groundSurface` will tell of, each once for every pass over it. */
export function groundSurfaceWork({ columns, rows }: PlanRaster, options: GroundOptions): number {
  return columns * rows * (windowCells(options) + otherPasses)
}

/**
 * Width of the surrounding, in units of the coordinates, that a tile's raster has to have on every side so that the surface
 * within the tile is, bit by bit, that of the whole raster: what each step depends on, one behind the other.
 */
export function groundHalo(options: GroundOptions): number {
  const cells =
    outlierReach +
    2 * fillReach(options) +
    openingReach(options) +
    raisedReach(options) +
    continuationReach(options) +
    smoothReach(fillLevels, fillRounds) +
    1
  return cells * options.cellSize
}

/**
 * After the simple morphological filter of Pingel, Clarke and McBride (2013), "An improved simple morphological filter for the
 * terrain classification of airborne LIDAR data", ISPRS Journal of Photogrammetry and Remote Sensing 77, 21-30, with
 * more done where it is known to fail: `ground-openings.ts`, `raised-areas.ts`, `ground-growth.ts`, `raster-holes.ts`.
 * The raster is not modified; takes about 30 bytes a cell. Rejects with the signal's reason.
 */
export async function groundSurface(
  raster: GroundRaster,
  options: GroundOptions,
  { signal, onAdvance }: GroundSurfaceOptions = {},
): Promise<GroundSurface> {
  const { plan, lowest, heightOrigin } = raster
  if (options.cellSize !== plan.cellSize) {
    throw new RangeError(`the raster has cells of ${plan.cellSize}, the options ${options.cellSize}`)
  }
  const pace: Pace = async (done) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    onAdvance?.(done)
  }
  const ground = await groundCells(lowest, plan, options, pace)
  const height = new Float32Array(new SharedArrayBuffer(4 * lowest.length))
  keepGround(lowest, ground, height)
  fillSmoothly(height, plan, fillLevels, fillRounds)
  await pace(lowest.length)
  const tolerance = surfaceTolerance(height, plan, options)
  await pace(lowest.length)
  return { plan, heightOrigin, height, tolerance }
}

/** 1 for each cell whose lowest point is ground. */
async function groundCells(
  lowest: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  pace: Pace,
): Promise<Uint8Array> {
  const isOutlier = new Uint8Array(lowest.length)
  await markLowOutliers(lowest, plan, options, isOutlier, pace)
  const heights = new Float32Array(lowest)
  for (let cell = 0; cell < heights.length; cell++) {
    if (isOutlier[cell] === 1) heights[cell] = Number.POSITIVE_INFINITY
  }
  const filled = heights.slice()
  fillFromNearest(filled, plan, fillReach(options))
  await pace(lowest.length)
  const isObject = new Uint8Array(lowest.length)
  await markObjects(filled, plan, options, isObject, pace)
  const ground = isObject
  for (let cell = 0; cell < ground.length; cell++) {
    ground[cell] = isObject[cell] === 0 && heights[cell]! < Number.POSITIVE_INFINITY ? 1 : 0
  }
  keepGround(heights, ground, filled)
  fillFromNearest(filled, plan, fillReach(options))
  await pace(lowest.length)
  const around = new Float32Array(lowest.length)
  await lowestWithin(filled, plan, edgeCells, around, pace)
  visitRaisedAreas(filled, around, plan, options, (cells) => {
    for (const cell of cells) ground[cell] = 0
  })
  await pace(lowest.length)
  filled.set(heights)
  fillFromNearest(filled, plan, fillReach(options))
  await pace(lowest.length)
  continueGround(heights, filled, ground, plan, options)
  await pace(lowest.length)
  return ground
}

function keepGround(heights: Float32Array, ground: Uint8Array, into: Float32Array): void {
  for (let cell = 0; cell < heights.length; cell++) {
    into[cell] = ground[cell] === 1 ? heights[cell]! : Number.POSITIVE_INFINITY
  }
}

/** No window of the opening at a known cell reaches farther into a hole. */
function fillReach(options: GroundOptions): number {
  return 2 * openingReach(options)
}

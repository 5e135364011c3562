/** The ground below everything that stands on it, as a raster. */
import { continuationReach, continueGround } from './ground-continuation.ts'
import { openingReach, outlierReach, windowCells } from './ground-openings.ts'
import type { GroundOptions } from './ground-options.ts'
import type { GroundRaster, PlanRaster } from './ground-raster.ts'
import type { Pace } from './pace.ts'
import { edgeCells, raisedReach, takeOffRaisedAreas } from './raised-areas.ts'
import { byBands } from './raster-bands.ts'
import { cellsOfPiece, passesHere, type RasterPass, type RunPass } from './raster-passes.ts'
import { withoutRim, withRim } from './raster-rim.ts'
import { fillSmoothly, smoothReach } from './raster-smooth.ts'
import { sharedBytes, sharedFloats } from './shared-arrays.ts'

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
  /** Has pieces of passes done by threads, by `workOnPiece`; absent: this thread does them. The result is the same. */
  readonly run?: RunPass | undefined
}

/** 2^6 cells: what takes up to 128 m of the ground away leaves a hole that is filled. */
const [fillLevels, fillRounds] = [6, 4]

/** How often `groundSurface` passes over the raster, by what it does then: in this order, and each takes another time. */
export function groundPasses(options: GroundOptions) {
  return {
    outliers: 3,
    windows: windowCells(options),
    edges: 3,
    areas: 3,
    refill: 1,
    continuation: 1,
    levels: 2,
    smooth: 1,
    tolerance: 1,
  }
}

/** How many cells `groundSurface` will tell of, each once for every pass over it. */
export function groundSurfaceWork({ columns, rows }: PlanRaster, options: GroundOptions): number {
  return columns * rows * Object.values(groundPasses(options)).reduce((sum, passes) => sum + passes)
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
 * more done where it is known to fail: `ground-openings.ts`, `raised-areas.ts`, `ground-continuation.ts`, `raster-nearest.ts`.
 * The raster is not modified; takes some 20 bytes a cell beside it. Rejects with the signal's reason.
 */
export async function groundSurface(
  raster: GroundRaster,
  options: GroundOptions,
  { signal, onAdvance, run }: GroundSurfaceOptions = {},
): Promise<GroundSurface> {
  const { plan, lowest, heightOrigin } = raster
  if (options.cellSize !== plan.cellSize) {
    throw new RangeError(`the raster has cells of ${plan.cellSize}, the options ${options.cellSize}`)
  }
  const pace: Pace = async (done) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    if (done > 0) onAdvance?.(done)
  }
  const told = (cells: number) => onAdvance?.(cells)
  const runPass = run ?? passesHere(pace)
  const passes: Passes = {
    pace,
    told,
    run: (pass, onCells = told) => runPass(pass, (piece) => onCells(cellsOfPiece(pass, piece))),
  }
  const ground = await groundCells(lowest, plan, options, passes)
  const heights = sharedFloats(lowest.length)
  await byBands(plan, pace, (fromRow, endRow) => {
    for (let cell = fromRow * plan.columns; cell < endRow * plan.columns; cell++)
      heights[cell] = ground[cell] === 1 ? lowest[cell]! : Number.POSITIVE_INFINITY
  })
  const height = sharedFloats(lowest.length)
  const depth = { levels: fillLevels, rounds: fillRounds }
  await fillSmoothly(heights, plan, depth, height, passes.run, pace)
  // What is done with is used again.
  const tolerance = heights
  await passes.run({ kind: 'tolerance', plan, options, height, tolerance })
  return { plan, heightOrigin, height, tolerance }
}

type Passes = {
  /** Tells of the cells of each piece. */
  readonly run: (pass: RasterPass, onCells?: (cells: number) => void) => Promise<void>
  readonly pace: Pace
  readonly told: (cells: number) => void
}

/** 1 for each cell whose lowest point is ground. */
async function groundCells(
  lowest: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  passes: Passes,
): Promise<Uint8Array> {
  const { run, pace } = passes
  const isOutlier = sharedBytes(lowest.length)
  await run({ kind: 'outliers', heights: lowest, plan, options, marks: isOutlier })
  const heights = sharedFloats(lowest.length)
  const leaveOutliers = (fromRow: number, endRow: number) => {
    for (let cell = fromRow * plan.columns; cell < endRow * plan.columns; cell++)
      heights[cell] = isOutlier[cell] === 1 ? Number.POSITIVE_INFINITY : lowest[cell]!
  }
  const isObject = await objectCells(heights, plan, options, passes, leaveOutliers)
  const ground = isObject
  const markGround = (fromRow: number, endRow: number) => {
    for (let cell = fromRow * plan.columns; cell < endRow * plan.columns; cell++)
      ground[cell] = isObject[cell] === 0 && heights[cell]! < Number.POSITIVE_INFINITY ? 1 : 0
  }
  await byBands(plan, pace, markGround)
  const filled = sharedFloats(lowest.length)
  const nearest = { kind: 'nearest', plan, reach: fillReach(options), heights, filled } as const
  await run({ ...nearest, only: ground })
  const around = sharedFloats(lowest.length)
  await run({ kind: 'lowest', heights: filled, plan, cells: edgeCells, lowest: around })
  await takeOffRaisedAreas(filled, around, plan, options, ground, pace)
  await run(nearest)
  await continueGround({ heights, filled, ground }, plan, options, run, pace)
  return ground
}

/**
 * 1 for what the openings take off. The ground is thought to go on for a little beyond the rim: with all windows within
 * the raster, the ground above a slope or a terrace at the rim would be cut off; with windows wholly outside, no building
 * at the rim would be. `prepare` makes the heights of some rows ready.
 */
async function objectCells(
  heights: Float32Array,
  plan: PlanRaster,
  options: GroundOptions,
  { run, pace, told }: Passes,
  prepare: (fromRow: number, endRow: number) => void,
): Promise<Uint8Array> {
  const rim = Math.round(rimShare * windowCells(options))
  const wide = await withRim(heights, plan, rim, pace, prepare)
  const filled = sharedFloats(wide.heights.length)
  const marks = sharedBytes(filled.length)
  /** Cells of the wide raster count as those of the raster itself, the rim left out. */
  const toldAs = (passes: number) => {
    let [done, counted] = [0, 0]
    return (cells: number) => {
      done += cells
      const all = Math.round((done * passes * heights.length) / marks.length)
      told(all - counted)
      counted = all
    }
  }
  await run({ kind: 'nearest', ...wide, reach: fillReach(options), filled }, toldAs(1))
  await run(
    { kind: 'objects', heights: filled, plan: wide.plan, options, marks },
    toldAs(windowCells(options)),
  )
  return withoutRim(marks, plan, rim, pace)
}

/** Part of the largest window's radius. */
const rimShare = 0.4

/** No window of the opening at a known cell reaches farther into a hole. */
function fillReach(options: GroundOptions): number {
  return 2 * openingReach(options)
}

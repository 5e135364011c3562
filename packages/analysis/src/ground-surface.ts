/** The ground below everything that stands on it, as a raster. */
import type { GroundOptions } from './ground-options.ts'
import type { GroundRaster, PlanRaster } from './ground-raster.ts'
import { fillHoles } from './raster-holes.ts'
import { opened } from './raster-opening.ts'
import { type Pace, paceSteps } from './pace.ts'

/** Plain data, in shared memory: worker threads may classify by it. */
export type GroundSurface = {
  readonly plan: PlanRaster
  readonly heightOrigin: number
  /** Of the ground at the middle of each cell, relative to `heightOrigin`. */
  readonly height: Float32Array<SharedArrayBuffer>
  /** How far above or below it a point is ground. */
  readonly tolerance: Float32Array<SharedArrayBuffer>
}

export type GroundSurfaceOptions = {
  readonly signal?: AbortSignal
  /** Called with the number of cells done since the last call; in all, `groundSurfaceWork` of them. */
  readonly onAdvance?: (cells: number) => void
}

/** How many cells `groundSurface` will tell of, each once for every pass over it. */
export function groundSurfaceWork({ columns, rows }: PlanRaster, options: GroundOptions): number {
  return columns * rows * (radiiOf(options).length + 4)
}

/**
 * The simple morphological filter of Pingel, Clarke and McBride (2013), "An improved simple morphological filter for the
 * terrain classification of airborne LIDAR data", ISPRS Journal 77. Uses up the raster's memory no further than by a few
 * rasters of the same size. Rejects with the signal's reason.
 */
export async function groundSurface(
  raster: GroundRaster,
  options: GroundOptions,
  { signal, onAdvance }: GroundSurfaceOptions = {},
): Promise<GroundSurface> {
  const { plan, lowest, heightOrigin } = raster
  const cells = plan.columns * plan.rows
  const pace: Pace = async (done) => {
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    onAdvance?.(done)
  }
  const filled = new Float32Array(lowest)
  fillHoles(filled, plan)
  await pace(cells)
  const isObject = new Uint8Array(cells)

  // Low outliers are what stands out of the surface turned upside down (section 2.3).
  const inverted = filled.map((height) => -height)
  const lowered = opened(inverted, plan, 1)
  for (let cell = 0; cell < cells; cell++) {
    if (inverted[cell]! - lowered[cell]! > options.outlierDepth) isObject[cell] = 1
  }
  await pace(cells)

  // Section 2.2: what a growing window takes off, if it is more than the slope explains.
  let surface: Float32Array = filled
  for (const radius of radiiOf(options)) {
    const lower = opened(surface, plan, radius)
    const allowed = options.slope * radius * plan.cellSize
    for (let cell = 0; cell < cells; cell++) {
      if (surface[cell]! - lower[cell]! > allowed) isObject[cell] = 1
    }
    surface = lower
    await pace(cells)
  }
  const height = new Float32Array(new SharedArrayBuffer(4 * cells))
  for (let cell = 0; cell < cells; cell++) {
    height[cell] = isObject[cell] === 1 ? Number.POSITIVE_INFINITY : lowest[cell]!
  }
  fillHoles(height, plan)
  await pace(cells)
  const tolerance = await tolerances(height, plan, options, pace)
  return { plan, heightOrigin, height, tolerance }
}

/** Section 2.4: the height above which a point is no ground grows with the slope of the surface. */
async function tolerances(
  height: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  { heightTolerance, tolerancePerSlope }: GroundOptions,
  pace: Pace,
): Promise<Float32Array<SharedArrayBuffer>> {
  const tolerance = new Float32Array(new SharedArrayBuffer(4 * columns * rows))
  let sincePace = 0
  for (let row = 0; row < rows; row++) {
    const [below, above] = [Math.max(row - 1, 0), Math.min(row + 1, rows - 1)]
    for (let column = 0; column < columns; column++) {
      const [left, right] = [Math.max(column - 1, 0), Math.min(column + 1, columns - 1)]
      const riseX = height[row * columns + right]! - height[row * columns + left]!
      const riseY = height[above * columns + column]! - height[below * columns + column]!
      const slope = Math.hypot(
        riseX / (Math.max(right - left, 1) * cellSize),
        riseY / (Math.max(above - below, 1) * cellSize),
      )
      tolerance[row * columns + column] = heightTolerance + tolerancePerSlope * slope
    }
    sincePace += columns
    if (sincePace >= paceSteps) {
      await pace(sincePace)
      sincePace = 0
    }
  }
  await pace(sincePace)
  return tolerance
}

/** In cells, from 1 to the largest window. */
function radiiOf({ windowRadius, cellSize }: GroundOptions): number[] {
  return Array.from({ length: Math.ceil(windowRadius / cellSize) }, (_, i) => i + 1)
}

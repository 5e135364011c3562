/** Ground that the openings took off because it is high and narrow: embankments, dykes, ridges, corners of terraces. */
import type { GroundOptions } from './ground-options.ts'
import type { PlanRaster } from './ground-raster.ts'
import { type Pace, paceByShare, paceSteps } from './pace.ts'
import { byBands } from './raster-bands.ts'
import { sharedBytes } from './shared-arrays.ts'

/** Half the window in which ground is looked for, and a plane laid, in cells. */
const reachCells = 2
/** So many known cells a plane needs before it says anything about how rough they are. */
const leastCells = 6
/** Standard deviation of where in its cell the lowest point lies, in cells. */
const placeSpread = Math.sqrt(1 / 12)

/** How far it depends on others whether a cell is ground, in cells. */
export function continuationReach(options: GroundOptions): number {
  const decks = Math.ceil(options.deckWidth / 2 / options.cellSize)
  return reachCells * (roundsOf(options) + 1) + decks
}

function roundsOf({ windowRadius, cellSize }: GroundOptions): number {
  return Math.max(1, Math.round(windowRadius / cellSize))
}

/** What the search for more ground looks at: heights with holes and without, and what is known of cells so far. */
export type ContinuationPass = {
  readonly kind: 'continuation'
  readonly plan: PlanRaster
  readonly options: GroundOptions
  readonly heights: Float32Array
  readonly filled: Float32Array
  readonly ground: Uint8Array
  /** Whether a cell may be added: not known, `fit` or `unfit`. */
  readonly judged: Uint8Array
  /** 1 for each cell that is added first. */
  readonly found: Uint8Array
}

const [fit, unfit] = [1, 2]

/**
 * Adds to the ground, step by step, the known cells that can be reached from it without climbing more steeply than `steepSlope`,
 * and that lie in a plane with those around them: what stands on the ground rises by a wall, or is rough like a bush. Not
 * added is what falls off by a wall to both sides within `deckWidth`: roads lead onto bridges as smoothly as onto
 * embankments. `filled` is `heights` without holes.
 */
export async function continueGround(
  rasters: Pick<ContinuationPass, 'heights' | 'filled' | 'ground'>,
  plan: PlanRaster,
  options: GroundOptions,
  run: (pass: ContinuationPass) => Promise<void>,
  pace: Pace,
): Promise<void> {
  const { ground, heights } = rasters
  const [judged, first] = [sharedBytes(ground.length), sharedBytes(ground.length)]
  const pass: ContinuationPass = { kind: 'continuation', plan, options, ...rasters, judged, found: first }
  await run(pass)
  let found: number[] = []
  const collect = (fromRow: number, endRow: number) => {
    for (let cell = fromRow * plan.columns; cell < endRow * plan.columns; cell++)
      if (first[cell] === 1) found.push(cell)
  }
  await byBands(plan, pace, collect)
  const neighbours = gentleNeighbours(heights, plan, options.steepSlope)
  const rounds = roundsOf(options)
  const counting = paceByShare(pace, ground.length, 1)
  for (let round = 1; round <= rounds && found.length > 0; round++) {
    for (const cell of found) ground[cell] = 1
    const next: number[] = []
    const take = (cell: number) => {
      if (ground[cell] === 0 && fits(pass, cell)) {
        ground[cell] = 2
        next.push(cell)
      }
      return false
    }
    // Of these rounds each is about half as long as the one before.
    const share = 0.5 ** round / found.length
    for (let from = 0; from < found.length; from += paceSteps) {
      const some = found.slice(from, from + paceSteps)
      if (round < rounds) for (const cell of some) neighbours(cell, take)
      await counting(share * some.length)
    }
    found = next
  }
  await counting(1)
}

/** The cells beside the ground that it goes on in. */
export function findContinuations(pass: ContinuationPass, fromRow: number, endRow: number): void {
  const { plan, options, heights, ground, found } = pass
  const neighbours = gentleNeighbours(heights, plan, options.steepSlope)
  const isGround = (cell: number) => ground[cell] === 1
  for (let cell = fromRow * plan.columns; cell < endRow * plan.columns; cell++) {
    if (ground[cell] === 1 || heights[cell] === Number.POSITIVE_INFINITY) continue
    if (neighbours(cell, isGround) && fits(pass, cell)) found[cell] = 1
  }
}

function fits({ heights, filled, plan, options, judged }: ContinuationPass, cell: number): boolean {
  if (judged[cell] === 0) {
    const isFit = isSmooth(heights, plan, options, cell) && !isDeck(filled, plan, options, cell)
    judged[cell] = isFit ? fit : unfit
  }
  return judged[cell] === fit
}

/** Visits the known cells around one to which the slope is not too steep, until `visit` is true; whether it was. */
function gentleNeighbours(
  heights: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  steepSlope: number,
) {
  return (cell: number, visit: (beside: number) => boolean): boolean => {
    const row = Math.floor(cell / columns)
    const column = cell - row * columns
    const height = heights[cell]!
    for (let dr = -reachCells; dr <= reachCells; dr++) {
      if (row + dr < 0 || row + dr >= rows) continue
      for (let dc = -reachCells; dc <= reachCells; dc++) {
        if (column + dc < 0 || column + dc >= columns) continue
        const beside = cell + dr * columns + dc
        const climb = Math.abs(heights[beside]! - height) / cellSize
        if (climb * climb <= steepSlope * steepSlope * (dr * dr + dc * dc) && visit(beside)) return true
      }
    }
    return false
  }
}

/** Whether the known cells around one lie in a plane that is not steep, as closely as their places in their cells let them. */
function isSmooth(
  heights: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  { roughness, steepSlope }: GroundOptions,
  cell: number,
): boolean {
  const row = Math.floor(cell / columns)
  const column = cell - row * columns
  let n = 0
  let [sx, sy, sz, sxx, sxy, syy, sxz, syz, szz] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let y = -reachCells; y <= reachCells; y++) {
    if (row + y < 0 || row + y >= rows) continue
    for (let x = -reachCells; x <= reachCells; x++) {
      if (column + x < 0 || column + x >= columns) continue
      const z = heights[cell + y * columns + x]! - heights[cell]!
      if (z === Number.POSITIVE_INFINITY) continue
      n++
      sx += x
      sy += y
      sz += z
      sxx += x * x
      sxy += x * y
      syy += y * y
      sxz += x * z
      syz += y * z
      szz += z * z
    }
  }
  if (n < leastCells) return false
  const xx = sxx - (sx * sx) / n
  const xy = sxy - (sx * sy) / n
  const yy = syy - (sy * sy) / n
  const xz = sxz - (sx * sz) / n
  const yz = syz - (sy * sz) / n
  const determinant = xx * yy - xy * xy
  // In whole cells it is a whole number: 0 where all of them lie in one line.
  if (determinant < 0.5) return false
  const a = (xz * yy - yz * xy) / determinant
  const b = (yz * xx - xz * xy) / determinant
  const slope = Math.sqrt(a * a + b * b) / cellSize
  const squares = szz - (sz * sz) / n - a * xz - b * yz
  const allowed = roughness + placeSpread * cellSize * slope
  return slope <= steepSlope && squares <= n * allowed * allowed
}

const acrossDirections = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const

function isDeck(filled: Float32Array, plan: PlanRaster, options: GroundOptions, cell: number): boolean {
  return acrossDirections.some(
    ([dc, dr]) =>
      fallsOff(filled, plan, options, cell, dc, dr) && fallsOff(filled, plan, options, cell, -dc, -dr),
  )
}

/** Whether a steep fall to well below the cell lies in that direction, not farther than half the width of a deck. */
function fallsOff(
  filled: Float32Array,
  { columns, rows, cellSize }: PlanRaster,
  { deckWidth, steepSlope, fallHeight }: GroundOptions,
  cell: number,
  dc: number,
  dr: number,
): boolean {
  const step = Math.hypot(dc, dr) * cellSize
  const row = Math.floor(cell / columns)
  const column = cell - row * columns
  const steps = Math.min(
    Math.round(deckWidth / 2 / step),
    dc > 0 ? columns - 1 - column : dc < 0 ? column : Number.POSITIVE_INFINITY,
    dr > 0 ? rows - 1 - row : dr < 0 ? row : Number.POSITIVE_INFINITY,
  )
  const height = filled[cell]!
  let [before, last] = [height, height]
  for (let i = 1, at = cell; i <= steps; i++) {
    at += dr * columns + dc
    const here = filled[at]!
    if (height - here >= fallHeight && before - here >= steepSlope * 2 * step) return true
    before = last
    last = here
  }
  return false
}

/** Crowns of trees among the points of high vegetation: from local maxima of the canopy downwards, each cell to the crown beside it. */
import type { PlanRaster } from './ground-raster.ts'
import { type Pace, paceSteps } from './pace.ts'
import { cellOf, rasterAround } from './plan-cells.ts'
import type { PointArrays } from './point-arrays.ts'

export type CrownOptions = {
  /** Edge of a cell of the canopy. */
  readonly cellSize: number
  /** Radius within which a lower maximum belongs to the higher one: at the ground, and more for each unit of height. */
  readonly leastRadius: number
  readonly radiusPerHeight: number
  /** A top that rises by less than this share of its height out of where it meets another crown is none of its own. */
  readonly leastRise: number
}

/** After Popescu and Wynne (2004), who measured how the width of crowns goes with height; lengths in the unit of the coordinates. */
export function crownOptions(unitsPerMetre = 1): CrownOptions {
  return {
    cellSize: unitsPerMetre,
    leastRadius: 1.5 * unitsPerMetre,
    radiusPerHeight: 0.15,
    leastRise: 0.05,
  }
}

/**
 * The number of the crown of each point, from 1; 0 for those that are not `isVegetation`. `height`: above the ground. Numbers go from
 * the highest crown down. Tells of each point once: canopies may have millions of cells.
 */
export async function pacedTreeCrowns(
  pace: Pace,
  ...given: Parameters<typeof crownTurns>
): Promise<Uint32Array> {
  const turns = crownTurns(...given)
  let left = given[0].x.length
  for (;;) {
    const { done, value } = turns.next()
    const told = done ? left : Math.min(left, Math.floor(value * given[0].x.length))
    left -= told
    await pace(told)
    if (done) return value
  }
}

/** Yields now and then, with the share that was done since. */
function* crownTurns(
  { x, y }: PointArrays,
  height: Float32Array,
  isVegetation: Uint8Array,
  options: CrownOptions,
): Generator<number, Uint32Array> {
  const crown = new Uint32Array(x.length)
  const plan = canopyPlan(x, y, isVegetation, options.cellSize)
  if (plan === undefined) return crown
  const canopy = new Float32Array(plan.columns * plan.rows)
  for (let i = 0; i < x.length; i++) {
    if (isVegetation[i] === 0) continue
    const at = cellOf(plan, x[i]!, y[i]!)
    canopy[at] = Math.max(canopy[at]!, height[i]!)
  }
  yield 0
  const smooth = smoothed(canopy, plan)
  yield 0
  const cells = yield* crownCells(smooth, plan, options)
  for (let i = 0; i < x.length; i++) if (isVegetation[i] === 1) crown[i] = cells[cellOf(plan, x[i]!, y[i]!)]!
  return crown
}

function canopyPlan(
  x: Float64Array,
  y: Float64Array,
  isVegetation: Uint8Array,
  cellSize: number,
): PlanRaster | undefined {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < x.length; i++) {
    if (isVegetation[i] === 0) continue
    minX = Math.min(minX, x[i]!)
    minY = Math.min(minY, y[i]!)
    maxX = Math.max(maxX, x[i]!)
    maxY = Math.max(maxY, y[i]!)
  }
  return minX <= maxX ? rasterAround([minX, minY, maxX, maxY], cellSize, 1) : undefined
}

/** Single branches are no tops: the mean of each cell and those around it that have points. */
function smoothed(canopy: Float32Array, { columns, rows }: PlanRaster): Float32Array {
  const smooth = new Float32Array(canopy.length)
  for (let row = 1; row < rows - 1; row++) {
    for (let column = 1; column < columns - 1; column++) {
      const at = row * columns + column
      if (canopy[at] === 0) continue
      let [sum, count] = [0, 0]
      for (let dy = -columns; dy <= columns; dy += columns) {
        for (let dx = -1; dx <= 1; dx++) {
          const value = canopy[at + dy + dx]!
          if (value === 0) continue
          sum += value
          count++
        }
      }
      smooth[at] = sum / count
    }
  }
  return smooth
}

/** Around a cell hundreds of others may be looked at. */
const crownSteps = paceSteps / 8

/** From the highest cell down: beside a crown a cell joins it, alone it begins one, unless a top is within the radius. */
function* crownCells(
  canopy: Float32Array,
  plan: PlanRaster,
  options: CrownOptions,
): Generator<number, Uint32Array> {
  const { columns, cellSize } = plan
  const order = fromTheHighest(canopy)
  yield 0
  const crown = new Uint32Array(canopy.length)
  const tops: [column: number, row: number, height: number][] = [[0, 0, 0]]
  const joined: number[] = [0]
  const whole = (one: number): number => (joined[one] === one ? one : whole(joined[one]!))
  for (const [k, at] of order.entries()) {
    if (k % crownSteps === crownSteps - 1) yield crownSteps / order.length
    const [column, row] = [at % columns, Math.floor(at / columns)]
    const nearest = { crown: 0, squared: Infinity }
    const reach = Math.ceil((options.leastRadius + options.radiusPerHeight * canopy[at]!) / cellSize)
    const look = (dx: number, dy: number, within: number) => {
      const other = crown[(row + dy) * columns + column + dx] ?? 0
      if (other === 0) return
      const top = tops[other]!
      const squared = (top[0] - column) ** 2 + (top[1] - row) ** 2
      if (squared < nearest.squared && squared <= within) Object.assign(nearest, { crown: other, squared })
    }
    for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) look(dx, dy, Infinity)
    if (nearest.crown === 0)
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++)
          if (column + dx >= 0 && column + dx < columns) look(dx, dy, reach * reach)
    if (nearest.crown === 0) {
      nearest.crown = tops.push([column, row, canopy[at]!]) - 1
      joined.push(nearest.crown)
    }
    crown[at] = nearest.crown
    for (let dy = -columns; dy <= columns; dy += columns) {
      for (let dx = -1; dx <= 1; dx++) {
        const other = crown[at + dy + dx] ?? 0
        if (other === 0) continue
        // Numbers go down with the height of the tops.
        const [high, low] = [whole(nearest.crown), whole(other)].sort((a, b) => a - b) as [number, number]
        if (high === low) continue
        const rise = tops[low]![2] - canopy[at]!
        if (rise < options.leastRise * tops[low]![2]) joined[low] = high
      }
    }
  }
  return crown.map(whole)
}

/** Cells with a canopy, from the highest down, of equals the first. Whole numbers are sorted without asking how: bits of floats above 0 go with their values. */
function fromTheHighest(canopy: Float32Array): Uint32Array {
  const bits = new Uint32Array(canopy.buffer, canopy.byteOffset, canopy.length)
  const count = canopy.reduce((sum, height) => sum + (height > 0 ? 1 : 0), 0)
  const keys = new BigUint64Array(count)
  const words = new DataView(keys.buffer)
  let last = 0
  for (let at = 0; at < canopy.length; at++) {
    if (!(canopy[at]! > 0)) continue
    words.setUint32(last, at, true)
    words.setUint32(last + 4, 0xffffffff - bits[at]!, true)
    last += 8
  }
  keys.sort()
  return Uint32Array.from(keys, (_, k) => words.getUint32(8 * k, true))
}

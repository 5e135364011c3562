// A raster for clouds whose headers may state too small bounds: it grows to where their points are.
import type { GroundRaster, PointArrays } from '@alidade/analysis'
import type { PlanBounds } from './site-blocks.ts'

/** Told of points that are no numbers, or so far off that a raster of them would be too large. */
export class OutOfBounds extends Error {}

/** It grows by more than is asked for, so that it need not grow again with every batch. */
const slack = 0.25

export class GrowingRaster {
  readonly raster: GroundRaster
  readonly #mostCells: number
  #bounds: PlanBounds
  #hasGrown = false

  constructor(raster: GroundRaster, stated: PlanBounds, mostCells: number) {
    this.raster = raster
    this.#bounds = stated
    this.#mostCells = Math.max(mostCells, raster.lowest.length)
  }

  /** Whether there were points outside of what headers state, by more than rounding. */
  get hasGrown(): boolean {
    return this.#hasGrown
  }

  /** What headers state, and what points were found outside of it. */
  get bounds(): PlanBounds {
    return this.#bounds
  }

  add({ x, y, z }: PointArrays, count: number): void {
    if (!this.#hasGrown && this.#fits(x, y, z, count)) return
    this.#cover(x, y, count)
    if (!this.#fits(x, y, z, count)) throw new OutOfBounds('expected places that are numbers, got others.')
  }

  /** To be called when all points are there: the raster then depends on them, and not on how it grew. */
  finish(): void {
    if (this.#hasGrown) this.raster.reshape(this.#bounds)
  }

  #fits(x: Float64Array, y: Float64Array, z: Float64Array, count: number): boolean {
    try {
      this.raster.add(x, y, z, count)
      return true
    } catch (error) {
      if (error instanceof RangeError) return false
      throw error
    }
  }

  #cover(x: Float64Array, y: Float64Array, count: number): void {
    const { min, max } = this.#bounds
    let [[west, south], [east, north]] = [min, max]
    for (let i = 0; i < count; i++) {
      west = Math.min(west, x[i]!)
      east = Math.max(east, x[i]!)
      south = Math.min(south, y[i]!)
      north = Math.max(north, y[i]!)
    }
    const wanted: PlanBounds = { min: [west, south], max: [east, north] }
    this.#bounds = wanted
    this.#hasGrown = true
    if (!this.#contains(wanted)) this.#grow(wanted)
  }

  #contains({ min, max }: PlanBounds): boolean {
    const { cellSize, firstColumn, firstRow, columns, rows } = this.raster.plan
    const [west, south] = [min[0] / cellSize - firstColumn, min[1] / cellSize - firstRow]
    const [east, north] = [max[0] / cellSize - firstColumn, max[1] / cellSize - firstRow]
    return west >= 0 && south >= 0 && east < columns && north < rows
  }

  #grow({ min, max }: PlanBounds): void {
    const [alongX, alongY] = [slack * (max[0] - min[0]), slack * (max[1] - min[1])]
    const wide: PlanBounds = {
      min: [min[0] - alongX, min[1] - alongY],
      max: [max[0] + alongX, max[1] + alongY],
    }
    for (const bounds of [wide, { min, max }]) {
      try {
        this.raster.reshape({ ...bounds, maxCells: this.#mostCells })
        return
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
      }
    }
    throw new OutOfBounds(
      'expected points within the bounds that its header states, got others, too far off for what memory there is.',
    )
  }
}

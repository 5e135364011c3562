/** A raster in plan of the lowest height in each cell, filled batch by batch. */
import { sharedFloats } from './shared-arrays.ts'

/** Cells whose edges lie at whole multiples of their size, so that rasters of neighbouring tiles fit each other. */
export type PlanRaster = {
  readonly cellSize: number
  readonly firstColumn: number
  readonly firstRow: number
  readonly columns: number
  readonly rows: number
}

export type GroundRasterExtent = {
  readonly min: readonly [number, number]
  readonly max: readonly [number, number]
  readonly cellSize: number
  /** Heights are kept relative to it, in single precision. Tiles of one cloud have to have the same. */
  readonly heightOrigin: number
  /** More are refused before any memory is taken. Default 2^28: 1 GiB. */
  readonly maxCells?: number
}

const defaultMaxCells = 2 ** 28

export class GroundRaster {
  #plan: PlanRaster
  #lowest: Float32Array<SharedArrayBuffer>
  readonly heightOrigin: number

  /** Four bytes a cell. RangeError for a size or bounds that make no raster, or one of more cells than allowed. */
  constructor({ min, max, cellSize, heightOrigin, maxCells = defaultMaxCells }: GroundRasterExtent) {
    this.#plan = planRaster(min, max, cellSize, maxCells)
    if (!Number.isFinite(heightOrigin))
      throw new RangeError(`heightOrigin must be finite, got ${heightOrigin}`)
    this.heightOrigin = heightOrigin
    this.#lowest = emptyCells(this.#plan)
  }

  get plan(): PlanRaster {
    return this.#plan
  }

  /** Row by row; Infinity where no point has been. */
  get lowest(): Float32Array<SharedArrayBuffer> {
    return this.#lowest
  }

  /** Puts what is known into a raster of other bounds; what lies outside of them is forgotten. RangeError as the constructor. */
  reshape({
    min,
    max,
    maxCells = defaultMaxCells,
  }: Pick<GroundRasterExtent, 'min' | 'max' | 'maxCells'>): void {
    const [old, known] = [this.#plan, this.#lowest]
    const plan = planRaster(min, max, old.cellSize, maxCells)
    const lowest = emptyCells(plan)
    const first = Math.max(old.firstColumn, plan.firstColumn)
    const end = Math.min(old.firstColumn + old.columns, plan.firstColumn + plan.columns)
    const endRow = Math.min(old.firstRow + old.rows, plan.firstRow + plan.rows)
    for (let row = Math.max(old.firstRow, plan.firstRow); row < endRow && first < end; row++) {
      const from = (row - old.firstRow) * old.columns - old.firstColumn
      const to = (row - plan.firstRow) * plan.columns - plan.firstColumn
      lowest.set(known.subarray(from + first, from + end), to + first)
    }
    this.#plan = plan
    this.#lowest = lowest
  }

  /**
   * Takes a batch of points. RangeError for a coordinate that is not finite, or more than a cell outside the bounds;
   * less than that is put into the outermost cell, as bounds in headers are rounded.
   */
  add(x: Float64Array, y: Float64Array, z: Float64Array, count = x.length): void {
    const { heightOrigin } = this
    const lowest = this.#lowest
    const { firstColumn, firstRow, columns, rows } = this.#plan
    const perUnit = 1 / this.#plan.cellSize
    for (let i = 0; i < count; i++) {
      let column = Math.floor(x[i]! * perUnit) - firstColumn
      let row = Math.floor(y[i]! * perUnit) - firstRow
      const height = z[i]! - heightOrigin
      // Written so that NaN does not pass.
      if (
        !(column >= -1 && column <= columns && row >= -1 && row <= rows && Math.abs(height) < largestHeight)
      ) {
        throw new RangeError(
          `point ${i} of the batch (${x[i]}, ${y[i]}, ${z[i]}) is not in the raster's bounds`,
        )
      }
      if (column < 0) column = 0
      else if (column === columns) column--
      if (row < 0) row = 0
      else if (row === rows) row--
      const cell = row * columns + column
      if (height < lowest[cell]!) lowest[cell] = height
    }
  }
}

/** Beyond it single precision overflows. */
const largestHeight = 3e38

function emptyCells({ columns, rows }: PlanRaster): Float32Array<SharedArrayBuffer> {
  return sharedFloats(columns * rows).fill(Number.POSITIVE_INFINITY)
}

function planRaster(
  min: readonly [number, number],
  max: readonly [number, number],
  cellSize: number,
  maxCells: number,
): PlanRaster {
  if (!(cellSize > 0 && cellSize < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`cellSize must be positive and finite, got ${cellSize}`)
  }
  // The same product for bounds and points, so that no point falls beside the raster by rounding.
  const perUnit = 1 / cellSize
  const [firstColumn, firstRow] = [Math.floor(min[0] * perUnit), Math.floor(min[1] * perUnit)]
  const columns = Math.floor(max[0] * perUnit) - firstColumn + 1
  const rows = Math.floor(max[1] * perUnit) - firstRow + 1
  if (!(columns >= 1 && rows >= 1)) {
    throw new RangeError(`bounds must be finite and min not above max, got ${min} to ${max}`)
  }
  if (!(columns * rows <= maxCells)) {
    throw new RangeError(
      `cells of ${cellSize} make ${columns} x ${rows} = ${columns * rows} of them, more than the ${maxCells} allowed`,
    )
  }
  return { cellSize, firstColumn, firstRow, columns, rows }
}

/** Grey-scale opening of a raster by a square window. */
import type { PlanRaster } from './ground-raster.ts'

/** Opening by a square of 2 x radius + 1 cells; what lies outside the raster takes no part. */
export function opened(
  values: Float32Array,
  { columns, rows }: Pick<PlanRaster, 'columns' | 'rows'>,
  radius: number,
): Float32Array {
  const lowered = alongBothAxes(values, columns, rows, radius, 1)
  return alongBothAxes(lowered, columns, rows, radius, -1)
}

/** Lowest (`sign` 1) or highest (`sign` -1) value of the window around each cell. */
function alongBothAxes(
  values: Float32Array,
  columns: number,
  rows: number,
  radius: number,
  sign: 1 | -1,
): Float32Array {
  const between = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) alongLine(values, between, row * columns, 1, columns, radius, sign)
  const result = new Float32Array(values.length)
  for (let column = 0; column < columns; column++)
    alongLine(between, result, column, columns, rows, radius, sign)
  return result
}

/** Van Herk (1992): the window is the end of one block and the beginning of the next. */
function alongLine(
  from: Float32Array,
  to: Float32Array,
  start: number,
  step: number,
  length: number,
  radius: number,
  sign: 1 | -1,
): void {
  const size = 2 * radius + 1
  const padded = Math.ceil((length + 2 * radius) / size) * size
  const values = new Float32Array(padded).fill(Number.POSITIVE_INFINITY)
  for (let i = 0; i < length; i++) values[i + radius] = sign * from[start + i * step]!
  const forward = Float32Array.from(values)
  const backward = values
  for (let i = 1; i < padded; i++) {
    if (i % size !== 0 && forward[i - 1]! < forward[i]!) forward[i] = forward[i - 1]!
  }
  for (let i = padded - 2; i >= 0; i--) {
    if ((i + 1) % size !== 0 && backward[i + 1]! < backward[i]!) backward[i] = backward[i + 1]!
  }
  for (let i = 0; i < length; i++) {
    const [a, b] = [backward[i]!, forward[i + size - 1]!]
    to[start + i * step] = sign * (a < b ? a : b)
  }
}

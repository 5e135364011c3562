/** Rasters in plan whose cells are in (1) or out (0): grown, shrunk, and taken apart into pieces. */
import type { PlanRaster } from './ground-raster.ts'
import { DisjointSets } from './disjoint-sets.ts'

/** The raster of cells of a size that covers some bounds, with a margin of cells that stay empty. */
export function rasterAround(
  [minX, minY, maxX, maxY]: readonly [number, number, number, number],
  cellSize: number,
  margin: number,
): PlanRaster {
  const firstColumn = Math.floor(minX / cellSize) - margin
  const firstRow = Math.floor(minY / cellSize) - margin
  return {
    cellSize,
    firstColumn,
    firstRow,
    columns: Math.floor(maxX / cellSize) + margin - firstColumn + 1,
    rows: Math.floor(maxY / cellSize) + margin - firstRow + 1,
  }
}

export function cellOf(
  { cellSize, firstColumn, firstRow, columns }: PlanRaster,
  x: number,
  y: number,
): number {
  return (Math.floor(y / cellSize) - firstRow) * columns + Math.floor(x / cellSize) - firstColumn
}

/** Undefined outside of the raster. */
export function cellWithin(plan: PlanRaster, x: number, y: number): number | undefined {
  const column = Math.floor(x / plan.cellSize) - plan.firstColumn
  const row = Math.floor(y / plan.cellSize) - plan.firstRow
  if (column < 0 || row < 0 || column >= plan.columns || row >= plan.rows) return undefined
  return row * plan.columns + column
}

/** The greatest value within a disc of cells around each; values of -Infinity are none. */
export function greatestWithin(values: Float32Array, plan: PlanRaster, radius: number): Float32Array {
  const greatest = values.slice()
  const disc = discOf(radius)
  const { columns, rows } = plan
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]!
      if (value === Number.NEGATIVE_INFINITY) continue
      for (const [dx, dy] of disc) {
        const [u, v] = [column + dx, row + dy]
        if (u < 0 || v < 0 || u >= columns || v >= rows) continue
        const at = v * columns + u
        if (greatest[at]! < value) greatest[at] = value
      }
    }
  }
  return greatest
}

/** 1 for every cell within `radius` of one that is in. */
export function grown(mask: Uint8Array, plan: PlanRaster, radius: number): Uint8Array {
  const { columns, rows } = plan
  const result = mask.slice()
  const disc = discOf(radius)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      if (mask[at] === 0 || !isAtEdge(mask, plan, column, row)) continue
      for (const [dx, dy] of disc) {
        const [u, v] = [column + dx, row + dy]
        if (u >= 0 && v >= 0 && u < columns && v < rows) result[v * columns + u] = 1
      }
    }
  }
  return result
}

export function shrunk(mask: Uint8Array, plan: PlanRaster, radius: number): Uint8Array {
  const outside = grown(
    mask.map((isIn) => 1 - isIn),
    plan,
    radius,
  )
  return outside.map((isOut) => 1 - isOut)
}

/** Pieces of cells that share edges: the number of the piece of each cell that is in, from 1; and their sizes by number. */
export function piecesOf(mask: Uint8Array, { columns }: PlanRaster): { piece: Uint32Array; sizes: number[] } {
  const sets = new DisjointSets(mask.length)
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue
    if (at % columns > 0 && mask[at - 1] === 1) sets.join(at, at - 1)
    if (at >= columns && mask[at - columns] === 1) sets.join(at, at - columns)
  }
  const piece = new Uint32Array(mask.length)
  const sizes = [0]
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue
    // The root is the lowest cell of its set: it has been numbered before.
    const root = sets.find(at)
    if (root === at) piece[at] = sizes.push(0) - 1
    else piece[at] = piece[root]!
    sizes[piece[at]!]!++
  }
  return { piece, sizes }
}

function isAtEdge(mask: Uint8Array, { columns, rows }: PlanRaster, column: number, row: number): boolean {
  const at = row * columns + column
  if (column === 0 || row === 0 || column === columns - 1 || row === rows - 1) return true
  return mask[at - 1] === 0 || mask[at + 1] === 0 || mask[at - columns] === 0 || mask[at + columns] === 0
}

function discOf(radius: number): [number, number][] {
  const disc: [number, number][] = []
  const whole = Math.floor(radius)
  for (let dy = -whole; dy <= whole; dy++)
    for (let dx = -whole; dx <= whole; dx++)
      if (dx * dx + dy * dy <= radius * radius && (dx !== 0 || dy !== 0)) disc.push([dx, dy])
  return disc
}

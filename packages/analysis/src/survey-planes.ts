/** Planes of two surveys in the cells of a grid, and how far those of one survey lie from those of the other. */
import { CellMoments } from './cell-moments.ts'
import { type CellGrid, CellSorter, type CellTable, listCells, type Surveys } from './cell-order.ts'
import { Neighbourhood } from './neighbourhood.ts'
import type { Pace } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'

/** Where the means of both surveys lie further apart across the normal, one of them sees half of the place. */
const mostSidewaysInCells = 0.4
/** Cells see their 26 neighbours: so many of them share what they know. */
export const sharedBy = 9

/** How many points of so many `sampleOf` looks at. */
export function sampledCount(count: number, mostPoints: number): number {
  return Math.ceil(count / strideOf(count, mostPoints))
}

export function strideOf(count: number, mostPoints: number): number {
  return Math.max(1, Math.ceil(count / mostPoints))
}

/** Every so many-th point, at most `mostPoints`. */
export function sampleOf(points: PointArrays, mostPoints: number): PointArrays {
  const stride = strideOf(points.x.length, mostPoints)
  if (stride === 1) return points
  const every = (values: Float64Array) =>
    Float64Array.from({ length: sampledCount(values.length, mostPoints) }, (_, k) => values[k * stride]!)
  return { x: every(points.x), y: every(points.y), z: every(points.z) }
}

/** Planes with unit normals (x, y, z) that lie `offset` from their counterparts along them. */
export type Planes = {
  count: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  readonly offset: Float64Array
  readonly variance: Float64Array
  /** Where that is, half way between both: three coordinates each, from the origin of the first survey's grid. */
  readonly places: Float64Array
}

/** Some tens of milliseconds. */
const cellsPerPause = 1 << 14

/** Of all cells; `pace` hears of every sampled point once, by the share of cells that have been looked at. */
export async function planesOf(samples: Surveys, grid: CellGrid, pace: Pace): Promise<Planes> {
  const count = samples[0].x.length + samples[1].x.length
  const order = Uint32Array.from({ length: count }, (_, number) => number)
  const cellCount = new CellSorter(grid, samples).sort(order, 0, count)
  const table: CellTable = {
    steps: new Int32Array(3 * cellCount),
    start: new Uint32Array(cellCount + 1).fill(count),
  }
  listCells(grid, samples, order, [0, count], table, 0)
  const moments = new CellMoments(grid, samples, order, table)
  moments.take(0, cellCount)
  await pace(0)
  const planes = emptyPlanes(cellCount)
  const neighbourhood = new Neighbourhood(grid.cellSize)
  let paced = 0
  for (let cell = 0; cell < cellCount; cell++) {
    neighbourhood.measure(moments, cell)
    addPlane(planes, neighbourhood, table.steps, cell, grid.cellSize)
    if ((cell + 1) % cellsPerPause > 0 && cell + 1 < cellCount) continue
    const counted = table.start[cell + 1]!
    await pace(counted - paced)
    paced = counted
  }
  return planes
}

function emptyPlanes(mostPlanes: number): Planes {
  const floats = () => new Float64Array(mostPlanes)
  return {
    ...{ count: 0, x: floats(), y: floats(), z: floats(), offset: floats(), variance: floats() },
    places: new Float64Array(3 * mostPlanes),
  }
}

function addPlane(
  planes: Planes,
  { offset, variance, sideways, slopeDeviation, normal, between }: Neighbourhood,
  steps: Int32Array,
  cell: number,
  cellSize: number,
): void {
  if (!(variance < (cellSize / 4) ** 2) || sideways > mostSidewaysInCells * cellSize) return
  // What is level as far as can be known must not seem to tell of a shift across.
  const isLevel = Math.hypot(normal[0]!, normal[1]!) < 3 * slopeDeviation
  const at = planes.count++
  planes.x[at] = isLevel ? 0 : normal[0]!
  planes.y[at] = isLevel ? 0 : normal[1]!
  planes.z[at] = isLevel ? 1 : normal[2]!
  planes.offset[at] = offset
  planes.variance[at] = variance
  for (let axis = 0; axis < 3; axis++)
    planes.places[3 * at + axis] = (steps[3 * cell + axis]! + 0.5 + between[axis]!) * cellSize
}

import { expect, test } from 'vitest'
import { CellMoments, momentsPerCell, momentsPerEpoch } from './cell-moments.ts'
import { type CellGrid, CellSorter, type CellTable, listCells, type Surveys } from './cell-order.ts'
import { cellsAround } from './measure-cells.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

const [east, north] = [513_000, 5_403_000]

/** Ground, a wall, and a point so far away that no step fits eleven bits. */
function survey(seed: number, count: number) {
  const random = seededRandom(seed)
  return cloudOf(count, (i) => {
    if (i === 7) return [east - 90_000, north + 40_000, 8000]
    if (i % 4 === 0) return [east + 10, north + 20 * random(), 6 * random()]
    return [east + 20 * random(), north + 20 * random(), 0.5 * random()]
  })
}

function ordered(surveys: Surveys): { grid: CellGrid; order: Uint32Array; table: CellTable; cells: number } {
  const grid: CellGrid = {
    cellSize: 1,
    origins: [
      [east, north, 0],
      [east + 0.25, north, 0],
    ],
    bandEdges: new Int32Array(0),
  }
  const count = surveys[0].x.length + surveys[1].x.length
  const order = Uint32Array.from({ length: count }, (_, number) => number)
  const cells = new CellSorter(grid, surveys).sort(order, 0, count)
  const table = { steps: new Int32Array(3 * cells), start: new Uint32Array(cells + 1).fill(count) }
  listCells(grid, surveys, order, [0, count], table, 0)
  return { grid, order, table, cells }
}

/** By looking at every point. */
function plainMoments({ cellSize, origins }: CellGrid, surveys: Surveys, steps: Int32Array, reach: number) {
  const sums = new Float64Array(momentsPerCell)
  for (const [epoch, { x, y, z }] of surveys.entries()) {
    for (let p = 0; p < x.length; p++) {
      const place = [x, y, z].map((values, axis) => (values[p]! - origins[epoch]![axis]!) / cellSize)
      if (place.some((value, axis) => Math.abs(Math.floor(value) - steps[axis]!) > reach)) continue
      const [u, v, w] = place.map((value, axis) => value - steps[axis]! - 0.5) as [number, number, number]
      for (const [at, value] of [1, u, v, w, u * u, u * v, u * w, v * v, v * w, w * w].entries())
        sums[epoch * momentsPerEpoch + at]! += value
    }
  }
  return sums
}

test('the moments around every cell are those of a look at all points, in whatever stretch it is measured', () => {
  const surveys: Surveys = [survey(1, 600), survey(2, 500)]
  const { grid, order, table, cells } = ordered(surveys)
  const found = new Float64Array(momentsPerCell)
  const moments = new CellMoments(grid, surveys, order, table)
  for (const reach of [1, 2] as const) {
    for (const [first, end] of [
      [cells >> 1, cells],
      [0, cells >> 1],
    ] as const) {
      moments.take(...cellsAround(table, [first, end]))
      for (let cell = first; cell < end; cell++) {
        moments.gather(cell, reach, found)
        const plain = plainMoments(grid, surveys, table.steps.subarray(3 * cell, 3 * cell + 3), reach)
        for (const [at, value] of plain.entries()) expect(Math.abs(found[at]! - value)).toBeLessThan(1e-3)
      }
    }
  }
})

test('points are ordered by their cells, and within a cell as they came', () => {
  const surveys: Surveys = [survey(3, 5000), survey(4, 4000)]
  const { order, table, cells } = ordered(surveys)
  expect([...order].sort((one, other) => one - other)).toEqual([...order.keys()])
  for (let cell = 0; cell < cells; cell++) {
    const inside = order.subarray(table.start[cell], table.start[cell + 1])
    expect(inside.length).toBeGreaterThan(0)
    expect(inside.every((number, p) => p === 0 || number > inside[p - 1]!)).toBe(true)
    if (cell === 0) continue
    const [before, own] = [cell - 1, cell].map((c) => [...table.steps.subarray(3 * c, 3 * c + 3)])
    const axis = own!.findIndex((step, k) => step !== before![k])
    expect(own![axis]).toBeGreaterThan(before![axis]!)
  }
})

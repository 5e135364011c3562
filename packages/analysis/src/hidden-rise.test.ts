import { expect, test } from 'vitest'
import { CellIndex } from './cell-index.ts'
import { HiddenRise } from './hidden-rise.ts'
import type { PlanGrid } from './plan-surface.ts'

const side = 24
const grid: PlanGrid = { cells: new CellIndex(), cellSize: 1, origin: [0, 0, 0] }
for (let i = 0; i < side; i++) for (let j = 0; j < side; j++) grid.cells.add(i, j, 0)
/** As they were added. */
const stepsOf = (cell: number) => [Math.floor(cell / side), cell % side] as const
const awayFromMiddle = (cell: number) => {
  const [i, j] = stepsOf(cell)
  return Math.hypot(i - 11.5, j - 11.5)
}
/** A heap of radius 9. */
const heap = (cell: number) => 2 * Math.max(0, 1 - (awayFromMiddle(cell) / 9) ** 2)
const cells = Array.from({ length: side * side }, (_, cell) => cell)
const inFootprint = cells.filter((cell) => heap(cell) > 0)
const volume = (rise: Iterable<number>) => [...rise].reduce((sum, value) => sum + value, 0)

function followed(crown: (cell: number) => boolean, isFootprint = (cell: number) => heap(cell) > 0) {
  const rise = new Map(
    inFootprint.filter((cell) => isFootprint(cell) && !crown(cell)).map((cell) => [cell, heap(cell)]),
  )
  const hidden = inFootprint.filter((cell) => isFootprint(cell) && crown(cell))
  const isHidden = (cell: number) => cell >= 0 && !isFootprint(cell) && crown(cell)
  const gap = new HiddenRise(grid, rise, hidden, { isHidden, riseBeside: () => 0 })
  gap.interpolate()
  return { rise, deviation: Math.sqrt(gap.variance()) }
}

test('nothing hidden is nothing unsure', () => {
  const { rise, deviation } = followed(() => false)
  expect(deviation).toBe(0)
  expect(volume(rise.values())).toBe(volume(inFootprint.map(heap)))
})

test('what a crown hides of a heap is what the heap is around it, within the bound', () => {
  for (const [u, v] of [
    [11, 11],
    [7, 10],
    [14, 15],
  ] as const) {
    // biome-ignore format: a row
    const { rise, deviation } = followed((cell) => {
      const [i, j] = stepsOf(cell)
      return Math.hypot(i - u, j - v) < 3
    })
    const off = volume(rise.values()) - volume(inFootprint.map(heap))
    expect(Math.abs(off) / volume(inFootprint.map(heap))).toBeLessThan(0.06)
    expect(Math.abs(off)).toBeLessThan(1.96 * deviation)
  }
})

test('a heap that runs on below a wood is followed some cells, and the bound knows that it may end at once', () => {
  const isOpen = (cell: number) => stepsOf(cell)[0] <= 12
  const seen = volume(inFootprint.filter(isOpen).map(heap))
  const { rise, deviation } = followed(
    (cell) => !isOpen(cell),
    (cell) => heap(cell) > 0 && isOpen(cell),
  )
  expect(volume(rise.values())).toBeGreaterThan(1.05 * seen)
  expect(volume(rise.values()) - 1.96 * deviation).toBeLessThan(seen)
  expect(volume(rise.values()) + 1.96 * deviation).toBeGreaterThan(volume(inFootprint.map(heap)))
})

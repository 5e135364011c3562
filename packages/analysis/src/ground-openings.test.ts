import { expect, test } from 'vitest'
import { blocksOf, cellsOf, type OpeningPass } from './ground-openings.ts'
import { groundOptions } from './ground-options.ts'
import { atOnce } from './pace.ts'
import { seededRandom } from './random-points.fixture.ts'
import { passesHere } from './raster-passes.ts'

// Two blocks wide and two high.
const plan = { cellSize: 1, firstColumn: 0, firstRow: 0, columns: 530, rows: 521 }
const cells = plan.columns * plan.rows
type Offset = readonly [number, number]
const cross: Offset[] = [
  [0, 0],
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
]
const square: Offset[] = [...cross, [1, 1], [1, -1], [-1, 1], [-1, -1]]

/** Plain TypeScript on the whole raster: the lowest of a window around each cell, without what lies outside. */
function eroded(values: Float32Array, window: readonly Offset[]): Float32Array {
  return values.map((_, cell) => {
    const [row, column] = [Math.floor(cell / plan.columns), cell % plan.columns]
    let lowest = Number.POSITIVE_INFINITY
    for (const [dc, dr] of window) {
      const [c, r] = [column + dc, row + dr]
      if (c < 0 || r < 0 || c >= plan.columns || r >= plan.rows) continue
      lowest = Math.min(lowest, values[r * plan.columns + c]!)
    }
    return lowest
  })
}
const turned = (values: Float32Array) =>
  values.map((value) => (value === Number.POSITIVE_INFINITY ? value : -value))

/** Boxes of all sizes up to twice the largest window, the more of them at the edges of blocks. */
function boxes(): Float32Array {
  const random = seededRandom(3)
  const heights = new Float32Array(cells)
  for (let i = 0; i < 6000; i++) {
    const [left, below] = [Math.floor(530 * random()), Math.floor(521 * random())]
    const [wide, high, height] = [1 + 12 * random(), 1 + 12 * random(), Math.ceil(5 * random())]
    for (let row = below; row < Math.min(below + high, plan.rows); row++) {
      for (let column = left; column < Math.min(left + wide, plan.columns); column++) {
        heights[row * plan.columns + column] = height
      }
    }
  }
  return heights
}

test('openings by blocks mark the very cells that plain openings of the whole raster mark', async () => {
  const options = { ...groundOptions(), windowRadius: 5, slope: 0.3 }
  const heights = boxes()
  const expected = new Uint8Array(cells)
  // Crosses and squares that make octagons of radius 1 to 5.
  const steps = [cross, square, cross, square, cross]
  let [lowered, before]: Float32Array[] = [heights, heights]
  for (const [i, step] of steps.entries()) {
    lowered = eroded(lowered!, step)
    let raised: Float32Array = turned(lowered)
    for (let k = 0; k <= i; k++) raised = eroded(raised, steps[k]!)
    const after = turned(raised)
    const limit = Math.fround(0.3 * (i + 1))
    for (let cell = 0; cell < cells; cell++) if (before![cell]! - after[cell]! > limit) expected[cell] = 1
    before = after
  }
  const marks = new Uint8Array(cells)
  const pass: OpeningPass = { kind: 'objects', heights, plan, options, marks }
  const told: number[] = []
  await passesHere(atOnce)(pass, (piece) => told.push(piece))
  expect(Buffer.from(marks).equals(Buffer.from(expected))).toBe(true)
  const marked = marks.reduce((sum, mark) => sum + mark, 0)
  expect(marked).toBeGreaterThan(cells / 10)
  expect(marked).toBeLessThan((9 * cells) / 10)
  const blocks = blocksOf(pass)
  expect(blocks.length).toBeGreaterThan(1)
  expect(told).toEqual([...blocks.keys()])
  expect(blocks.reduce((sum, block) => sum + cellsOf(block), 0)).toBe(cells)
})

test('a low point alone is an outlier, also among holes; a pit is none, nor a low point that is not deep enough', async () => {
  const heights = new Float32Array(cells).fill(Number.POSITIVE_INFINITY)
  const at = (column: number, row: number) => row * plan.columns + column
  for (let row = 0; row < plan.rows; row += 2) {
    for (let column = 0; column < plan.columns; column += 2) heights[at(column, row)] = 20
  }
  heights[at(100, 100)] = -60
  heights[at(264, 260)] = 14
  heights[at(300, 300)] = 16
  for (let row = 400; row < 412; row += 2) heights.fill(0, at(200, row), at(212, row))
  const marks = new Uint8Array(cells)
  await passesHere(atOnce)({ kind: 'outliers', heights, plan, options: groundOptions(), marks })
  expect([...marks.keys()].filter((cell) => marks[cell] === 1)).toEqual([at(100, 100), at(264, 260)])
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { seededRandom } from './random-points.fixture.ts'
import { RasterBlock } from './raster-block.ts'

/** Plain TypeScript for what the kernels do: the lowest of the cells that `isIn` puts into the window around each. */
function eroded(
  values: Float32Array,
  columns: number,
  rows: number,
  isIn: (dc: number, dr: number) => boolean,
) {
  return values.map((_, cell) => {
    const [row, column] = [Math.floor(cell / columns), cell % columns]
    let lowest = Number.POSITIVE_INFINITY
    for (let dr = -1; dr <= 1; dr++) {
      for (let dc = -1; dc <= 1; dc++) {
        const [r, c] = [row + dr, column + dc]
        if (r < 0 || c < 0 || r >= rows || c >= columns || !isIn(dc, dr)) continue
        const value = values[r * columns + c]!
        if (value < lowest) lowest = value
      }
    }
    return lowest
  })
}
const isInCross = (dc: number, dr: number) => dc === 0 || dr === 0
const isInSquare = () => true

function randomRaster(columns: number, rows: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  // One in five is not known.
  return Float32Array.from({ length: columns * rows }, () =>
    random() < 0.2 ? Number.POSITIVE_INFINITY : 2000 * random() - 1000,
  )
}

function load(block: RasterBlock, layer: number, values: Float32Array, columns: number): void {
  for (let row = 0; row * columns < values.length; row++) {
    block.row(layer, row).set(values.subarray(row * columns, (row + 1) * columns))
  }
}

function unload(block: RasterBlock, layer: number, columns: number, rows: number): Float32Array {
  const values = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) values.set(block.row(layer, row), row * columns)
  return values
}

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength)

test('steps of morphology give the very bits that plain TypeScript gives, whatever the size of the raster', () => {
  const block = new RasterBlock(70, 70, 3)
  let seed = 1
  for (const [columns, rows] of [
    [1, 1],
    [1, 9],
    [9, 1],
    [4, 4],
    [5, 3],
    [66, 7],
    [67, 70],
    [70, 69],
  ] as const) {
    const values = randomRaster(columns, rows, seed++)
    block.resize(columns, rows)
    load(block, 0, values, columns)
    block.erodeByCross(0, 1)
    const byCross = eroded(values, columns, rows, isInCross)
    expect(
      bytesOf(unload(block, 1, columns, rows)).equals(bytesOf(byCross)),
      `cross ${columns} x ${rows}`,
    ).toBe(true)
    // Of the step before, so that what it wrote beyond the last column would show.
    block.erodeBySquare(1, 2)
    const bySquare = eroded(byCross, columns, rows, isInSquare)
    expect(
      bytesOf(unload(block, 2, columns, rows)).equals(bytesOf(bySquare)),
      `square ${columns} x ${rows}`,
    ).toBe(true)
    block.turnOver(2, 2)
    const turned = bySquare.map((value) => (value === Number.POSITIVE_INFINITY ? value : -value))
    expect(
      bytesOf(unload(block, 2, columns, rows)).equals(bytesOf(turned)),
      `turned ${columns} x ${rows}`,
    ).toBe(true)
  }
})

test('marks are set where the fall is larger than the limit, and stay', () => {
  const block = new RasterBlock(5, 2, 3)
  block.resize(5, 2)
  load(block, 0, Float32Array.of(1, 2, 3, 4, 5, 5, 4, 3, 2, 1), 5)
  load(block, 1, new Float32Array(10), 5)
  block.clearMarks(2)
  block.markDrops(0, 1, 2, 3)
  block.markDrops(1, 0, 2, 3)
  expect([...block.marks(2, 0)]).toEqual([0, 0, 0, -1, -1])
  expect([...block.marks(2, 1)]).toEqual([-1, -1, 0, 0, 0])
})

test('the committed kernels are what their source compiles to', async () => {
  // By a variable: the compiler's types would take the place of Node's.
  const compiler: string = 'assemblyscript/asc'
  const { default: asc } = await import(compiler)
  const source = readFileSync(new URL('../assembly/raster-kernels.ts', import.meta.url), 'utf8')
  let built: Uint8Array | undefined
  const { error } = await asc.main(
    ['raster-kernels.ts', '-o', 'built.wasm', '-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd'],
    {
      readFile: (name: string) => (name === 'raster-kernels.ts' ? source : null),
      writeFile: (_name: string, contents: Uint8Array | string) => {
        if (typeof contents !== 'string') built = contents
      },
      listFiles: () => [],
    },
  )
  expect(error).toBeNull()
  const committed = readFileSync(new URL('./raster-kernels.wasm', import.meta.url))
  expect(Buffer.from(built ?? []).equals(committed), 'run npm run build:kernels').toBe(true)
}, 60_000)

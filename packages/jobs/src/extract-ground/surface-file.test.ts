import { join } from 'node:path'
import type { GroundSurface } from '@alidade/analysis'
import { expect, test } from 'vitest'
import { inputFiles, temporaryFolder } from '../run-job.fixture.ts'
import { SurfaceFile, writeSurface } from './surface-file.ts'

const [columns, rows] = [5, 40]
const { signal } = new AbortController()

/** Every cell has a number of its own. */
function numbered(first: number): Float32Array<SharedArrayBuffer> {
  const values = new Float32Array(new SharedArrayBuffer(4 * columns * rows))
  for (const i of values.keys()) values[i] = first + i
  return values
}

const whole: GroundSurface = {
  plan: { cellSize: 2, firstColumn: 100, firstRow: 1000, columns, rows },
  heightOrigin: 7.5,
  height: numbered(1),
  tolerance: numbered(1001),
}
/** The middle of a row. */
const inRow = (row: number) => 2 * (1000 + row + 0.5)

async function opened() {
  const path = join(await temporaryFolder(), 'surface')
  let counted = 0
  await writeSurface(path, whole, {
    begin: (_, { total }) => ({ advance: (count) => (counted += count / total) }),
  })
  expect(counted).toBe(1)
  return SurfaceFile.open((await inputFiles(path))[0]!)
}

test('rows come into memory where points are, with those that heights between them depend on, and no others', async () => {
  const file = await opened()
  try {
    const known = () =>
      Array.from({ length: rows }, (_, row) => row).filter((row) => file.surface.height[row * columns]! > 0)
    expect(file.surface).toMatchObject({ plan: whole.plan, heightOrigin: 7.5 })
    expect(known()).toEqual([])
    await file.reach(Float64Array.of(inRow(20), inRow(21), inRow(2)), 2, signal)
    expect(known()).toEqual([19, 20, 21, 22, 23])
    await file.reach(Float64Array.of(inRow(30)), 1, signal)
    await file.reach(Float64Array.of(inRow(10)), 1, signal)
    expect(known()).toEqual(Array.from({ length: 24 }, (_, i) => 9 + i))
    await file.reach(Float64Array.of(inRow(-3), inRow(rows + 3)), 2, signal)
    expect(file.surface.height).toEqual(whole.height)
    expect(file.surface.tolerance).toEqual(whole.tolerance)
  } finally {
    await file.close()
  }
})

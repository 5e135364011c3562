import { expect, test } from 'vitest'
import { surveysApart } from './surveys-apart.ts'

/** A level lattice of points one unit apart, from `from` on. */
function plain(columns: number, rows: number, from: number) {
  const at = (of: (i: number) => number) => Float64Array.from({ length: columns * rows }, (_, i) => of(i))
  return { x: at((i) => from + (i % columns)), y: at((i) => Math.floor(i / columns)), z: at(() => 0) }
}

test('surveys of the same place are not apart', () => {
  expect(surveysApart(plain(100, 100, 0), plain(100, 100, 0.4))).toBe(0)
})

test('of a survey that reaches as far again beyond the other, half lies apart', () => {
  const [whole, half] = [plain(200, 100, 0), plain(100, 100, 0)]
  const apart = surveysApart(whole, half)
  // A third of all points: the half of the larger one.
  expect(apart).toBeGreaterThan(0.31)
  expect(apart).toBeLessThan(1 / 3)
  expect(surveysApart(half, whole)).toBe(apart)
})

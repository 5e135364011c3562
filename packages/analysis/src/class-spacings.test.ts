/** Places on a lattice, of which it is known how far apart they lie. */
import { expect, test } from 'vitest'
import { ClassSpacings } from './class-spacings.ts'
import { segmentOptions } from './segment-options.ts'

test('some squares of many samples tell how far apart all lie, each class for itself, and next to no points tell nothing', () => {
  const spacings = new ClassSpacings([4, 6, 9], [0, 0, 0], segmentOptions())
  // 250,000 samples half a metre apart, and 10,000 two metres apart.
  for (let i = 0; i < 500; i++) for (let j = 0; j < 500; j++) spacings.add(6, i / 2, j / 2, 10)
  for (let i = 0; i < 100; i++) for (let j = 0; j < 100; j++) spacings.add(4, 2 * i, 2 * j, 5)
  for (let i = 0; i < 8; i++) spacings.add(9, i, 0, 0)
  expect(spacings.of(6)).toBeGreaterThan(0.4)
  expect(spacings.of(6)).toBeLessThan(0.6)
  expect(spacings.of(4) / spacings.of(6)).toBeCloseTo(4, 0)
  expect([spacings.of(9), spacings.of(2)]).toEqual([0, 0])
})

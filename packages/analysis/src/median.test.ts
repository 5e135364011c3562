import { expect, test } from 'vitest'
import { medianOf } from './median.ts'
import { seededRandom } from './random-points.fixture.ts'

test('the median is the one of the sorted values, with many equals and with few values too', () => {
  const random = seededRandom(1)
  for (let count = 0; count < 200; count++) {
    const values = Float64Array.from({ length: count }, () =>
      random() < 0.5 ? Math.floor(5 * random()) : random() - 0.5,
    )
    const sorted = values.toSorted()
    expect(medianOf(values)).toBe(sorted[count >> 1] ?? 0)
  }
})

import { crsFromDefinition, reproject } from '@alidade/formats'
import { expect, test } from 'vitest'
import { randomNumbers } from '../change-detection/two-surveys.fixture.ts'
import { interpolatePlaces } from './interpolated-places.ts'

const middle = [512_000, 5_402_000] as const
const options = { middle, largestCell: 1024, tolerance: 1e-4 }

/** Some thousand places within some kilometres, and how often `place` was asked for one. */
function compared(place: (x: number, y: number) => readonly [number, number], tolerance: number) {
  let asked = 0
  const counting = (x: number, y: number) => {
    asked++
    return place(x, y)
  }
  const interpolated = interpolatePlaces(counting, { ...options, tolerance })
  const random = randomNumbers(3)
  const found = new Float64Array(2)
  let worst = 0
  for (let i = 0; i < 20_000; i++) {
    const [x, y] = [middle[0] + 3000 * (random() - 0.5), middle[1] + 3000 * (random() - 0.5)]
    interpolated(x, y, found)
    const exact = place(x, y)
    worst = Math.max(worst, Math.abs(found[0]! - exact[0]), Math.abs(found[1]! - exact[1]))
  }
  return { asked, worst }
}

test.each([
  ['EPSG:25833', 1e-4],
  ['EPSG:3857', 1e-4],
  ['EPSG:4326', 1e-9],
  ['EPSG:2154', 1e-4],
])('places in %s are within %d of the exact ones, most of which are not computed', (to, tolerance) => {
  const place = reproject(crsFromDefinition('EPSG:32632'), crsFromDefinition(to))
  const { asked, worst } = compared(place, tolerance)
  // Between the places that are held against exact ones it may stray a little more.
  expect(worst).toBeLessThan(1.2 * tolerance)
  expect(worst).toBeGreaterThan(0)
  expect(asked).toBeLessThan(20_000)
})

test('what cannot be interpolated is exact, as is what lies beside places out of reach', () => {
  const jump = (x: number, y: number) => [x > middle[0] + 7.3 ? x + 1 : x, y] as const
  const { worst } = compared(jump, 1e-4)
  expect(worst).toBeLessThan(1e-4)
  const ending = (x: number, y: number) => {
    if (x > middle[0] + 7.3) throw new Error('out of reach')
    return [x + 1e-6 * x * x, y] as const
  }
  const interpolated = interpolatePlaces(ending, options)
  const found = new Float64Array(2)
  interpolated(middle[0] + 7, middle[1], found)
  expect([...found]).toEqual([...ending(middle[0] + 7, middle[1])])
  expect(() => interpolated(middle[0] + 8, middle[1], found)).toThrow('out of reach')
})

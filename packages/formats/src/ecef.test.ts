import proj4 from 'proj4'
import { expect, test } from 'vitest'
import { crsFromDefinition } from './crs.ts'
import { geocentricOf, geocentricPlaces, localFrameAt } from './ecef.ts'

// `echo "9.172901843 48.784794397 310.5" | cct -d 4 +proj=cart +ellps=WGS84`, and so on (PROJ 9.1.1).
test.each([
  [9.172901843, 48.784794397, 310.5, 4156825.049, 671241.3507, 4775057.2949],
  [-123.07, -44.05, -20, -2505467.9423, -3847782.4577, -4412072.4128],
  [180, 90, 0, 0, 0, 6356752.3142],
])('%f, %f at %f m is where PROJ has it', (lon, lat, height, ...expected) => {
  const got = geocentricOf(lon, lat, height)
  expect(Math.hypot(...got.map((value, axis) => value - expected[axis]!))).toBeLessThan(2e-4)
})

test('the frame of a place has it at its origin, and up is up', () => {
  const [lon, lat] = [9.17, 48.78]
  const frame = localFrameAt(lon, lat, 300)
  expect(frame.fromGeocentric(geocentricOf(lon, lat, 300))).toEqual([0, 0, 0])
  const [east, north, up] = frame.fromGeocentric(geocentricOf(lon, lat, 310))
  expect(Math.hypot(east, north)).toBeLessThan(1e-6)
  expect(up).toBeCloseTo(10, 6)
  expect(frame.fromGeocentric(geocentricOf(lon + 0.001, lat, 300))[0]).toBeGreaterThan(70)
  expect(frame.fromGeocentric(geocentricOf(lon, lat + 0.001, 300))[1]).toBeGreaterThan(110)
})

test('heights in feet become metres', () => {
  const { geocentric } = geocentricPlaces(crsFromDefinition('EPSG:2263'))
  const [lower, higher] = [geocentric([981106, 195544, 0]), geocentric([981106, 195544, 100])]
  const metres = Math.hypot(...lower.map((value, axis) => value - higher[axis]!))
  expect(metres).toBeCloseTo((100 * 1200) / 3937, 6)
})

test('proj4 goes the same way', () => {
  const { geocentric } = geocentricPlaces(crsFromDefinition('EPSG:32632'))
  const theirs = proj4('EPSG:32632', '+proj=geocent +datum=WGS84', [512700.87, 5403547.26, 310])
  expect(Math.hypot(...geocentric([512700.87, 5403547.26, 310]).map((v, i) => v - theirs[i]!))).toBeLessThan(
    1e-3,
  )
})

test('a place without a height is refused', () => {
  const { geocentric } = geocentricPlaces(crsFromDefinition('EPSG:32632'))
  expect(() => geocentric([500_000, 5_400_000, Number.NaN])).toThrow('finite height, got NaN')
})

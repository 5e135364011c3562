import { expect, test } from 'vitest'
import { orientedBox } from './oriented-box.ts'
import { cloudOf, seededRandom } from './random-points.fixture.ts'

const east = 500_000
const north = 5_400_000

function turnedBlock(yaw: number, length: number, width: number) {
  const random = seededRandom(31)
  return cloudOf(500, (i) => {
    // The first four are the corners, so that the size is known exactly.
    const u = i < 4 ? ((i & 1) - 0.5) * length : (random() - 0.5) * length
    const v = i < 4 ? ((i >> 1) - 0.5) * width : (random() - 0.5) * width
    return [
      east + u * Math.cos(yaw) - v * Math.sin(yaw),
      north + u * Math.sin(yaw) + v * Math.cos(yaw),
      100 + (i % 2) * 3,
    ]
  })
}

const all = (count: number) => Uint32Array.from({ length: count }, (_, i) => i)

test('a turned block gets back its centre, its size and the direction of its longer side', () => {
  for (const yaw of [0, 0.3, 1.2, -0.7, Math.PI / 2, 1.5]) {
    const { center, size, yawRadians } = orientedBox(turnedBlock(yaw, 8, 2.5), all(500))
    expect(yawRadians).toBeCloseTo(yaw, 6)
    expect(size[0]).toBeCloseTo(8, 6)
    expect(size[1]).toBeCloseTo(2.5, 6)
    expect(size[2]).toBe(3)
    expect(center[0]).toBeCloseTo(east, 6)
    expect(center[1]).toBeCloseTo(north, 6)
    expect(center[2]).toBe(101.5)
  }
})

test('the rotation turns box coordinates about the centre into those of the SRS', () => {
  const { center, size, rotation: m } = orientedBox(turnedBlock(0.4, 10, 4), all(500))
  const end = [size[0] / 2, 0, 0] as const
  const x = center[0] + m[0] * end[0] + m[1] * end[1] + m[2] * end[2]
  const y = center[1] + m[3] * end[0] + m[4] * end[1] + m[5] * end[2]
  expect(x - east).toBeCloseTo(5 * Math.cos(0.4), 6)
  expect(y - north).toBeCloseTo(5 * Math.sin(0.4), 6)
  expect(m.slice(6)).toEqual([0, 0, 1])
})

test('every point lies in its box', () => {
  const random = seededRandom(32)
  for (let round = 0; round < 50; round++) {
    const points = cloudOf(3 + (round % 20), () => [east + random(), north + 3 * random(), random()])
    const { center, size, rotation: m } = orientedBox(points, all(points.x.length))
    for (let i = 0; i < points.x.length; i++) {
      const [dx, dy] = [points.x[i]! - center[0], points.y[i]! - center[1]]
      expect(Math.abs(dx * m[0] + dy * m[3])).toBeLessThan(size[0] / 2 + 1e-6)
      expect(Math.abs(dx * m[1] + dy * m[4])).toBeLessThan(size[1] / 2 + 1e-6)
    }
  }
})

test('only the chosen points count', () => {
  const points = cloudOf(4, (i) => [i, i === 3 ? 50 : 0, i])
  expect(orientedBox(points, [0, 1, 2])).toMatchObject({ center: [1, 0, 1], size: [2, 0, 2], yawRadians: 0 })
})

test('one point, coinciding points, two points and a line have boxes without width', () => {
  const one = cloudOf(3, () => [east, north, 7])
  expect(orientedBox(one, [0])).toMatchObject({ center: [east, north, 7], size: [0, 0, 0], yawRadians: 0 })
  expect(orientedBox(one, all(3)).size).toEqual([0, 0, 0])
  const line = cloudOf(10, (i) => [i, i, 0])
  for (const indices of [[9, 0], all(10)]) {
    const { center, size, yawRadians } = orientedBox(line, indices)
    expect(center).toEqual([expect.closeTo(4.5, 9), expect.closeTo(4.5, 9), 0])
    expect(size).toEqual([expect.closeTo(9 * Math.SQRT2, 9), expect.closeTo(0, 9), 0])
    expect(yawRadians).toBeCloseTo(Math.PI / 4, 9)
  }
})

test('no points have no box', () => {
  expect(() =>
    orientedBox(
      cloudOf(1, () => [0, 0, 0]),
      [],
    ),
  ).toThrow(RangeError)
})

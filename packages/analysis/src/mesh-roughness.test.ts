import { expect, test } from 'vitest'
import { meshRoughness } from './mesh-roughness.ts'
import { seededRandom } from './random-points.fixture.ts'

/** A grid of squares of two triangles each on a slope, far from the origin, with normal noise in height. */
function slope(side: number, noise: number) {
  const random = seededRandom(1)
  const normal = () => random() + random() + random() + random() - 2
  const positions: number[] = []
  const triangles: number[] = []
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      // Four numbers of variance 1 / 12.
      positions.push(500_000 + i, 5_400_000 + j, 0.3 * i + noise * Math.sqrt(3) * normal())
      if (i === side - 1 || j === side - 1) continue
      const at = j * side + i
      triangles.push(at, at + 1, at + side, at + 1, at + side + 1, at + side)
    }
  return [Float64Array.from(positions), Uint32Array.from(triangles)] as const
}

test('the scatter of the vertices of a slope is told to a few percent, across the slope', () => {
  for (const noise of [0.01, 0.05]) {
    const across = noise * Math.cos(Math.atan(0.3))
    expect(meshRoughness(...slope(80, noise)) / across).toBeGreaterThan(0.93)
    expect(meshRoughness(...slope(80, noise)) / across).toBeLessThan(1.07)
  }
})

test('a smooth slope has none, and neither has a box, which is all edges', () => {
  expect(meshRoughness(...slope(30, 0))).toBeLessThan(1e-9)
  const corners = [0, 1].flatMap((x) => [0, 1].flatMap((y) => [0, 1].flatMap((z) => [x, y, z])))
  const faces = [
    0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7,
    3,
  ]
  expect(meshRoughness(Float64Array.from(corners), Uint32Array.from(faces))).toBe(0)
})

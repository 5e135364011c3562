import { cloudOf, seededRandom } from './random-points.fixture.ts'

/** Gabled roofs on rolling ground, in metres, four points on each squared one, with 2 cm noise; a third may be dug away. */
export function village(
  seed: number,
  [dx, dy, dz]: readonly [number, number, number] = [0, 0, 0],
  dug = 0,
  dugWest = 30,
) {
  const random = seededRandom(seed)
  return cloudOf(40_000, () => {
    const [x, y] = [100 * random(), 100 * random()]
    const [u, v] = [(x % 25) - 12.5, (y % 20) - 10]
    const roof = Math.abs(u) < 6 && Math.abs(v) < 4 ? 4 + 3 * (1 - Math.abs(v) / 4) : 0
    const hollow = x < dugWest ? -dug : 0
    const z = 200 + Math.sin(x / 15) * Math.cos(y / 12) + roof + hollow + 0.07 * (random() - 0.5)
    return [x + dx, y + dy, z + dz]
  })
}

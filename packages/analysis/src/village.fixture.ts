import { cloudOf, seededRandom } from './random-points.fixture.ts'

/** In metres. */
export const villageSize = [75, 60] as const

/** Gabled roofs on rolling ground, four points on each squared metre, with 2 cm noise; a third may be dug away. */
export function village(
  seed: number,
  [dx, dy, dz]: readonly [number, number, number] = [0, 0, 0],
  dug = 0,
  dugWest = villageSize[0] / 3,
) {
  const random = seededRandom(seed)
  const [length, width] = villageSize
  return cloudOf(4 * length * width, () => {
    const [x, y] = [length * random(), width * random()]
    const [u, v] = [(x % 25) - 12.5, (y % 20) - 10]
    const roof = Math.abs(u) < 6 && Math.abs(v) < 4 ? 4 + 3 * (1 - Math.abs(v) / 4) : 0
    const hollow = x < dugWest ? -dug : 0
    const z = 200 + Math.sin(x / 15) * Math.cos(y / 12) + roof + hollow + 0.07 * (random() - 0.5)
    return [x + dx, y + dy, z + dz]
  })
}

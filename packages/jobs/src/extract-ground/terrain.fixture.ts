// A made-up hillside with known ground: a slope with a hollow, two houses and a row of trees on it.
import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { randomNumbers } from '../change-detection/two-surveys.fixture.ts'

export interface Terrain {
  x: number[]
  y: number[]
  z: number[]
  /** 2 ground, 1 rest: by construction. */
  truth: number[]
}

const houses = [
  { from: [20, 20], to: [32, 30], height: 6 },
  { from: [55, 40], to: [70, 60], height: 9 },
] as const

/** UTM zone 32 north. */
export const corner = [512_000, 5_402_000] as const
const side = 90

export function groundHeight(x: number, y: number): number {
  const [u, v] = [x - corner[0], y - corner[1]]
  return 400 + 0.1 * u + 0.05 * v - 3 * Math.exp(-((u - 60) ** 2 + (v - 20) ** 2) / 200)
}

/** Some two points a square metre. */
export function terrain(seed = 1): Terrain {
  const random = randomNumbers(seed)
  const made: Terrain = { x: [], y: [], z: [], truth: [] }
  const add = (x: number, y: number, z: number, what: number) => {
    made.x.push(x)
    made.y.push(y)
    made.z.push(z)
    made.truth.push(what)
  }
  for (let i = 0; i < 2 * side * side; i++) {
    const [u, v] = [random() * side, random() * side]
    const [x, y] = [corner[0] + u, corner[1] + v]
    const ground = groundHeight(x, y)
    const noise = (random() - 0.5) * 0.1
    const house = houses.find(({ from, to }) => u > from[0] && u < to[0] && v > from[1] && v < to[1])
    const isCrown = v > 75 && v < 82 && random() < 0.7
    if (house !== undefined) add(x, y, ground + house.height + noise, 1)
    else if (isCrown) add(x, y, ground + 3 + 5 * random(), 1)
    else add(x, y, ground + noise, 2)
  }
  return made
}

export async function writeTerrain(
  folder: string,
  name: string,
  { x, y, z }: Terrain = terrain(),
  options: { epsg?: number; classification?: number[]; pointFormat?: 0 | 6 } = {},
): Promise<string> {
  const path = join(folder, name)
  const { epsg = 32632, classification, pointFormat = 6 } = options
  await writeLasPoints(
    path,
    { x, y, z, ...(classification && { classification }) },
    { crs: { epsg }, pointFormat, createdAt: new Date(0) },
  )
  return path
}

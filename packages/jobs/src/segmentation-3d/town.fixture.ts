// A made-up scan of a street with every class known: houses, trees, a line of wires on posts, lamps and parked cars on a slope.
import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'
import { randomNumbers } from '../change-detection/two-surveys.fixture.ts'

export interface Town {
  x: number[]
  y: number[]
  z: number[]
  /** ASPRS codes by construction. */
  truth: number[]
}

/** UTM zone 32 north. */
export const corner = [512_000, 5_402_000] as const
const side = 80
const groundHeight = (u: number, v: number) => 400 + 0.03 * u + 0.02 * v

/** In plan u, v from the corner: a gable and two flat roofs. */
export const houses = [
  { from: [10, 10], to: [22, 19], eaves: 4, gable: 3 },
  { from: [40, 12], to: [58, 24], eaves: 9, gable: 0 },
  { from: [12, 50], to: [19, 56], eaves: 3.2, gable: 0 },
] as const
export const trees = [
  { at: [35, 50], radius: 4, top: 12 },
  { at: [48, 52], radius: 3, top: 9 },
  { at: [60, 60], radius: 3.5, top: 15 },
] as const
export const lamps = [
  [30, 36],
  [50, 36],
] as const
/** Along u, from end to end. */
export const wires = [
  { v: 70, height: 11 },
  { v: 73, height: 11 },
] as const

const uniform = (random: () => number, low: number, high: number) => low + (high - low) * random()

/** Some eight points a square metre. */
export function town(seed = 1): Town {
  const random = randomNumbers(seed)
  const made: Town = { x: [], y: [], z: [], truth: [] }
  const add = (u: number, v: number, height: number, what: number) => {
    const noise = () => (random() - 0.5) * 0.06
    made.x.push(corner[0] + u + noise())
    made.y.push(corner[1] + v + noise())
    made.z.push(groundHeight(u, v) + height + noise())
    made.truth.push(what)
  }
  const level = (u: number, v: number, height: number, [cu, cv]: readonly [number, number], what: number) =>
    add(u, v, height + groundHeight(cu, cv) - groundHeight(u, v), what)
  for (let i = 0; i < 8 * side * side; i++) {
    const [u, v] = [random() * side, random() * side]
    const house = houses.find(({ from, to }) => u > from[0] && u < to[0] && v > from[1] && v < to[1])
    const tree = trees.find(({ at, radius }) => Math.hypot(u - at[0], v - at[1]) < radius)
    if (house !== undefined) {
      const { from, to, eaves, gable } = house
      const middle = (from[1] + to[1]) / 2
      const rise = gable * (1 - Math.abs(v - middle) / ((to[1] - from[1]) / 2))
      level(u, v, eaves + rise, [(from[0] + to[0]) / 2, middle], 6)
    } else if (tree !== undefined && random() < 0.75) {
      const { at, radius, top } = tree
      const deep = Math.sqrt(1 - (Math.hypot(u - at[0], v - at[1]) / radius) ** 2)
      add(u, v, top - radius - 1 + radius * deep * uniform(random, -1, 1), 5)
    } else add(u, v, 0, 2)
  }
  for (const { v, height } of wires)
    for (let u = 2; u < side - 2; u += 0.35) add(u, v, height + 2 * ((u - side / 2) / (side / 2)) ** 2, 14)
  for (const [u, v] of lamps) for (let height = 0.8; height < 7; height += 0.3) add(u, v, height, 15)
  return made
}

/** Of a scan, one of so many points, from this one on. */
export function everyNth({ x, y, z, truth }: Town, n: number, first = 0): Town {
  const some = (values: number[]) => values.filter((_, i) => i % n === first)
  return { x: some(x), y: some(y), z: some(z), truth: some(truth) }
}

/** Of the wide town: a hall and a wire that are longer than a town. */
export const hall = { from: [50, 26], to: [185, 33], eaves: 6 } as const
const longWire = { v: 77, height: 14 } as const
export const towns = 3

/** Towns side by side along u, with a hall and a wire through all of them. */
export function wideTown(): Town {
  const wide: Town = { x: [], y: [], z: [], truth: [] }
  const random = randomNumbers(7)
  const add = (u: number, v: number, z: number, what: number) => {
    wide.x.push(corner[0] + u)
    wide.y.push(corner[1] + v)
    wide.z.push(z)
    wide.truth.push(what)
  }
  const [length, noise] = [towns * side, () => (random() - 0.5) * 0.06]
  const level = groundHeight((hall.from[0] + hall.to[0]) / 2, hall.from[1]) + hall.eaves
  for (let k = 0; k < towns; k++) {
    const { x, y, z, truth } = town(k + 1)
    for (const [i, what] of truth.entries()) {
      const [u, v] = [x[i]! - corner[0] + k * side, y[i]! - corner[1]]
      const isBelow = u > hall.from[0] && u < hall.to[0] && v > hall.from[1] && v < hall.to[1]
      if (isBelow) add(u, v, level + noise(), 6)
      else add(u, v, z[i]! + groundHeight(k * side, 0) - groundHeight(0, 0), what)
    }
  }
  for (let u = 2; u < length - 2; u += 0.35)
    add(u + noise(), longWire.v + noise(), groundHeight(u, longWire.v) + longWire.height + noise(), 14)
  return wide
}

export async function writeTown(
  folder: string,
  name: string,
  { x, y, z }: Town = town(),
  options: { epsg?: number | 'none'; classification?: number[]; pointFormat?: 0 | 6 } = {},
): Promise<string> {
  const path = join(folder, name)
  const { epsg = 32632, classification, pointFormat = 6 } = options
  await writeLasPoints(
    path,
    { x, y, z, ...(classification && { classification }) },
    { ...(epsg !== 'none' && { crs: { epsg } }), pointFormat, createdAt: new Date(0) },
  )
  return path
}

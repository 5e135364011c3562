// Two surveys of a small field, sampled independently of each other at random places, with one thing different.
import { join } from 'node:path'
import { writeLasPoints } from '@alidade/formats'

/** South-west corner of the field in EPSG:32632, and its side, in metres. */
export const corner = { east: 500_300, north: 5_400_200 }
export const side = 50

export interface Thing {
  /** Middle, from the corner. */
  x: number
  y: number
  length: number
  width: number
  height: number
}

export const crate: Thing = { x: 20, y: 30, length: 8, width: 5, height: 3 }
export const crateVolume = crate.length * crate.width * crate.height
/** A paraboloid of revolution. */
export const heap = { x: 32, y: 18, radius: 6, height: 2.5 }
export const heapVolume = (Math.PI / 2) * heap.radius ** 2 * heap.height

export type Surface = (x: number, y: number) => number

/** Rolling, and level below the crate. */
export const bare: Surface = (x, y) => {
  const away = Math.max(0, Math.hypot(x - crate.x, y - crate.y) - 6)
  return 100 + Math.min(1, away / 5) * 0.3 * Math.sin(x / 7) * Math.cos(y / 9)
}
export const withCrate: Surface = (x, y) => {
  const inside = Math.abs(x - crate.x) <= crate.length / 2 && Math.abs(y - crate.y) <= crate.width / 2
  return bare(x, y) + (inside ? crate.height : 0)
}
export const withHeap: Surface = (x, y) => {
  const squared = ((x - heap.x) ** 2 + (y - heap.y) ** 2) / heap.radius ** 2
  return bare(x, y) + heap.height * Math.max(0, 1 - squared)
}

export interface SurveyOptions {
  seed: number
  /** Points of each square metre: fewer where volumes do not matter. */
  density?: number
  /** How many points to drop, where this holds. */
  without?: (x: number, y: number) => boolean
  crs?: { epsg: number } | { wkt: string } | 'none'
  /** Units of the file in a metre. */
  unitsPerMetre?: number
  side?: number
  /** Red, green and blue of a place as the file gets them; given, the points have colours. */
  colour?: (x: number, y: number) => readonly [number, number, number]
}

/** Writes the surface as LAS 1.4 with 1 cm noise in height; returns the path. */
export async function writeSurvey(
  folder: string,
  name: string,
  surface: Surface,
  {
    seed,
    without,
    crs = { epsg: 32632 },
    unitsPerMetre = 1,
    side: extent = side,
    colour,
    density = 6,
  }: SurveyOptions,
): Promise<string> {
  const random = randomNumbers(seed)
  const [x, y, z]: [number[], number[], number[]] = [[], [], []]
  const rgb: number[] = []
  for (let k = 0; k < density * extent * extent; k++) {
    const [u, v] = [extent * random(), extent * random()]
    if (without?.(u, v)) continue
    x.push((corner.east + u) * unitsPerMetre)
    y.push((corner.north + v) * unitsPerMetre)
    if (colour) rgb.push(...colour(u, v))
    z.push((surface(u, v) + 0.02 * (random() - 0.5)) * unitsPerMetre)
  }
  const path = join(folder, name)
  await writeLasPoints(
    path,
    { x, y, z, ...(colour && { rgb }) },
    { ...(crs !== 'none' && { crs }), createdAt: new Date(0) },
  )
  return path
}

/** Mulberry32 by T. Ettinger (public domain): seeded, good enough to scatter points. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Distance of point `i` of `from` to the nearest of `to`, by looking at all. */
export function bruteForceDistance(
  from: { x: Float64Array; y: Float64Array; z: Float64Array },
  i: number,
  to: { x: Float64Array; y: Float64Array; z: Float64Array },
): number {
  const [x, y, z] = [from.x[i]!, from.y[i]!, from.z[i]!]
  const { x: xs, y: ys, z: zs } = to
  let least = Infinity
  for (let k = 0; k < xs.length; k++) {
    const dx = xs[k]! - x
    const dy = ys[k]! - y
    const dz = zs[k]! - z
    const squared = dx * dx + dy * dy + dz * dz
    if (squared < least) least = squared
  }
  return Math.sqrt(least)
}

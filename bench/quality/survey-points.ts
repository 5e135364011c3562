// Points of surveys in memory, as the programs of this folder need them: read, picked, and random numbers by a seed.
import type { PointArrays } from '@alidade/analysis'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'

export async function readSurvey(path: string): Promise<{ points: PointArrays; epsg: number | undefined }> {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    return { points: await readXyz(source, header, { threads: 2 }), epsg: header.crs?.epsg }
  } finally {
    await source.close()
  }
}

export function pickPoints(points: PointArrays, isPicked: (index: number) => boolean): PointArrays {
  const picked: number[] = []
  for (let i = 0; i < points.x.length; i++) if (isPicked(i)) picked.push(i)
  const column = (from: Float64Array) => {
    const values = new Float64Array(new SharedArrayBuffer(8 * picked.length))
    for (const [k, i] of picked.entries()) values[k] = from[i]!
    return values
  }
  return { x: column(points.x), y: column(points.y), z: column(points.z) }
}

/** A share of the points chosen at random, and all the others. */
export function splitPoints(points: PointArrays, seed: number, share = 0.5): [PointArrays, PointArrays] {
  const random = randomNumbers(seed)
  const isFirst = Uint8Array.from(points.x, () => (random() < share ? 1 : 0))
  return [pickPoints(points, (i) => isFirst[i] === 1), pickPoints(points, (i) => isFirst[i] === 0)]
}

export function movedPoints(
  { x, y, z }: PointArrays,
  [dx, dy, dz]: readonly [number, number, number],
): PointArrays {
  const moved = (from: Float64Array, by: number) => {
    const values = new Float64Array(new SharedArrayBuffer(8 * from.length))
    for (let i = 0; i < from.length; i++) values[i] = from[i]! + by
    return values
  }
  return { x: moved(x, dx), y: moved(y, dy), z: moved(z, dz) }
}

/** Numbers from 0 to below 1 that repeat with the seed (mulberry32, a public-domain generator by T. Ettinger). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Normally distributed, of mean 0 and deviation 1 (Box and Muller, 1958). */
export function normalNumbers(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

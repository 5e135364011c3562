/** The pairs of clouds of `nearest-distances.ts`. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PointArrays } from '@alidade/analysis'
import { openFile, readLasHeader, readXyz } from '@alidade/formats'
import { autzenHalves } from '../autzen-halves.ts'

type Pair = [PointArrays, PointArrays]

/** Of each cloud of `apart` so much has no counterpart. */
const shareApart = 0.3
const data = resolve(import.meta.dirname, '../..', process.env.ALIDADE_TEST_DATA ?? '../shared/data')

const sources: Record<string, (folder: string) => Promise<Pair | string>> = {
  /** Two disjoint random halves of the merged Autzen tiles. */
  halves: autzen,
  /** The same without the east of the one and the west of the other. */
  apart: async (folder) => {
    const pair = await autzen(folder)
    if (typeof pair === 'string') return pair
    const left = 1 / (1 + shareApart)
    const [eastOf, westOf] = [quantile(pair[0].x, left), quantile(pair[1].x, 1 - left)]
    return [partOf(pair[0], (x) => x < eastOf), partOf(pair[1], (x) => x >= westOf)]
  },
  ttp: async () => {
    const paths = ['TTP_15.laz', 'TTP_23.laz'].map((name) => join(data, 'pointcloud/epochs-real', name))
    if (!existsSync(paths[0]!)) return paths[0]!
    return [await readCloud(paths[0]!), await readCloud(paths[1]!)]
  },
  scattered: async () => [scattered(2_660_000, 1), scattered(2_660_000, 2)],
}
export const pairNames: readonly string[] = Object.keys(sources)

/** Near the origin, as some of the programs count in 32 bits. Undefined, with a word on it, where there is no such data. */
export async function makePair(name: string, folder: string): Promise<Pair | undefined> {
  const pair = await sources[name]!(folder)
  if (typeof pair === 'string') {
    console.log(`${name} is left out: no ${pair}`)
    return undefined
  }
  const origin = [pair[0].x, pair[0].y, pair[0].z].map((values) => Math.round(values[0]!))
  for (const { x, y, z } of pair)
    for (const [axis, values] of [x, y, z].entries())
      for (let i = 0; i < values.length; i++) values[i]! -= origin[axis]!
  return pair
}

async function autzen(folder: string): Promise<Pair | string> {
  if (!existsSync(join(data, 'pointcloud/perf'))) return join(data, 'pointcloud/perf')
  const [first, second] = await autzenHalves(data, folder)
  return [await readCloud(first), await readCloud(second)]
}

async function readCloud(path: string): Promise<PointArrays> {
  const source = await openFile(path)
  try {
    return await readXyz(source, await readLasHeader(source))
  } finally {
    await source.close()
  }
}

function quantile(values: Float64Array, share: number): number {
  return values.slice().sort()[Math.floor(share * values.length)]!
}

function partOf({ x, y, z }: PointArrays, isIn: (x: number) => boolean): PointArrays {
  const of = (values: Float64Array) => values.filter((_, i) => isIn(x[i]!))
  return { x: of(x), y: of(y), z: of(z) }
}

/** Rolling ground with crowns above a third of it, in the order of flight strips. */
function scattered(count: number, seed: number): PointArrays {
  const coordinates = () => new Float64Array(count)
  const points = { x: coordinates(), y: coordinates(), z: coordinates() }
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
  const side = Math.sqrt(count / 4)
  for (let i = 0; i < count; i++) {
    const x = side * (Math.floor((i / count) * 40) + random()) * (1 / 40)
    const y = Math.min(side, side * (((i / count) * 40) % 1) + 2 * random())
    points.x[i] = x
    points.y[i] = y
    points.z[i] =
      200 + 5 * Math.sin(x / 40) * Math.cos(y / 55) + (random() < 0.33 ? 8 * random() : 0.05 * random())
  }
  return points
}

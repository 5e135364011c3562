// A made-up hillside with known ground: a slope with a hollow, two houses and a row of trees on it.
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createLasWriter, openFile, readLasHeader, readPointBatches, writeLasPoints } from '@alidade/formats'
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

/** Its copy `name` beside it, of which something is changed. */
export async function changedCopy(
  path: string,
  name: string,
  change: (bytes: Buffer) => void,
): Promise<string> {
  const bytes = await readFile(path)
  change(bytes)
  const to = join(dirname(path), name)
  await writeFile(to, bytes)
  return to
}

/** The same points under a header that states a cloud of less extent; the largest x is at byte 179, the smallest at 187. */
export function withNarrowBounds(path: string): Promise<string> {
  return changedCopy(path, 'narrow.las', (bytes) => {
    bytes.writeDoubleLE(bytes.readDoubleLE(179) - 70, 179)
    bytes.writeDoubleLE(bytes.readDoubleLE(187) + 15, 187)
  })
}

/** Bytes of a record of these point formats (LAS 1.4 R15, section 2.6). */
const recordBytes = { 0: 20, 1: 28, 2: 26, 3: 34, 6: 30, 7: 36 } as const

/** The same places with every other byte of the records drawn at random, and `extra` bytes more than the format has. */
export async function writeRandomRecords(
  folder: string,
  pointFormat: keyof typeof recordBytes,
  extra: number,
  made: Terrain = terrain(),
): Promise<string> {
  const plain = await writeTerrain(folder, 'plain.las', made)
  const source = await openFile(plain)
  const { header, records: places } = { header: await readLasHeader(source), records: [] as Uint8Array[] }
  for await (const batch of readPointBatches(source, header)) places.push(batch.records)
  await source.close()
  const from = Buffer.concat(places)
  const random = randomNumbers(7)
  const length = recordBytes[pointFormat] + extra
  const records = new Uint8Array(length * header.pointCount)
  for (let i = 0; i < header.pointCount; i++) {
    const at = i * length
    for (let byte = 12; byte < length; byte++) records[at + byte] = Math.floor(random() * 256)
    records.set(from.subarray(i * header.pointRecordLength, i * header.pointRecordLength + 12), at)
  }
  const path = join(folder, `format-${pointFormat}.las`)
  const like = { ...header, pointFormat, pointRecordLength: length }
  const writer = await createLasWriter(path, { like, createdAt: new Date(0) })
  await writer.append(records, header.pointCount)
  await writer.close()
  return path
}

/** The same file as LAZ beside it. */
export async function compressed(path: string): Promise<string> {
  const source = await openFile(path)
  const like = await readLasHeader(source)
  const to = path.replace(/las$/, 'laz')
  const writer = await createLasWriter(to, { like, compressed: true, createdAt: new Date(0) })
  for await (const { records, count } of readPointBatches(source, like)) await writer.append(records, count)
  await writer.close()
  await source.close()
  return to
}

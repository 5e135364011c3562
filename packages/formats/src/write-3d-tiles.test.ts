// Read back by `read-3d-tiles.fixture.ts`; `test/outside-readers` gives the files to the tools of others.
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { crsFromDefinition } from './crs.ts'
import { geocentricPlaces } from './ecef.ts'
import { temporaryFolder } from './las.fixture.ts'
import type { Vector3 } from './las-coordinates.ts'
import { readTileset, type ReadTile } from './read-3d-tiles.fixture.ts'
import type { TiledBox, TiledFeatures } from './tile-features.ts'
import { write3DTiles } from './write-3d-tiles.ts'

const crs = crsFromDefinition('EPSG:32632')
const { geocentric } = geocentricPlaces(crs)
const corner: Vector3 = [500_300, 5_400_200, 101]
const at = (x: number, y: number, z: number): Vector3 => [corner[0] + x, corner[1] + y, corner[2] + z]

async function written(features: TiledFeatures, options: { mostPerTile?: number } = {}) {
  const folder = await temporaryFolder()
  await write3DTiles(folder, features, { crs, ...options })
  return { folder, ...(await readTileset(folder)) }
}

const metresApart = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((v, i) => v - b[i]!))

/** Whether each of `wanted` is drawn, and nothing else. */
function expectDrawn(drawn: readonly Vector3[], wanted: readonly Vector3[]): void {
  const places = wanted.map(geocentric)
  for (const place of places)
    expect(Math.min(...drawn.map((one) => metresApart(one, place)))).toBeLessThan(1e-3)
  for (const one of drawn)
    expect(Math.min(...places.map((place) => metresApart(one, place)))).toBeLessThan(1e-3)
}

test('a box lies on the Earth where its corners are in the system of the survey', async () => {
  const yaw = Math.PI / 6
  const [cos, sin] = [Math.cos(yaw), Math.sin(yaw)]
  const rotation = [cos, -sin, 0, sin, cos, 0, 0, 0, 1]
  const properties = { id: 'a', label: 'car', confidence: 0.75, volumeCubicMetres: undefined }
  const { tileset, tiles } = await written({
    objects: [{ center: corner, size: [4, 2, 1.5], rotation, properties }],
  })
  expect(tileset.asset.version).toBe('1.1')
  expect(tiles).toHaveLength(1)
  const [box] = tiles[0]!.features
  expect(box!.properties).toEqual({ id: 'a', label: 'car', confidence: 0.75 })
  const corners = [-2, 2].flatMap((x) =>
    [-1, 1].flatMap((y) => [-0.75, 0.75].map((z) => at(cos * x - sin * y, sin * x + cos * y, z))),
  )
  expect(box!.drawn).toHaveLength(36)
  expectDrawn(box!.drawn, corners)
})

test('the triangles of a box are seen from outside', async () => {
  const { tiles } = await written({
    objects: [{ center: corner, size: [4, 2, 1.5], properties: { id: 'a' } }],
  })
  const middle = geocentric(corner)
  const { drawn } = tiles[0]!.features[0]!
  for (let i = 0; i < drawn.length; i += 3) {
    const [a, b, c] = drawn.slice(i, i + 3).map((point) => point.map((v, axis) => v - middle[axis]!))
    const [u, v] = [b!.map((value, k) => value - a![k]!), c!.map((value, k) => value - a![k]!)]
    const normal = [0, 1, 2].map((k) => u[(k + 1) % 3]! * v[(k + 2) % 3]! - u[(k + 2) % 3]! * v[(k + 1) % 3]!)
    expect(normal.reduce((sum, value, k) => sum + value * a![k]!, 0)).toBeGreaterThan(0)
  }
})

test('lines are drawn piece by piece, several to a feature', async () => {
  const lines = [
    [at(0, 0, 0), at(5, 0, 1), at(5, 5, 2)],
    [at(9, 9, 0), at(8, 8, 0)],
  ]
  const { tiles } = await written({ lines: [{ lines, properties: { label: 'pipe' } }] })
  const [pipe] = tiles[0]!.features
  const pieces = [lines[0]![0]!, lines[0]![1]!, lines[0]![1]!, lines[0]![2]!, lines[1]![0]!, lines[1]![1]!]
  expect(pipe!.drawn.map((point, i) => metresApart(point, geocentric(pieces[i]!)) < 1e-3)).toEqual(
    Array(6).fill(true),
  )
})

test.each([
  ['lies flat', (u: number, v: number) => at(u, v, 3)],
  ['stands upright', (u: number, v: number) => at(u, 3, v)],
  ['slopes', (u: number, v: number) => at(u, v * 0.6, v * 0.8)],
])('an area with a hole is covered without the hole when it %s', async (_, place) => {
  const ring = (low: number, high: number) =>
    [
      [low, low],
      [high, low],
      [high, high],
      [low, high],
      [low, low],
    ].map(([u, v]) => place(u!, v!))
  const polygons = [[ring(0, 10), ring(2, 4)], [ring(20, 21)]]
  const { tiles } = await written({ polygons: [{ polygons, properties: { label: 'roof' } }] })
  const { drawn } = tiles[0]!.features[0]!
  let area = 0
  for (let i = 0; i < drawn.length; i += 3) {
    const [a, b, c] = drawn.slice(i, i + 3)
    const [u, v] = [b!.map((value, k) => value - a![k]!), c!.map((value, k) => value - a![k]!)]
    area +=
      Math.hypot(
        ...[0, 1, 2].map((k) => u[(k + 1) % 3]! * v[(k + 2) % 3]! - u[(k + 2) % 3]! * v[(k + 1) % 3]!),
      ) / 2
  }
  // A metre of a map of zone 32 is up to 0.4 per mille longer on the ground.
  expect(area / (100 - 4 + 1)).toBeCloseTo(1, 2)
})

/** 2,400 of them over 4 by 0.6 km, every hundredth larger than the others. */
const manyBoxes: TiledBox[] = Array.from({ length: 2400 }, (_, i) => ({
  center: at((i % 120) * 33, Math.floor(i / 120) * 30, (i * 7) % 11),
  size: i % 100 === 0 ? [12, 8, 6] : [2 + (i % 7) / 10, 1.5, 1.2],
  properties: { id: `box ${i}`, number: i },
}))

test('many features are divided among tiles, each of them in one and the largest ones above', async () => {
  const { folder, tileset, tiles } = await written({ objects: manyBoxes }, { mostPerTile: 200 })
  const numbers = tiles.flatMap(({ features }) =>
    features.map(({ properties }) => properties.number as number),
  )
  expect(numbers.sort((a, b) => a - b)).toEqual(manyBoxes.map((_, i) => i))
  expect(Math.max(...tiles.map(({ features }) => features.length))).toBeLessThanOrEqual(200)
  expect((await readdir(`${folder}/tiles`)).length).toBe(tiles.length)
  const [root] = tiles
  const large = root!.features.filter(({ properties }) => (properties.number as number) % 100 === 0)
  expect(large).toHaveLength(24)
  expect(tileset.geometricError).toBeCloseTo(Math.hypot(12, 8, 6), 0)
})

test('a volume holds all below it; the error is the size of what the children add', async () => {
  const { tiles } = await written({ objects: manyBoxes }, { mostPerTile: 200 })
  const below = (tile: ReadTile): ReadTile[] => [tile, ...tile.children.flatMap(below)]
  for (const tile of tiles) {
    const [x, y, z, halfX, , , , halfY, , , , halfZ] = tile.box as [number, ...number[]]
    const inside = ([e, n, u]: Vector3) =>
      Math.abs(e - x) <= halfX! && Math.abs(n - y!) <= halfY! && Math.abs(u - z!) <= halfZ!
    expect(below(tile).every(({ corners }) => corners.every(inside))).toBe(true)
    const added = tile.children.flatMap(below).flatMap(({ features }) => features)
    const largest = Math.max(
      0,
      ...added.map(({ properties }) => Math.hypot(...manyBoxes[properties.number as number]!.size)),
    )
    expect(tile.geometricError).toBeCloseTo(largest, 1)
  }
})

test('features in one place end in one tile, however many', async () => {
  const objects = manyBoxes.slice(0, 50).map((box) => ({ ...box, center: corner }))
  const { tiles } = await written({ objects }, { mostPerTile: 1 })
  expect(tiles.flatMap(({ features }) => features)).toHaveLength(50)
})

test('a table says what is known: texts in UTF-8, nothing for what is missing, names as they were', async () => {
  const box = { center: corner, size: [1, 1, 1] as const }
  const rows = [{ 'Länge (m)': 2.5, label: 'Grube Süd' }, { label: '' }, { 'Länge (m)': Number.NaN, mixed: 3 }, { mixed: 'x' }] // biome-ignore format: one line
  const { tiles } = await written({ objects: rows.map((properties) => ({ ...box, properties })) })
  expect(tiles[0]!.features.map(({ properties }) => properties)).toEqual([
    { 'Länge (m)': 2.5, label: 'Grube Süd' },
    {},
    { mixed: '3' },
    { mixed: 'x' },
  ])
})

test('nothing found is a tileset all the same', async () => {
  const { tileset, tiles } = await written({ objects: [] })
  expect(tiles).toEqual([])
  expect(tileset).toMatchObject({ geometricError: 0, root: { geometricError: 0, boundingVolume: {} } })
})

test('features without a place on the Earth are refused', async () => {
  const folder = await temporaryFolder()
  const local = { crs: crsFromDefinition('Local:unit=meter') }
  await expect(write3DTiles(folder, { objects: [] }, local)).rejects.toThrow(
    expect.objectContaining({ code: 'Unsupported' }),
  )
  expect(await readdir(folder)).toEqual([])
})

test('who gives up stops the writing', async () => {
  const folder = await temporaryFolder()
  const signal = AbortSignal.abort()
  await expect(write3DTiles(folder, { objects: manyBoxes.slice(0, 9) }, { crs, signal })).rejects.toThrow(
    'aborted',
  )
})

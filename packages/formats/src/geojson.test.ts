import { expect, test } from 'vitest'
import { geoJsonChunks, geoJsonFeatureCollection } from './geojson.ts'
import type { GeoJsonGeometry, Position } from './geojson.ts'

function written(...geometries: (GeoJsonGeometry | null)[]) {
  const features = geometries.map((geometry, id) => ({ id, geometry, properties: { label: 'car' } }))
  return JSON.parse(geoJsonFeatureCollection(features))
}

const square: Position[] = [[0, 0], [2, 0], [2, 2], [0, 2]] // biome-ignore format: one line
const hole: Position[] = [[0.5, 0.5], [1, 0.5], [1, 1], [0.5, 1]] // biome-ignore format: one line

/** Independent of the writer: sum over the edges, positive when anticlockwise. */
const turn = (ring: number[][]) =>
  ring.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = ring[(i + 1) % ring.length]!
    return sum + (x! * nextY! - nextX! * y!)
  }, 0)

test('a collection has features with ids and properties, a bbox, and no crs member', () => {
  const collection = written({ type: 'Point', coordinates: [9.5, 48.25, 310.12345] }, null)
  expect(collection).toEqual({
    type: 'FeatureCollection',
    bbox: [9.5, 48.25, 9.5, 48.25],
    features: [
      {
        type: 'Feature',
        id: 0,
        geometry: { type: 'Point', coordinates: [9.5, 48.25, 310.123] },
        properties: { label: 'car' },
      },
      { type: 'Feature', id: 1, geometry: null, properties: { label: 'car' } },
    ],
  })
})

test('degrees keep nine decimals, and no minus zero', () => {
  const text = geoJsonFeatureCollection([
    { geometry: { type: 'Point', coordinates: [9.1234567894, -0.0000000001] }, properties: {} },
  ])
  expect(text).toContain('"coordinates":[9.123456789,0]')
})

test.each([
  ['as given', square, hole],
  ['both reversed', square.toReversed(), hole.toReversed()],
])('rings follow the right-hand rule: %s', (_, outer, inner) => {
  const { coordinates } = written({ type: 'Polygon', coordinates: [outer, inner] }).features[0].geometry
  expect(turn(coordinates[0])).toBeGreaterThan(0)
  expect(turn(coordinates[1])).toBeLessThan(0)
  for (const ring of coordinates) {
    expect(ring).toHaveLength(5)
    expect(ring[0]).toEqual(ring[4])
  }
})

test('a tiny ring far from the origin is wound right all the same', () => {
  const [lon, lat, step] = [179.123456, -89.123456, 1e-7]
  const ring: Position[] = [[lon, lat], [lon, lat + step], [lon + step, lat + step], [lon + step, lat]] // biome-ignore format: one line
  const [first, second] = written({ type: 'Polygon', coordinates: [ring] }).features[0].geometry
    .coordinates[0]
  // Anticlockwise from the lower left corner means along the parallel first, or arriving from above.
  expect(
    [first, second].map(([x, y]) => [Math.round((x - lon) / step), Math.round((y - lat) / step)]),
  ).toEqual(
    [[0, 0], [1, 0]], // biome-ignore format: one line
  )
})

test('multi-polygons and lines are written part by part', () => {
  const collection = written(
    { type: 'MultiPolygon', coordinates: [[square.toReversed()], [hole]] },
    { type: 'MultiLineString', coordinates: [[[0, 0], [-3, 1]]] }, // biome-ignore format: one line
  )
  const rings = collection.features[0].geometry.coordinates.map(([ring]: number[][][]) => turn(ring!))
  expect(rings.every((area: number) => area > 0)).toBe(true)
  expect(collection.bbox).toEqual([-3, 0, 2, 2])
})

test('features on both sides of the antimeridian get the short bbox, west above east', () => {
  const collection = written(
    { type: 'Point', coordinates: [179, 10] },
    { type: 'Point', coordinates: [-178, 12] },
  )
  expect(collection.bbox).toEqual([179, 10, -178, 12])
})

test('an empty collection has no bbox', () => {
  expect(written()).toEqual({ type: 'FeatureCollection', features: [] })
})

test.each([
  [[181, 0], 'longitude'],
  [[0, -90.5], 'longitude'],
  [[Number.NaN, 0], 'longitude'],
  [[0, 0, Infinity], 'height'],
] as const)('position %j is refused', (coordinates, problem) => {
  expect(() => written({ type: 'Point', coordinates })).toThrow(problem)
})

test('lines and areas keep the heights of their corners', () => {
  const line: Position[] = [[9, 48, 310.5], [9.001, 48, -2.25]] // biome-ignore format: one line
  const area: Position[] = [[0, 0, 1], [2, 0, 2], [2, 2, 3]] // biome-ignore format: one line
  const { features } = written(
    { type: 'LineString', coordinates: line },
    { type: 'MultiLineString', coordinates: [line, line] },
    { type: 'MultiPolygon', coordinates: [[area]] },
  )
  expect(features[0].geometry.coordinates).toEqual(line)
  expect(features[1].geometry.coordinates).toEqual([line, line])
  expect(features[2].geometry.coordinates).toEqual([[[...area, area[0]]]])
})

test('features are written while they are read, a piece of a megabyte at a time', () => {
  let read = 0
  function* features() {
    for (; read < 50_000; read++)
      yield { geometry: { type: 'Point', coordinates: [9, 48] } as const, properties: { read } }
  }
  const readAtPiece: number[] = []
  let text = ''
  for (const piece of geoJsonChunks(features())) {
    readAtPiece.push(read)
    text += piece
  }
  expect(readAtPiece.length).toBeGreaterThan(3)
  expect(readAtPiece[0]).toBeLessThan(20_000)
  expect(JSON.parse(text).features.map(({ properties }: { properties: { read: number } }) => properties.read))
    .toEqual(Array.from({ length: 50_000 }, (_, i) => i)) // biome-ignore format: one line
})

test('a line of one position is refused', () => {
  expect(() => written({ type: 'LineString', coordinates: [[0, 0]] })).toThrow('at least 2 positions, got 1')
})

test('a ring of three positions is refused', () => {
  expect(() => written({ type: 'Polygon', coordinates: [square.slice(0, 2)] })).toThrow(
    'at least 4 positions',
  )
})

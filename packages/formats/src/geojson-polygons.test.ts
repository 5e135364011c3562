import { expect, test } from 'vitest'
import { FormatError } from './format-error.ts'
import { parseGeoJsonPolygons } from './geojson-polygons.ts'

const read = (json: unknown) => parseGeoJsonPolygons(Buffer.from(JSON.stringify(json)))
const triangle = [
  [0, 0],
  [4, 0],
  [0, 4],
  [0, 0],
]
const hole = [
  [1, 1],
  [2, 1],
  [1, 2],
]
const flat = (ring: number[][]) => new Float64Array(ring.flat())

test('polygons are found in geometries, features and collections of both, holes with them', () => {
  const polygon = { type: 'Polygon', coordinates: [triangle, hole] }
  const rings = [flat(triangle), flat(hole)]
  const feature = { type: 'Feature', properties: null, geometry: polygon }
  expect(read(polygon)).toEqual({ polygons: [rings], crs: 'EPSG:4326' })
  expect(read(feature).polygons).toEqual([rings])
  const multi = { type: 'MultiPolygon', coordinates: [[triangle], [hole]] }
  const all = { type: 'GeometryCollection', geometries: [polygon, multi] }
  const collection = { type: 'FeatureCollection', features: [feature, { ...feature, geometry: all }] }
  expect(read(collection).polygons).toEqual([rings, rings, [flat(triangle)], [flat(hole)]])
})

test('heights are passed over', () => {
  const coordinates = [triangle.map((corner) => [...corner, 300])]
  expect(read({ type: 'Polygon', coordinates }).polygons).toEqual([[flat(triangle)]])
})

test.each([
  ['urn:ogc:def:crs:EPSG::32632', 'EPSG:32632'],
  ['EPSG:25832', 'EPSG:25832'],
  ['urn:ogc:def:crs:EPSG:9.6:3857', 'EPSG:3857'],
  ['urn:ogc:def:crs:OGC:1.3:CRS84', 'EPSG:4326'],
])('a member crs of the name %s is the system %s', (name, crs) => {
  const named = { type: 'name', properties: { name } }
  expect(read({ type: 'Polygon', coordinates: [triangle], crs: named }).crs).toBe(crs)
})

test.each([
  ['', '$: expected JSON, got a text that is none'],
  ['[]', '$: expected an object, got an array'],
  ['{"type":"Point","coordinates":[1,2]}', '$.type: expected a Polygon, or what holds some, got "Point"'],
  ['{"type":"FeatureCollection","features":[]}', '$: expected at least one polygon, got none'],
  ['{"type":"Feature","geometry":null}', '$.geometry: expected an object, got null'],
  [
    '{"type":"Polygon","coordinates":[[[0,0],[1,1]]]}',
    '$.coordinates[0]: expected a ring of at least 3 corners, got 2',
  ],
  [
    '{"type":"Polygon","coordinates":[[[0,0],[1,"1"],[0,1]]]}',
    '$.coordinates[0][1]: expected two numbers, got something else',
  ],
  [
    '{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1]]],"crs":{"properties":{"name":"Gauss"}}}',
    '$.crs.properties.name: expected the code of an EPSG system, got "Gauss"',
  ],
])('%s is refused with its place', (text, message) => {
  const parse = () => parseGeoJsonPolygons(Buffer.from(text))
  expect(parse).toThrow(FormatError)
  expect(parse).toThrow(message)
})

test('nesting without end is refused before it is parsed', () => {
  const deep = Buffer.from(`${'{"type":"Feature","geometry":'.repeat(5000)}null${'}'.repeat(5000)}`)
  expect(() => parseGeoJsonPolygons(deep)).toThrow('at most 12 levels')
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { geoJsonChunks, type GeoJsonGeometry, type Position } from '../../packages/formats/src/index.ts'
import { temporaryFolder } from '../../packages/formats/src/las.fixture.ts'
import { readByGdal } from './gdal.ts'
import { missing } from './installed.ts'

const gdal = missing('gdal-bin')

async function readBack(geometries: Iterable<GeoJsonGeometry>) {
  const path = join(await temporaryFolder(), 'changes.geojson')
  const features = Array.from(geometries, (geometry, i) => ({
    id: i,
    geometry,
    properties: { label: 'Grube Süd', confidence: 0.5 },
  }))
  await writeFile(path, geoJsonChunks(features))
  return readByGdal(path)
}

const ring = (low: number, high: number): Position[] =>
  [[low, low], [high, low], [high, high], [low, high], [low, low]].map(([x, y]) => [x! / 1000, y! / 1000, 310.125]) // biome-ignore format: corners
const hole = ring(2, 4).toReversed()

const geometries: GeoJsonGeometry[] = [
  { type: 'Point', coordinates: [9.123456789, 48.5, 310.125] },
  { type: 'LineString', coordinates: ring(0, 10).slice(0, 3) },
  { type: 'MultiLineString', coordinates: [ring(0, 10).slice(0, 3), ring(0, 2).slice(0, 2)] },
  { type: 'Polygon', coordinates: [ring(0, 10), hole] },
  { type: 'MultiPolygon', coordinates: [[ring(0, 10), hole], [ring(20, 30)]] },
]

test.skipIf(gdal.missing)(`every geometry keeps its corners, heights and holes${gdal.note}`, async () => {
  const { summary, complaints, features } = await readBack(geometries)
  expect(complaints).toBe('')
  expect(summary).toContain('"WGS 84"')
  expect(features.map(({ geometry }) => geometry)).toEqual(geometries)
  expect(features[0]!.properties).toEqual({ label: 'Grube Süd', confidence: 0.5 })
})

test.skipIf(gdal.missing)(`a collection of many pieces is one layer${gdal.note}`, async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => ({
    type: 'Point' as const,
    coordinates: [i / 1000, 0] as const,
  }))
  const { complaints, features } = await readBack(many)
  expect(complaints).toBe('')
  expect(features.map(({ geometry }) => (geometry.coordinates as number[])[0])).toEqual(
    many.map(({ coordinates: [x] }) => x),
  )
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type DesignFeature, dgnChunks } from '../../packages/formats/src/index.ts'
import { temporaryFolder } from '../../packages/formats/src/las.fixture.ts'
import { readByGdal } from './gdal.ts'
import { missing } from './installed.ts'

const gdal = missing('gdal-bin')
const corners = (count: number, radius: number) =>
  Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count
    const rounded = (value: number) => Math.round(1000 * value) / 1000
    return [
      rounded(500_000.25 + radius * Math.cos(angle)),
      rounded(5_400_000.5 + radius * Math.sin(angle)),
      310.125,
    ] as const
  })
const closed = <T>(ring: readonly T[]) => [...ring, ring[0]!]

test.skipIf(gdal.missing)(`lines and areas, short and long, are where they were${gdal.note}`, async () => {
  const [small, hole, large, line, long] = [
    corners(6, 10),
    corners(4, 3),
    corners(250, 30),
    corners(5, 20),
    corners(350, 40),
  ]
  const features: DesignFeature[] = [
    { level: 6, areas: [[small!, hole!]] },
    { level: 5, areas: [[large!]] },
    { level: 14, lines: [line!, long!] },
  ]
  const path = join(await temporaryFolder(), 'vectors.dgn')
  await writeFile(path, dgnChunks(features, 'm'))
  const { complaints, features: read } = await readByGdal(path)
  expect(complaints).toBe('')
  expect(read.map(({ properties: { Level, GraphicGroup } }) => [Level, GraphicGroup])).toEqual([
    [6, 1],
    [6, 1],
    [5, 2],
    [14, 3],
    [14, 3],
  ])
  const places = read.map(({ geometry: { type, coordinates } }) => {
    const parts = type === 'LineString' ? [coordinates] : coordinates
    // Pieces of one long line begin where the one before ends.
    return (parts as number[][][]).flatMap((part, i) => (i > 0 ? part.slice(1) : part))
  })
  const rounded = places.map((list) =>
    list.map((place) => place.map((value) => Math.round(1000 * value) / 1000)),
  )
  expect(rounded).toEqual([closed(small!), closed(hole!), closed(large!), line, long])
})

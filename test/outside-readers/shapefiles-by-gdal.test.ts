import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  crsFromDefinition,
  type DbfField,
  encodeShapefile,
  reproject,
  type Shape,
  type ShapePosition,
} from '../../packages/formats/src/index.ts'
import { temporaryFolder } from '../../packages/formats/src/las.fixture.ts'
import { readByGdal } from './gdal.ts'
import { missing } from './installed.ts'

const gdal = missing('gdal-bin')
const fields: DbfField[] = [
  { name: 'label', type: 'text', widthBytes: 12 },
  { name: 'volumeM3', type: 'number', widthBytes: 18, decimals: 3 },
]

async function readBack(shapes: readonly Shape[], definition: string) {
  const features = shapes.map((shape, i) => ({
    shape,
    values: [i === 0 ? 'Grube Süd' : undefined, i + 0.125],
  }))
  const folder = await temporaryFolder()
  for (const [extension, bytes] of Object.entries(
    encodeShapefile(fields, features, crsFromDefinition(definition)),
  ))
    await writeFile(join(folder, `changes.${extension}`), bytes)
  const layer = await readByGdal(join(folder, 'changes.shp'))
  expect(layer.complaints).toBe('')
  expect(layer.features.map(({ properties }) => properties)).toEqual(
    shapes.map((_, i) => ({ label: i === 0 ? 'Grube Süd' : null, volumeM3: i + 0.125 })),
  )
  expect(layer.summary).toContain(`Feature Count: ${shapes.length}`)
  return { ...layer, geometries: layer.features.map(({ geometry }) => geometry) }
}

const at = (x: number, y: number, z: number): ShapePosition => [500_300.25 + x, 5_400_200.5 + y, 101 + z]
const line = [at(0, 0, 0), at(5, 0, 1), at(5, 5, -2.125)]
const branch = [at(9, 9, 0), at(8, 8, 0)]
/** Closed, anticlockwise. */
const ring = (low: number, high: number) =>
  [[low, low], [high, low], [high, high], [low, high], [low, low]].map(([x, y]) => at(x!, y!, x! + y!)) // biome-ignore format: corners

test.skipIf(gdal.missing)(`points: place, height, texts, numbers, system${gdal.note}`, async () => {
  const points = [at(0, 0, 0), at(-10.25, 9.5, -1.5)]
  const { summary, geometries } = await readBack(
    points.map((coordinates) => ({ type: 'PointZ', coordinates })),
    'EPSG:32632',
  )
  expect(summary).toContain('Geometry: 3D Point')
  expect(summary).toContain('WGS 84 / UTM zone 32N')
  expect(geometries).toEqual(points.map((coordinates) => ({ type: 'Point', coordinates })))
})

test.skipIf(gdal.missing)(`lines, one or several to a feature${gdal.note}`, async () => {
  const { summary, geometries } = await readBack(
    [[line], [line, branch]].map((lines) => ({ type: 'PolyLineZ', lines })),
    'EPSG:25832',
  )
  expect(summary).toContain('Geometry: 3D Line String')
  expect(summary).toContain('ETRS89 / UTM zone 32N')
  expect(geometries).toEqual([
    { type: 'LineString', coordinates: line },
    { type: 'MultiLineString', coordinates: [line, branch] },
  ])
})

test.skipIf(gdal.missing)(`areas: holes stay holes of their area${gdal.note}`, async () => {
  const polygons = [
    [ring(0, 10), ring(2, 4), ring(6, 8)],
    [ring(20, 30), ring(22, 23)],
  ]
  const { summary, geometries } = await readBack(
    [
      { type: 'PolygonZ', polygons: [polygons[1]!] },
      { type: 'PolygonZ', polygons },
    ],
    'EPSG:28992',
  )
  expect(summary).toContain('Geometry: 3D Polygon')
  expect(summary).toContain('Amersfoort / RD New')
  expect(geometries.map(({ type }) => type)).toEqual(['Polygon', 'MultiPolygon'])
  const [one, several] = geometries.map(({ coordinates }) => coordinates) as [
    ShapePosition[][],
    ShapePosition[][][],
  ]
  const corners = (rings: readonly ShapePosition[][]) => rings.map((corner) => corner.map(String).sort())
  expect(corners(one)).toEqual(corners(polygons[1]!))
  expect(several.map(corners)).toEqual(polygons.map(corners))
})

test.skipIf(gdal.missing)(`a shapefile without features${gdal.note}`, async () => {
  await readBack([], 'EPSG:32632')
})

// One of each projection that a .prj can state, the code taken out of it: the names and numbers have to do.
test.skipIf(gdal.missing).each([
  ['EPSG:32735', 'WGS 84'],
  ['EPSG:26917', 'NAD83'],
  ['EPSG:2263', 'NAD83'],
  ['EPSG:2154', 'RGF93 v1'],
  ['EPSG:2056', 'CH1903+'],
  ['EPSG:3035', 'ETRS89'],
  ['EPSG:5070', 'NAD83'],
  ['EPSG:27700', 'OSGB36'],
  ['EPSG:31467', 'DHDN'],
  ['EPSG:28992', 'Amersfoort'],
  ['EPSG:5514', 'S-JTSK'],
  ['EPSG:3857', 'WGS 84'],
  ['EPSG:4326', 'WGS 84'],
])(
  `%s in a .prj is a system on %s that puts places where the code does${gdal.note}`,
  async (definition, datum) => {
    const crs = crsFromDefinition(definition)
    const [west, south, east, north] = crs.area ?? [24, -40, 30, -20]
    const place = reproject(crsFromDefinition('EPSG:4326'), crs)((west + east) / 2, (south + north) / 2)
    const folder = await temporaryFolder()
    const path = join(folder, 'place.shp')
    const shape = { type: 'PointZ', coordinates: [...place, 5] } as const
    for (const [extension, bytes] of Object.entries(
      encodeShapefile(fields, [{ shape, values: ['a', 1] }], crs),
    ))
      await writeFile(join(folder, `place.${extension}`), bytes)
    const prj = Buffer.from(encodeShapefile(fields, [], crs).prj!).toString()
    await writeFile(join(folder, 'place.prj'), prj.replace(/,AUTHORITY\["EPSG",\d+\]/, ''))
    const { summary, features } = await readByGdal(path, definition)
    expect(summary).toMatch(new RegExp(`(BASEGEOGCRS|GEOGCRS)\\["${datum.replace('+', '\\+')}"`))
    const [x, y] = features[0]!.geometry.coordinates as [number, number]
    const metres = crs.kind === 'geographic' ? 111_320 : crs.linearUnit.metres
    expect(Math.hypot(x - place[0], y - place[1]) * metres).toBeLessThan(0.001)
  },
)

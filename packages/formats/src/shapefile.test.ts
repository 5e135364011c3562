// Bytes are looked at where the published description has them, and by GDAL where it is installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crsFromDefinition } from './crs.ts'
import type { DbfField } from './dbase.ts'
import { temporaryFolder } from './las.fixture.ts'
import { encodeShapefile } from './shapefile.ts'
import type { ShapefileFeature } from './shapefile.ts'

const fields: DbfField[] = [{ name: 'label', type: 'text', widthBytes: 12 }]
const crs = crsFromDefinition('EPSG:32632')
const point = (x: number, y: number, z: number, label = 'heap'): ShapefileFeature => ({
  shape: { type: 'PointZ', coordinates: [x, y, z] },
  values: [label],
})
const points = [point(500_300.25, 5_400_200.5, 101), point(500_290, 5_400_210, 99.5, 'Grube Süd')]

function heads(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const box = Array.from({ length: 8 }, (_, i) => view.getFloat64(36 + 8 * i, true))
  return { code: view.getInt32(0), words: view.getInt32(24), version: view.getInt32(28, true), type: view.getInt32(32, true), box } // biome-ignore format: one line
}

test('both heads tell the length in words, the type and the box of all points', () => {
  const { shp, shx } = encodeShapefile(fields, points, crs)
  const box = [500_290, 5_400_200.5, 500_300.25, 5_400_210, 99.5, 101, 0, 0]
  expect(heads(shp)).toEqual({ code: 9994, words: (100 + 2 * 44) / 2, version: 1000, type: 11, box })
  expect(heads(shx)).toEqual({ code: 9994, words: (100 + 2 * 8) / 2, version: 1000, type: 11, box })
  expect([shp.length, shx.length]).toEqual([188, 116])
})

test('a record is numbered from 1 and found by the index, its measure says none', () => {
  const { shp, shx } = encodeShapefile(fields, points)
  const [records, index] = [new DataView(shp.buffer), new DataView(shx.buffer)]
  for (const [i, { shape }] of points.entries()) {
    const at = 2 * index.getInt32(100 + 8 * i)
    expect([records.getInt32(at), records.getInt32(at + 4), index.getInt32(104 + 8 * i)]).toEqual([
      i + 1,
      18,
      18,
    ])
    expect(records.getInt32(at + 8, true)).toBe(11)
    const numbers = [12, 20, 28, 36].map((step) => records.getFloat64(at + step, true))
    expect(numbers.slice(0, 3)).toEqual(shape.coordinates)
    expect(numbers[3]).toBeLessThan(-1e38)
  }
})

test('the system stands in the .prj, the encoding of texts in the .cpg', () => {
  const { prj, cpg } = encodeShapefile(fields, points, crs)
  expect(Buffer.from(cpg).toString()).toBe('UTF-8')
  expect(Buffer.from(prj!).toString()).toMatch(/^PROJCS\["WGS_1984_UTM_Zone_32N"/)
  expect(encodeShapefile(fields, points)).not.toHaveProperty('prj')
  expect(encodeShapefile(fields, points, crsFromDefinition('Local:unit=meter'))).not.toHaveProperty('prj')
})

test('a shapefile without features is whole', () => {
  const { shp, shx, dbf } = encodeShapefile(fields, [])
  expect(heads(shp)).toEqual({
    code: 9994,
    words: 50,
    version: 1000,
    type: 11,
    box: [0, 0, 0, 0, 0, 0, 0, 0],
  })
  expect(shx.length).toBe(100)
  expect(new DataView(dbf.buffer).getUint32(4, true)).toBe(0)
})

test('a coordinate that is not finite is refused', () => {
  expect(() => encodeShapefile(fields, [point(Number.NaN, 0, 0)])).toThrow(
    'finite coordinates, got NaN, 0, 0',
  )
})

const withoutGdal = spawnSync('ogrinfo', ['--version']).status !== 0

test.skipIf(withoutGdal)(
  `GDAL reads places, texts and system${withoutGdal ? ' [skipped: no ogrinfo, of gdal-bin, on this machine]' : ''}`,
  async () => {
    const folder = await temporaryFolder()
    for (const [extension, bytes] of Object.entries(encodeShapefile(fields, points, crs)))
      await writeFile(join(folder, `changes.${extension}`), bytes)
    const told = execFileSync('ogrinfo', ['-al', join(folder, 'changes.shp')], { encoding: 'utf8' })
    expect(told).toMatch(/Geometry: 3D Point/)
    expect(told).toContain('WGS 84 / UTM zone 32N')
    expect(told).toContain('POINT Z (500300.25 5400200.5 101)')
    expect(told).toContain('Grube Süd')
  },
)

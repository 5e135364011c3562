// Bytes are looked at where the published description has them; `test/outside-readers` gives the files to GDAL.
import { expect, test } from 'vitest'
import { crsFromDefinition } from './crs.ts'
import type { DbfField } from './dbase.ts'
import { encodeShapefile } from './shapefile.ts'
import type { ShapefileFeature } from './shapefile.ts'
import type { ShapePosition } from './shapefile-shapes.ts'

const fields: DbfField[] = [{ name: 'label', type: 'text', widthBytes: 12 }]
const crs = crsFromDefinition('EPSG:32632')
const point = (x: number, y: number, z: number, label = 'heap') => ({
  shape: { type: 'PointZ', coordinates: [x, y, z] } as const,
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

/** One record as page 12 and 16 of the description have it. */
function parts(shp: Uint8Array, at: number) {
  const view = new DataView(shp.buffer, shp.byteOffset + at)
  const [partCount, count] = [view.getInt32(44, true), view.getInt32(48, true)]
  const starts = Array.from({ length: partCount }, (_, i) => view.getInt32(52 + 4 * i, true))
  const [flat, heights] = [52 + 4 * partCount, 52 + 4 * partCount + 16 * count]
  const double = (offset: number) => view.getFloat64(offset, true)
  const position = (i: number) => [
    double(flat + 16 * i),
    double(flat + 16 * i + 8),
    double(heights + 16 + 8 * i),
  ]
  return {
    type: view.getInt32(8, true),
    words: view.getInt32(4),
    box: [12, 20, 28, 36].map(double),
    heights: [double(heights), double(heights + 8)],
    parts: starts.map((start, i) =>
      Array.from({ length: (starts[i + 1] ?? count) - start }, (_, k) => position(start + k)),
    ),
  }
}

const line: ShapePosition[] = [[0, 0, 1], [3, 4, 2]] // biome-ignore format: one line
const branch: ShapePosition[] = [[3, 4, 2], [5, 4, -1], [6, 9, 0]] // biome-ignore format: one line

test('the lines of a feature are parts of one record, with the box of them all', () => {
  const features = [{ shape: { type: 'PolyLineZ', lines: [line, branch] } as const, values: ['pipe'] }]
  const { shp, shx } = encodeShapefile(fields, features, crs)
  expect(heads(shp)).toMatchObject({ type: 13, box: [0, 0, 6, 9, -1, 2, 0, 0] })
  // 44 bytes of head, two starts, five positions of 16 and 8 bytes, and the range of heights; no measures.
  expect(parts(shp, 100)).toEqual({
    type: 13,
    words: (44 + 8 + 5 * 24 + 16) / 2,
    box: [0, 0, 6, 9],
    heights: [-1, 2],
    parts: [line, branch],
  })
  expect([shp.length, shx.length]).toEqual([100 + 8 + 188, 108])
})

const square: ShapePosition[] = [[0, 0, 5], [9, 0, 5], [9, 9, 5], [0, 9, 5]] // biome-ignore format: one line
const hole: ShapePosition[] = [[2, 2, 5], [4, 2, 5], [4, 4, 5], [2, 4, 5]] // biome-ignore format: one line
/** Independent of the writer: over the edges, negative when clockwise. */
const turn = (ring: number[][]) =>
  ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i]![0]! * y! - x! * ring[i]![1]!, 0)

test.each([
  ['as given', square, hole],
  ['both reversed', square.toReversed(), hole.toReversed()],
])('outer rings are closed and clockwise, holes the other way round: %s', (_, outer, inner) => {
  const polygons = [[outer, inner], [inner.map(([x, y, z]): ShapePosition => [x + 100, y, z])]]
  const { shp } = encodeShapefile(fields, [{ shape: { type: 'PolygonZ', polygons }, values: ['roof'] }])
  const record = parts(shp, 100)
  expect(record.type).toBe(15)
  expect(record.parts.map((ring) => Math.sign(turn(ring)))).toEqual([-1, 1, -1])
  for (const ring of record.parts) {
    expect(ring).toHaveLength(5)
    expect(ring[4]).toEqual(ring[0])
  }
})

test('records of different lengths are found by the index', () => {
  const features = [[line], [line, branch], [branch]].map((lines) => ({
    shape: { type: 'PolyLineZ', lines } as const,
    values: ['x'],
  }))
  const { shp, shx } = encodeShapefile(fields, features)
  const index = new DataView(shx.buffer)
  const found = features.map((_, i) => parts(shp, 2 * index.getInt32(100 + 8 * i)).parts)
  expect(found).toEqual([[line], [line, branch], [branch]])
})

test('what a type of shape cannot be is refused', () => {
  const shapefile =
    (...shapes: ShapefileFeature['shape'][]) =>
    () =>
      encodeShapefile(
        fields,
        shapes.map((shape) => ({ shape, values: [] })),
      )
  expect(shapefile({ type: 'PolyLineZ', lines: [line.slice(1)] })).toThrow('at least 2 positions, got 1')
  expect(shapefile({ type: 'PolygonZ', polygons: [[square.slice(2)]] })).toThrow(
    'at least 4 positions, got 3',
  )
  expect(shapefile({ type: 'PolygonZ', polygons: [] })).toThrow('got none')
  expect(shapefile(points[0]!.shape, { type: 'PolyLineZ', lines: [line] })).toThrow('PointZ only')
})

test('an empty file has the type that it was asked to have', () => {
  expect(heads(encodeShapefile(fields, [], undefined, 'PolygonZ').shp).type).toBe(15)
})

test('a file above 2 GiB is refused before memory is asked for', () => {
  const long = Array<ShapePosition>(100_000).fill([0, 0, 0])
  const shape = { type: 'PolyLineZ', lines: Array<ShapePosition[]>(900).fill(long) } as const
  expect(() => encodeShapefile(fields, [{ shape, values: [] }])).toThrow(
    expect.objectContaining({ code: 'TooLarge', place: '.shp' }),
  )
})

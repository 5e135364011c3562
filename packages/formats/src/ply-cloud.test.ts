import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { encodePly } from './ply.fixture.ts'
import type { PlyEncoding, PlyFixtureElement } from './ply.fixture.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const encodings: PlyEncoding[] = ['ascii', 'binary_little_endian', 'binary_big_endian']

const vertices: PlyFixtureElement = {
  name: 'vertex',
  properties: [
    'double x',
    'float y',
    'short z',
    'uchar red',
    'uchar green',
    'uchar blue',
    'ushort intensity',
    'uchar classification',
    'int label',
    'float nx',
    'double gps_time',
    'char trend',
    'uint count',
  ],
  rows: [
    [500000.125, 1.5, -3, 0, 128, 255, 65535, 2, -7, 0.5, 123456.75, -128, 4294967295],
    [500001.25, 2.5, 30000, 1, 2, 3, 7, 6, 2147483647, -1, -1.5, 127, 0],
  ],
}

test.each(encodings)('a PLY file in %s keeps every value and the order of its points', async (encoding) => {
  const { header, points, warnings } = await convertBytes(encodePly(encoding, [vertices]), { format: 'ply' })
  expect(header).toMatchObject({ pointFormat: 7, versionMinor: 4, pointCount: 2 })
  expect(header.extraBytes.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'label int32',
    'nx float32',
    'trend int8',
    'count uint32',
  ])
  const common = { returns: [1, 1], userData: 0, scanAngle: 0, sourceId: 0 }
  expect(points).toEqual([
    {
      ...common,
      place: [500000.125, 1.5, -3],
      rgb: [0, 128 * 257, 65535],
      intensity: 65535,
      classification: 2,
      gpsTime: 123456.75,
      extra: { label: -7, nx: 0.5, trend: -128, count: 4294967295 },
    },
    {
      ...common,
      place: [500001.25, 2.5, 30000],
      rgb: [257, 514, 771],
      intensity: 7,
      classification: 6,
      gpsTime: -1.5,
      extra: { label: 2147483647, nx: -1, trend: 127, count: 0 },
    },
  ])
  expect(warnings).toEqual([])
})

test.each(encodings)('elements and lists around the coordinates are walked past in %s', async (encoding) => {
  const bytes = encodePly(encoding, [
    {
      name: 'camera',
      properties: ['float view', 'list uchar short weights'],
      rows: [
        [1, [1, 2, 3]],
        [2, []],
      ],
    },
    {
      name: 'vertex',
      properties: ['list ushort double seen', 'float z', 'float y', 'float x', 'float q'],
      rows: [
        [[0.5], 3, 2, 1, 9],
        [[], 6, 5, 4, 8],
      ],
    },
    { name: 'face', properties: ['list uchar uint vertex_indices'], rows: [[[0, 1, 0]]] },
  ])
  const { points, warnings } = await convertBytes(bytes, { format: 'ply' })
  expect(points.map(({ place, extra }) => [...place, extra.q])).toEqual([
    [1, 2, 3, 9],
    [4, 5, 6, 8],
  ])
  expect(warnings).toEqual([
    'the 2 entries of element camera are left out',
    'the 1 faces are left out: the points are their corners',
    'lists of values of a vertex are left out',
  ])
})

test.skipIf(withoutRealData)(`a file of another program is read${realDataNote}`, async () => {
  const bytes = await readFile(pointCloudFile('formats/text_extradim.ply'))
  const { points } = await convertBytes(bytes, { name: 'text_extradim.PLY' })
  expect(points).toEqual([
    {
      place: [-2.64944, -13.0955, 0.00640115],
      intensity: 0,
      returns: [1, 1],
      classification: 0,
      userData: 0,
      scanAngle: 0,
      sourceId: 0,
      gpsTime: 0,
      rgb: [63 * 257, 200 * 257, 64 * 257],
      extra: {
        nx: Math.fround(-0.0237552),
        ny: Math.fround(-0.00902114),
        nz: Math.fround(0.999665),
        alpha: 255,
        omg: 1234,
      },
    },
  ])
})

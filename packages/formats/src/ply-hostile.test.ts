// PLY files that lie are refused for the right reason, before memory is taken for what they claim.
import { expect, test } from 'vitest'
import { FormatError } from './format-error.ts'
import { encodePly } from './ply.fixture.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { sampleCentres } from './sample-centres.fixture.ts'

const surface = (bytes: Uint8Array) => convertBytes(bytes, { format: 'ply', sampleMesh: sampleCentres })

const xyz = ['float x', 'float y', 'float z']
const corners = { name: 'vertex', properties: xyz, rows: [[0, 0, 0], [3, 0, 0], [3, 3, 0], [0, 3, 3]] } // biome-ignore format: rows
const faces = (rows: number[][]) => ({
  name: 'face',
  properties: ['list uchar int vertex_index'],
  rows: rows.map((row) => [row]),
})

test.each(['ascii', 'binary_little_endian', 'binary_big_endian'] as const)(
  'faces in %s are triangles around their first corner, whatever stands before them',
  async (encoding) => {
    for (const elements of [
      [corners, faces([[0, 1, 2], [0, 2, 3]])], // biome-ignore format: rows
      [faces([[0, 1, 2, 3]]), corners],
      [corners, faces([[], [1], [1, 2], [0, 1, 2, 3]])],
    ]) {
      const { points } = await surface(encodePly(encoding, elements))
      expect(points.map(({ place }) => place)).toEqual([
        [2, 1, 0],
        [1, 2, 1],
      ])
    }
  },
)

test('a polygon longer than what is read at once is one polygon', async () => {
  const ring = Array.from({ length: 300_000 }, (_, i) => i % 3)
  const element = { name: 'face', properties: ['list uint uint vertex_indices'], rows: [[ring]] }
  const { points } = await surface(encodePly('binary_little_endian', [corners, element]))
  expect(points.length).toBe(299_998)
})

const header = (...lines: string[]) => Buffer.from(['ply', ...lines, 'end_header', ''].join('\n'))
const little = 'format binary_little_endian 1.0'
const ascii = 'format ascii 1.0'
const properties = xyz.map((property) => `property ${property}`)
const good = (...elements: Parameters<typeof encodePly>[1]) => encodePly('binary_little_endian', elements)

test.each<[name: string, bytes: () => Uint8Array, code: string, place: string]>([
  ['nothing', () => Buffer.alloc(0), 'NotAPointCloud', 'byte 0'],
  ['a photo', () => Buffer.from('ffd8ffe000104a464946', 'hex'), 'NotAPointCloud', 'byte 0'],
  ['a header without an end', () => Buffer.from(`ply\n${ascii}\n`), 'Corrupt', 'byte 0'],
  ['a header of a megabyte', () => header(ascii, `comment ${'x'.repeat(1e6)}`), 'Corrupt', 'byte 0'],
  ['no format', () => header('element vertex 0', ...properties), 'Corrupt', 'line 2'],
  ['format 2.0', () => header('format ascii 2.0'), 'Unsupported', 'line 2'],
  ['an unknown word', () => header(ascii, 'elephant vertex 1'), 'Corrupt', 'line 3'],
  ['a property of no element', () => header(ascii, 'property float x'), 'Corrupt', 'line 3'],
  ['a property of no type', () => header(ascii, 'element vertex 0', 'property quad x'), 'Corrupt', 'line 4'],
  [
    'a property of a type of objects',
    () => header(ascii, 'element vertex 0', 'property constructor x'),
    'Corrupt',
    'line 4',
  ],
  [
    'a list counted in floats',
    () => header(ascii, 'element vertex 0', 'property list float int x'),
    'Corrupt',
    'line 4',
  ],
  ['a count that is none', () => header(ascii, 'element vertex -1'), 'Corrupt', 'line 3'],
  ['a count of 10^20', () => header(ascii, 'element vertex 100000000000000000000'), 'Corrupt', 'line 3'],
  [
    'a thousand million points in no bytes',
    () => header(little, 'element vertex 1000000000', ...properties),
    'Corrupt',
    'element vertex',
  ],
  [
    'a thousand million lines in no bytes',
    () => header(ascii, 'element vertex 1000000000', ...properties),
    'Corrupt',
    'element vertex',
  ],
  [
    'a thousand million lists in no bytes',
    () =>
      header(
        little,
        'element face 1000000000',
        'property list uchar int vertex_indices',
        'element vertex 0',
        ...properties,
      ),
    'Corrupt',
    'element face',
  ],
  ['points of no properties', () => header(little, 'element vertex 1000000000'), 'Corrupt', 'element vertex'],
  [
    'a thousand elements',
    () => header(ascii, ...Array.from({ length: 1000 }, (_, i) => `element e${i} 0`)),
    'Corrupt',
    'line 103',
  ],
  [
    'a thousand properties',
    () =>
      header(ascii, 'element vertex 0', ...Array.from({ length: 1000 }, (_, i) => `property float p${i}`)),
    'Unsupported',
    'line 404',
  ],
  [
    'no vertices',
    () => header(ascii, 'element face 0', 'property list uchar int a'),
    'NotAPointCloud',
    'header',
  ],
  ['no z', () => header(ascii, 'element vertex 1', ...properties.slice(0, 2)), 'Corrupt', 'element vertex'],
  ['no points', () => header(ascii, 'element vertex 0', ...properties), 'NotAPointCloud', 'points'],
  ['a file cut in its points', () => good(corners).subarray(0, -1), 'Corrupt', 'element vertex'],
  [
    'a file cut in its lists',
    () =>
      good(
        corners,
        faces([
          [0, 1, 2],
          [0, 1, 2],
        ]),
      ).subarray(0, -1),
    'Corrupt',
    'element face 2',
  ],
  [
    'a file cut in its lines',
    () => encodePly('ascii', [corners]).subarray(0, -8),
    'Corrupt',
    'element vertex',
  ],
  [
    'more bytes than elements',
    () => Buffer.concat([good(corners), Buffer.from('more')]),
    'Corrupt',
    'byte 179',
  ],
  [
    'more lines than elements',
    () => Buffer.concat([encodePly('ascii', [corners]), Buffer.from('1 2 3\n')]),
    'Corrupt',
    'byte 144',
  ],
  [
    'a list of four thousand million',
    () =>
      good(corners, { ...faces([[0]]), properties: ['list uint uchar vertex_index'], rows: [[2 ** 32 - 1]] }),
    'Corrupt',
    'byte 232',
  ],
  [
    'a list of fewer than none',
    () => good(corners, { ...faces([]), properties: ['list char int vertex_index'], rows: [[-1]] }),
    'Corrupt',
    'byte 230',
  ],
  [
    'a vertex that is not there',
    () =>
      good(
        corners,
        faces([
          [0, 1, 2],
          [0, 1, 4],
        ]),
      ),
    'Corrupt',
    'element face 2',
  ],
  ['a vertex below nothing', () => good(corners, faces([[0, 1, -1]])), 'Corrupt', 'element face 1'],
  [
    'half a vertex',
    () =>
      good(corners, { ...faces([]), properties: ['list uchar float vertex_index'], rows: [[[0, 1, 0.5]]] }),
    'Corrupt',
    'element face 1',
  ],
  [
    'faces without vertices',
    () => good(corners, { ...faces([[0, 1]]), properties: ['list uchar int other'] }),
    'Corrupt',
    'element face',
  ],
  ['a place that is no number', () => good({ ...corners, rows: [[1, Number.NaN, 3]] }), 'Corrupt', 'point 1'],
  [
    'an endless place',
    () =>
      good({
        ...corners,
        rows: [
          [1, 2, 3],
          [1, 2, -Infinity],
        ],
      }),
    'Corrupt',
    'point 2',
  ],
  [
    'a corner that is nowhere',
    () =>
      good(
        {
          ...corners,
          rows: [
            [1, 2, 3],
            [Number.NaN, 2, 3],
          ],
        },
        faces([[0, 1, 0]]),
      ),
    'Corrupt',
    'vertex 2',
  ],
  [
    'a word for a number',
    () => Buffer.concat([header(ascii, 'element vertex 2', ...properties), Buffer.from('1 2 3\n1 two 3\n')]),
    'Corrupt',
    'line 9',
  ],
  [
    'a short line',
    () =>
      Buffer.concat([header(ascii, 'element vertex 2', ...properties), Buffer.from('1.5 2.5 3.5\n1.5 2\n')]),
    'Corrupt',
    'line 9',
  ],
  [
    'a long line',
    () => Buffer.concat([header(ascii, 'element vertex 2', ...properties), Buffer.from('1 2 3 4\n1 2 3\n')]),
    'Corrupt',
    'line 8',
  ],
  [
    'a number too large for its type',
    () =>
      Buffer.concat([
        header(ascii, 'element vertex 1', ...properties, 'property uchar red'),
        Buffer.from('1 2 3 256\n'),
      ]),
    'Corrupt',
    'line 9',
  ],
])('%s', async (_, bytes, code, place) => {
  const error = await surface(bytes()).then(
    () => expect.unreachable('it was read'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(FormatError)
  expect(error).toMatchObject({ code, place, message: expect.stringMatching(/expected .*, got /) })
})

import { describe, expect, test } from 'vitest'
import { FormatError } from './format-error.ts'
import { encodeGlb } from './glb.fixture.ts'
import type { GlbAccessorFixture } from './glb.fixture.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { sampleCentres } from './sample-centres.fixture.ts'

const cloud = (bytes: Uint8Array) => convertBytes(bytes, { format: 'glb' })
const surface = (bytes: Uint8Array) => convertBytes(bytes, { name: 'a.GLB', sampleMesh: sampleCentres })

const floats = (values: number[], stride?: number): GlbAccessorFixture => ({
  componentType: 5126,
  type: 'VEC3',
  values,
  ...(stride && { stride }),
})
const indices = (values: number[]): GlbAccessorFixture => ({ componentType: 5123, type: 'SCALAR', values })
const primitive = (mode: number, more: object = {}, attributes: object = {}) => ({
  mode,
  attributes: { POSITION: 0, ...attributes },
  ...more,
})
const scene = (primitives: object[], node: object = {}) => ({
  scenes: [{ nodes: [0] }],
  nodes: [{ mesh: 0, ...node }],
  meshes: [{ primitives }],
})
/** What a place of glTF is in a world with z up. */
const up = ([x, y, z]: [number, number, number]) => [x, z === 0 ? 0 : -z, y]

test('points are points, with y up turned to z up, and that is said', async () => {
  const colours: GlbAccessorFixture = {
    componentType: 5121,
    type: 'VEC4',
    values: [255, 0, 51, 9, 0, 255, 0, 9],
    normalized: true,
  }
  const bytes = encodeGlb(scene([primitive(0, {}, { COLOR_0: 1 })]), [
    floats([1, 2, 3, 4.5, 5, 6], 16),
    colours,
  ])
  const { points, warnings } = await cloud(bytes)
  expect(points.map(({ place }) => place)).toEqual([up([1, 2, 3]), up([4.5, 5, 6])])
  expect(points.map(({ rgb }) => rgb)).toEqual([
    [65535, 0, 13107],
    [0, 65535, 0],
  ])
  expect(warnings).toEqual(['y points up in glTF: it has become z, and z has become -y'])
})

const square = floats([0, 0, 0, 3, 0, 0, 3, 3, 0, 0, 3, 0])

test.each([
  [
    'triangles',
    4,
    [0, 1, 2, 0, 2, 3],
    [
      [2, 1, 0],
      [1, 2, 0],
    ],
  ],
  [
    'a strip',
    5,
    [0, 1, 3, 2],
    [
      [1, 1, 0],
      [2, 2, 0],
    ],
  ],
  [
    'a fan',
    6,
    [0, 1, 2, 3],
    [
      [2, 1, 0],
      [1, 2, 0],
    ],
  ],
] as [string, number, number[], [number, number, number][]][])(
  '%s are sampled',
  async (_, mode, corners, centres) => {
    const { points } = await surface(
      encodeGlb(scene([primitive(mode, { indices: 1 })]), [square, indices(corners)]),
    )
    expect(points.map(({ place }) => place)).toEqual(centres.map(up))
  },
)

test('triangles without indices are vertices in their order', async () => {
  const { points } = await surface(encodeGlb(scene([primitive(4)]), [floats([0, 0, 0, 3, 0, 0, 0, 3, 3])]))
  expect(points.map(({ place }) => place)).toEqual([up([1, 1, 1])])
})

test('nodes move, turn and stretch what is below them, as often as they place it', async () => {
  const json = {
    scenes: [{ nodes: [2] }, { nodes: [0] }],
    scene: 1,
    nodes: [
      { translation: [10, 0, 0], children: [1, 3] },
      // A quarter turn around y: z goes to x.
      { mesh: 0, rotation: [0, Math.SQRT1_2, 0, Math.SQRT1_2], scale: [1, 2, 3] },
      { mesh: 0 },
      { mesh: 0, matrix: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 100, 0, 1] },
    ],
    meshes: [{ primitives: [primitive(0)] }],
  }
  const { points } = await cloud(encodeGlb(json, [floats([1, 1, 1])]))
  expect(points.map(({ place }) => place)).toEqual([up([13, 2, -1]), up([11, 101, 1])])
})

test('small whole numbers are places too, and what has no colour is white', async () => {
  const small: GlbAccessorFixture = { componentType: 5122, type: 'VEC3', values: [-7, 8, 9], stride: 8 }
  const colours: GlbAccessorFixture = {
    componentType: 5123,
    type: 'VEC3',
    values: [0, 65535, 13107],
    normalized: true,
  }
  const json = {
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [primitive(0), primitive(0, {}, { COLOR_0: 1 })] }],
    extensionsRequired: ['KHR_mesh_quantization'],
  }
  const { points } = await cloud(encodeGlb(json, [small, colours]))
  expect(points.map(({ place, rgb }) => [place, rgb])).toEqual([
    [up([-7, 8, 9]), [65535, 65535, 65535]],
    [up([-7, 8, 9]), [0, 65535, 13107]],
  ])
})

test('a surface and points beside it are both there; lines are named', async () => {
  const bytes = encodeGlb(scene([primitive(0), primitive(4, { indices: 1 }), primitive(1)]), [
    square,
    indices([0, 1, 2]),
  ])
  const { points, warnings } = await surface(bytes)
  expect(points.map(({ place }) => place)).toEqual(
    [
      [2, 1, 0],
      [0, 0, 0],
      [3, 0, 0],
      [3, 3, 0],
      [0, 3, 0],
    ].map((place) => up(place as [number, number, number])),
  )
  expect(warnings[0]).toBe('1 sets of lines are left out')
  const { points: corners, warnings: told } = await cloud(bytes)
  expect(corners.length).toBe(8)
  expect(told).toContain('triangles are left out: the points are their corners')
})

describe('hostile GLB', () => {
  const whole = () => encodeGlb(scene([primitive(4, { indices: 1 })]), [square, indices([0, 1, 2, 0, 2, 3])])
  const damaged = (damage: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(whole())
    damage(bytes)
    return bytes
  }
  const changed = (path: string, value: unknown) =>
    encodeGlb(scene([primitive(4, { indices: 1 })]), [square, indices([0, 1, 2, 0, 2, 3])], { path, value })
  const cases: [name: string, bytes: Uint8Array, code: string, place: string][] = [
    ['nothing', new Uint8Array(0), 'NotAPointCloud', 'byte 0'],
    ['glTF as text', Buffer.from('{"asset":{}}'), 'NotAPointCloud', 'byte 0'],
    ['four good bytes', Buffer.from('glTF'), 'Corrupt', 'byte 0'],
    ['version 1', damaged((bytes) => void bytes.writeUInt32LE(1, 4)), 'Unsupported', 'byte 4'],
    ['a length of another file', damaged((bytes) => void bytes.writeUInt32LE(1e9, 8)), 'Corrupt', 'byte 8'],
    [
      'JSON that goes on behind the file',
      damaged((bytes) => void bytes.writeUInt32LE(0xffffffff, 12)),
      'Corrupt',
      'byte 12',
    ],
    [
      'a first chunk that is no JSON',
      damaged((bytes) => void bytes.writeUInt32LE(7, 16)),
      'Corrupt',
      'byte 12',
    ],
    ['JSON that is none', damaged((bytes) => void bytes.write('}', 20)), 'Invalid', '$'],
    [
      'JSON as deep as the sea',
      changed('extras', JSON.parse('['.repeat(80) + ']'.repeat(80))),
      'Invalid',
      '$',
    ],
    [
      'a buffer in another file',
      changed('buffers.0.uri', 'http://localhost/a.bin'),
      'Unsupported',
      '$.buffers[0]',
    ],
    ['a view beyond the buffer', changed('bufferViews.0.byteLength', 1e9), 'Corrupt', '$.bufferViews[0]'],
    [
      'a view before the buffer',
      changed('bufferViews.0.byteOffset', -4),
      'Invalid',
      '$.bufferViews[0].byteOffset',
    ],
    [
      'a view of half a byte',
      changed('bufferViews.0.byteOffset', 0.5),
      'Invalid',
      '$.bufferViews[0].byteOffset',
    ],
    [
      'elements inside of each other',
      changed('bufferViews.0.byteStride', 4),
      'Corrupt',
      '$.bufferViews[0].byteStride',
    ],
    [
      'elements far from each other',
      changed('bufferViews.0.byteStride', 1e6),
      'Corrupt',
      '$.bufferViews[0].byteStride',
    ],
    ['more elements than the view has', changed('accessors.0.count', 1e9), 'Corrupt', '$.accessors[0]'],
    ['fewer elements than none', changed('accessors.0.count', -1), 'Invalid', '$.accessors[0].count'],
    ['places of one number', changed('accessors.0.type', 'SCALAR'), 'Invalid', '$.accessors[0]'],
    ['places of an unknown type', changed('accessors.0.componentType', 5130), 'Invalid', '$.accessors[0]'],
    ['a sparse accessor', changed('accessors.0.sparse', {}), 'Unsupported', '$.accessors[0].sparse'],
    [
      'an accessor that is not there',
      changed('meshes.0.primitives.0.attributes.POSITION', 9),
      'Invalid',
      '$.meshes[0].primitives[0].attributes.POSITION',
    ],
    [
      'a name for a number',
      changed('meshes.0.primitives.0.attributes.POSITION', '__proto__'),
      'Invalid',
      '$.meshes[0].primitives[0].attributes.POSITION',
    ],
    [
      'indices that are no whole numbers',
      changed('meshes.0.primitives.0.indices', 0),
      'Invalid',
      '$.accessors[0]',
    ],
    [
      'a vertex that is not there',
      encodeGlb(scene([primitive(4, { indices: 1 })]), [square, indices([0, 1, 4])]),
      'Corrupt',
      '$.meshes[0].primitives[0].indices',
    ],
    ['a node that is its own child', changed('nodes.0.children', [0]), 'Corrupt', '$.nodes[0]'],
    ['a node that is not there', changed('nodes.0.children', [7]), 'Invalid', '$.nodes[0].children'],
    ['a matrix of three numbers', changed('nodes.0.matrix', [1, 2, 3]), 'Invalid', '$.nodes[0].matrix'],
    ['a stretch beyond all places', changed('nodes.0.scale', [1e300, 1e300, 1]), 'Corrupt', 'vertex 2'],
    [
      'compressed triangles',
      changed('extensionsRequired', ['KHR_draco_mesh_compression']),
      'Unsupported',
      '$.extensionsRequired',
    ],
    [
      'a place that is no number',
      encodeGlb(scene([primitive(0)]), [floats([1, 2, Number.NaN])]),
      'Corrupt',
      'point 1',
    ],
    [
      'an endless corner',
      encodeGlb(scene([primitive(4)]), [floats([0, 0, 0, 1, 1, 1, Infinity, 0, 0])]),
      'Corrupt',
      'vertex 3',
    ],
    ['no nodes and no meshes', encodeGlb({}, []), 'NotAPointCloud', 'points'],
  ]
  test.each(cases)('%s', async (_, bytes, code, place) => {
    const error = await surface(bytes).then(
      () => expect.unreachable('it was read'),
      (error) => error,
    )
    expect(error).toBeInstanceOf(FormatError)
    expect(error).toMatchObject({ code, place, message: expect.stringMatching(/expected .*, got /) })
  })

  test('what is not damaged is read', async () => {
    expect((await surface(whole())).points.length).toBe(2)
  })
})

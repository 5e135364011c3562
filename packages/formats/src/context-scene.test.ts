import { expect, test } from 'vitest'
import { parseContextScene } from './context-scene.ts'
import { writeContextScene } from './write-context-scene.ts'

const identity = { M_00: 1, M_01: 0, M_02: 0, M_10: 0, M_11: 1, M_12: 0, M_20: 0, M_21: 0, M_22: 1 }
const box = { xmin: 0, ymin: 0, zmin: 0, xmax: 1, ymax: 2, zmax: 1 }

const scene = {
  version: '5.0',
  SpatialReferenceSystems: {
    '0': { Definition: 'EPSG:32632', Name: 'UTM' },
    '3': { Definition: 'Local:unit=meter' },
  },
  PhotoCollection: { Photos: { '0': { ImagePath: '0:a.jpg' } } },
  PointCloudCollection: {
    SRSId: 0,
    PointClouds: {
      '0': { Name: 'scan', Path: '0:a.las', Type: 'Static' },
      '1': { Path: '1:sub\\b.laz', SRSId: 3 },
    },
  },
  Annotations: {
    Labels: { '1': { Name: 'appeared', Object: true } },
    Objects2D: { '0': {} },
    Objects3D: {
      SRSId: 0,
      Objects: {
        'guid-1': {
          LabelInfo: { LabelId: 1, Confidence: 0.5 },
          RotatedBox3D: { Box3D: box, Rotation: identity },
        },
      },
    },
  },
  References: { '0': { Path: 'rds:11111111-2222-3333-4444-555555555555' } },
  Vendor: { any: ['thing'] },
}

test.each(['5.0', '6.0'])('reads version %s: systems, clouds, references, annotations', (version) => {
  const read = parseContextScene(JSON.stringify({ ...scene, version }))
  expect(read.version).toBe(version)
  expect(read.SpatialReferenceSystems!.get('0')).toEqual({ Definition: 'EPSG:32632', Name: 'UTM' })
  expect(read.PointCloudCollection!.SRSId).toBe(0)
  expect([...read.PointCloudCollection!.PointClouds]).toEqual([
    ['0', { Name: 'scan', Path: '0:a.las' }],
    ['1', { Path: '1:sub\\b.laz', SRSId: 3 }],
  ])
  expect(read.References!.get('0')!.Path).toBe('rds:11111111-2222-3333-4444-555555555555')
  expect(read.Annotations!.Labels!.get('1')).toEqual({ Name: 'appeared' })
  expect(read.Annotations!.Objects3D!.Objects.get('guid-1')).toEqual(
    scene.Annotations.Objects3D.Objects['guid-1'],
  )
  expect([...read.other.keys()]).toEqual(['PhotoCollection', 'Vendor'])
})

test('reads bytes, with or without a byte order mark', () => {
  const text = JSON.stringify(scene)
  expect(parseContextScene(Buffer.from(`\uFEFF${text}`)).version).toBe('5.0')
  expect(parseContextScene(`\uFEFF${text}`).version).toBe('5.0')
})

test('what is read and written again says the same, as version 6.0', () => {
  const again = JSON.parse(writeContextScene(parseContextScene(JSON.stringify(scene))))
  expect(again.version).toBe('6.0')
  expect(Object.keys(again)[0]).toBe('version')
  const { Type: _, ...cloud } = scene.PointCloudCollection.PointClouds['0']
  expect(again.PointCloudCollection).toEqual({
    SRSId: 0,
    PointClouds: { '0': cloud, '1': scene.PointCloudCollection.PointClouds['1'] },
  })
  for (const key of ['SpatialReferenceSystems', 'References', 'PhotoCollection', 'Vendor'] as const) {
    expect(again[key]).toEqual(scene[key])
  }
  expect(again.Annotations.Objects3D).toEqual(scene.Annotations.Objects3D)
  expect(again.Annotations.Objects2D).toEqual(scene.Annotations.Objects2D)
})

test('ids of references are JSON integers, keys of maps strings', () => {
  const Labels = new Map([['1', { Name: 'car' }]])
  const Objects = new Map([
    ['g', { LabelInfo: { LabelId: 1 }, RotatedBox3D: { Box3D: box, Rotation: identity } }],
  ])
  const text = writeContextScene({ Annotations: { Labels, Objects3D: { SRSId: 0, Objects } } })
  expect(text).toContain('"LabelId": 1')
  expect(text).toContain('"SRSId": 0')
  expect(parseContextScene(text).Annotations!.Objects3D!.Objects).toEqual(Objects)
})

const cloud = (entry: unknown) => ({ version: '6.0', PointCloudCollection: { PointClouds: { '0': entry } } })

test.each([
  ['text that is no JSON', '{"version":', 'Invalid', '$'],
  ['XML', '<?xml version="1.0"?><ContextScene version="3.0"/>', 'Unsupported', '$'],
  ['an array', '[]', 'Invalid', '$'],
  ['null', 'null', 'Invalid', '$'],
  ['no version', '{}', 'Invalid', '$.version'],
  ['a version that is a number', '{"version":6}', 'Invalid', '$.version'],
  ['version 7.0', '{"version":"7.0"}', 'Unsupported', '$.version'],
  ['a cloud without path', cloud({}), 'Invalid', '$.PointCloudCollection.PointClouds.0.Path'],
  ['a cloud that is null', cloud(null), 'Invalid', '$.PointCloudCollection.PointClouds.0'],
  [
    'an SRSId that is a string',
    cloud({ Path: 'a', SRSId: '0' }),
    'Invalid',
    '$.PointCloudCollection.PointClouds.0.SRSId',
  ],
  ['references as a list', { version: '6.0', References: ['rds:x'] }, 'Invalid', '$.References'],
] as const)('%s is refused with its path', (_, input, code, place) => {
  const text = typeof input === 'string' ? input : JSON.stringify(input)
  expect(() => parseContextScene(text)).toThrow(expect.objectContaining({ name: 'FormatError', code, place }))
})

test('a missing number deep inside is named in full', () => {
  const broken = structuredClone(scene)
  Reflect.deleteProperty(broken.Annotations.Objects3D.Objects['guid-1'].RotatedBox3D.Rotation, 'M_11')
  expect(() => parseContextScene(JSON.stringify(broken))).toThrow(
    expect.objectContaining({ place: '$.Annotations.Objects3D.Objects.guid-1.RotatedBox3D.Rotation.M_11' }),
  )
})

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parseContextScene(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(/UTF-8/)
})

test('keys called __proto__ and constructor are ordinary keys', () => {
  const text =
    '{"version":"6.0","__proto__":{"polluted":1},"constructor":{},"References":{"__proto__":{"Path":"rds:x"}},' +
    '"PointCloudCollection":{"PointClouds":{"__proto__":{"Path":"a.las"},"toString":{"Path":"b.las"}}}}'
  const read = parseContextScene(text)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect([...read.PointCloudCollection!.PointClouds.keys()]).toEqual(['__proto__', 'toString'])
  expect(read.References!.get('__proto__')).toEqual({ Path: 'rds:x' })
  const again = writeContextScene(read)
  expect(parseContextScene(again).References!.get('__proto__')).toEqual({ Path: 'rds:x' })
})

test('a hundred thousand brackets are refused, not a crash', () => {
  expect(() => parseContextScene('['.repeat(100_000))).toThrow(expect.objectContaining({ code: 'Invalid' }))
})

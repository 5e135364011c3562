import { expect, test } from 'vitest'
import { type ContextScene, parseContextScene } from './context-scene.ts'
import { wholeScene } from './scene-whole.fixture.ts'
import { writeContextScene } from './write-context-scene.ts'

const readJson = (scene: unknown) => parseContextScene(JSON.stringify(scene))
const indented = (scene: unknown) => JSON.stringify(scene, undefined, 2)

test.each(['5.0', '6.0'])('everything of a scene of version %s comes back, as version 6.0', (version) => {
  const read = readJson({ ...wholeScene(), version })
  expect(read.version).toBe(version)
  expect(writeContextScene(read)).toBe(indented(wholeScene()))
})

test('what is read can be asked for by the names of the model', () => {
  const { PhotoCollection, PointCloudCollection, Annotations, References }: ContextScene = readJson(
    wholeScene(),
  )
  expect(PhotoCollection!.Photos.get('7')!.Location).toEqual({ UlX: 500000, UlY: 5400000 })
  expect(PhotoCollection!.Devices!.get('0')!.RadialDistortion!.k2).toBe(1e-5)
  expect(PhotoCollection!.Poses!.get('1')!.Rotation).toBeUndefined()
  expect(PointCloudCollection!.PointClouds.get('1')!.SRSId).toBe(3)
  expect(Annotations!.Objects2D!.get('0')!.get('guid-a')!.TextInfo!.Text).toBe('B 12')
  expect(Annotations!.Objects2D!.get('0')!.get('guid-b')!.LabelInfo.Confidence).toBeUndefined()
  expect(Annotations!.Objects3D!.Objects.get('guid-c')!.RotatedBox3D.Box3D.zmax).toBe(1.5)
  expect(Annotations!.Lines3D!.Lines.get('guid-e')!.Vertices.get('1')!.Position).toEqual({ x: 2, y: 0, z: 0 })
  expect(Annotations!.Polygons2D!.Polygons.get('guid-f')!.InnerBoundaries![0]!.VertexIds).toEqual([4, 6, 5])
  expect(References!.get('2')!.Path).toBe('\\\\server\\share\\results')
})

const maps = new Set([
  ...['SpatialReferenceSystems', 'Devices', 'Poses', 'Photos', 'Meshes', 'PointClouds', 'Trajectories'],
  ...['Labels', 'Objects2D', 'Segmentation2D', 'Objects', 'Lines', 'Polygons', 'Vertices', 'References'],
])
const extras = { 'Vendor extra': { list: [1, { deep: null }, 'x'], no: {} }, z: 1.5 }

/** Members that no model names, in front of all others, in every object that is no map. */
function withExtras(value: unknown, name = '', parentName = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => withExtras(item))
  if (typeof value !== 'object' || value === null) return value
  const isMap = maps.has(name) || parentName === 'Objects2D'
  const members = Object.entries(value).map(([key, member]) => [key, withExtras(member, key, name)])
  return { ...(!isMap && extras), ...Object.fromEntries(members) }
}

test('unknown members come back from every level, in their places', () => {
  const { version, ...members } = withExtras(wholeScene()) as Record<string, unknown>
  const scene = { version, ...members }
  expect(indented(scene).match(/Vendor extra/g)!.length).toBeGreaterThan(90)
  const read = readJson(scene)
  expect(writeContextScene(read)).toBe(indented(scene))
  expect(parseContextScene(writeContextScene(read))).toEqual(read)
})

test('null is as good as nothing, and is not written', () => {
  const scene = {
    version: '6.0',
    PhotoCollection: null,
    PointCloudCollection: { SRSId: null, PointClouds: { '0': { Path: 'a.las', Name: null, Extra: null } } },
  }
  const read = readJson(scene)
  expect(read.PhotoCollection).toBeUndefined()
  expect(JSON.parse(writeContextScene(read))).toEqual({
    version: '6.0',
    PointCloudCollection: { PointClouds: { '0': { Path: 'a.las', Extra: null } } },
  })
})

test('a collection without its map has an empty one', () => {
  const read = readJson({
    version: '6.0',
    PointCloudCollection: {},
    Annotations: { Objects3D: { SRSId: 0 } },
  })
  expect(read.PointCloudCollection!.PointClouds.size).toBe(0)
  expect(read.Annotations!.Objects3D!.Objects.size).toBe(0)
})

test('sections that nobody asks for are not looked at', () => {
  const text = JSON.stringify({ ...wholeScene(), PhotoCollection: 'wrong', References: { 0: {} } })
  const read = parseContextScene(text, { sections: ['PointCloudCollection'] })
  expect(read.PointCloudCollection!.PointClouds.get('0')!.Path).toBe('1:a.las')
  expect(() => parseContextScene(text, { sections: ['References'] })).toThrow(/\$\.References\.0\.Path/)
  expect(() => parseContextScene(text)).toThrow(/\$\.PhotoCollection/)
})

test('reads bytes, with or without a byte order mark', () => {
  const text = JSON.stringify(wholeScene())
  expect(parseContextScene(Buffer.from(`\uFEFF${text}`)).version).toBe('6.0')
  expect(parseContextScene(`\uFEFF${text}`).version).toBe('6.0')
})

const cloud = (entry: unknown) => ({ version: '6.0', PointCloudCollection: { PointClouds: { '0': entry } } })

test.each([
  ['text that is no JSON', '{"version":', 'Invalid', '$'],
  ['an array', '[]', 'Invalid', '$'],
  ['null', 'null', 'Invalid', '$'],
  ['no version', '{}', 'Invalid', '$.version'],
  ['a version that is a number', '{"version":6}', 'Invalid', '$.version'],
  ['version 7.0', '{"version":"7.0"}', 'Unsupported', '$.version'],
  ['a version of XML', '{"version":"4.0"}', 'Unsupported', '$.version'],
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

/** Paths into the whole scene, what stands there instead, and what is said of it. */
test.each<[path: string, instead: unknown, problem: string]>([
  ['SpatialReferenceSystems.0.Definition', 32632, 'a string, got 32632'],
  ['PhotoCollection.SRSId', 0.5, 'a whole number, got 0.5'],
  ['PhotoCollection.Photos.0.ImagePath', undefined, 'a string, got nothing'],
  ['PhotoCollection.Photos.0.DeviceId', '0', 'a whole number, got "0"'],
  ['PhotoCollection.Photos.7.Location.UlY', null, 'a number, got null'],
  ['PhotoCollection.Devices.0.Dimensions.width', '400', 'a number, got "400"'],
  ['PhotoCollection.Devices.0.TangentialDistortion', [], 'an object, got an array'],
  ['PhotoCollection.Poses.0.Rotation.kappa', undefined, 'a number, got nothing'],
  ['MeshCollection.Meshes.0.BoundingBox.zmin', {}, 'a number, got an object'],
  ['PointCloudCollection.PointClouds.0.Center.x', true, 'a number, got true'],
  ['TrajectoryCollection.Trajectories.0.Paths[1]', 7, 'a string, got 7'],
  ['TrajectoryCollection.Trajectories.0.Delimiters', ',', 'an array, got ","'],
  ['TrajectoryCollection.Trajectories.0.CombineConsecutiveDelimiters', 'true', 'true or false, got "true"'],
  ['Annotations.Labels.1.Object', 1, 'true or false, got 1'],
  ['Annotations.Objects2D.0.guid-a.Box2D.ymax', undefined, 'a number, got nothing'],
  ['Annotations.Segmentation2D.7.Path', undefined, 'a string, got nothing'],
  ['Annotations.Segmentation3D.Path', undefined, 'a string, got nothing'],
  ['Annotations.Objects3D.Objects.guid-c.RotatedBox3D.Rotation.M_11', undefined, 'a number, got nothing'],
  ['Annotations.Lines2D.Lines.guid-d.Vertices.1.Position.y', undefined, 'a number, got nothing'],
  ['Annotations.Lines3D.Lines.guid-e.Vertices.1.Position.z', undefined, 'a number, got nothing'],
  ['Annotations.Lines3D.Lines.guid-e.Segments[1]', { VertexId1: 0, VertexId2: 9 }, 'vertices of this line, got 9'], // biome-ignore format: one line
  ['Annotations.Lines3D.Lines.guid-e.Segments[0].VertexId2', '1', 'a whole number, got "1"'],
  ['Annotations.Polygons2D.Polygons.guid-f.OuterBoundary.VertexIds[2]', 2.5, 'a whole number, got 2.5'],
  ['Annotations.Polygons2D.Polygons.guid-f.InnerBoundaries[0].VertexIds[1]', 60, 'a vertex of this polygon, got 60'], // biome-ignore format: one line
  ['Annotations.Polygons3D.Polygons.guid-g.Vertices.2.Position.z', undefined, 'a number, got nothing'],
  ['References.1.Path', ['rds:x'], 'a string, got an array'],
])('%s that is %j is refused there', (path, instead, problem) => {
  const scene = wholeScene()
  const steps = path.split(/[.[\]]+/).filter(Boolean)
  const last = steps.pop()!
  const parent = steps.reduce((at: Record<string, never>, step) => at[step]!, scene as never)
  Object.assign(parent, { [last]: instead })
  const message = `$.${path}: expected ${problem}`
  expect(() => readJson(scene)).toThrow(expect.objectContaining({ code: 'Invalid', message }))
})

test('bytes that are no UTF-8 are refused', () => {
  expect(() => parseContextScene(new Uint8Array([0x7b, 0xff, 0x7d]))).toThrow(/UTF-8/)
})

test('keys called __proto__ and constructor are ordinary keys', () => {
  const text =
    '{"version":"6.0","__proto__":{"polluted":1},"constructor":{},"References":{"__proto__":{"Path":"rds:x"}},' +
    '"PointCloudCollection":{"__proto__":{"PointClouds":1},"PointClouds":{"__proto__":{"Path":"a.las","__proto__":[]},' +
    '"toString":{"Path":"b.las"}}}}'
  const read = parseContextScene(text)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect([...read.PointCloudCollection!.PointClouds.keys()]).toEqual(['__proto__', 'toString'])
  expect(read.References!.get('__proto__')).toEqual({ Path: 'rds:x' })
  expect(JSON.stringify(JSON.parse(writeContextScene(read)))).toBe(text)
})

test('a hundred thousand brackets are refused, not a crash', () => {
  expect(() => parseContextScene('['.repeat(100_000))).toThrow(expect.objectContaining({ code: 'Invalid' }))
})

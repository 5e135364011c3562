import { expect, test } from 'vitest'
import { findInputFiles } from './input-files.ts'
import type { InputReader } from './input-reader.ts'
import { JobError } from './job-error.ts'

const ids = {
  cloud: '11111111-0000-4000-8000-000000000001',
  other: '11111111-0000-4000-8000-000000000002',
  scene: '22222222-0000-4000-8000-000000000001',
  foreign: '99999999-0000-4000-8000-000000000009',
}

type Files = Record<string, string>

/** Reality data in memory: type and files with their contents. */
function readerOf(stored: Record<string, { type: string; files: Files }>): InputReader {
  return {
    describe: async (id) => stored[id] && { type: stored[id].type },
    list: async (id) =>
      Object.entries(stored[id]?.files ?? {}).map(([name, text]) => ({ name, sizeBytes: text.length })),
    read: async (id, name) => new TextEncoder().encode(stored[id]?.files[name]),
  }
}

const tiles = { type: 'LAZ', files: { '1.laz': '...', 'readme.txt': 'hello', 'deep/2.LAS': '.....' } }

interface SceneParts {
  clouds?: { Path: string; SRSId?: number }[]
  references?: string[]
  srsId?: number
  systems?: string[]
}

function sceneText({ clouds = [], references = [], srsId, systems = [] }: SceneParts): string {
  const numbered = <T>(values: T[]) => Object.fromEntries(values.map((value, i) => [String(i), value]))
  return JSON.stringify({
    version: '6.0',
    SpatialReferenceSystems: numbered(systems.map((Definition) => ({ Definition }))),
    PointCloudCollection: {
      ...(srsId !== undefined && { SRSId: srsId }),
      PointClouds: numbered(clouds.map((cloud) => ({ Name: 'cloud', ...cloud }))),
    },
    References: numbered(references.map((Path) => ({ Path }))),
  })
}

/** What a scene beside two sets of tiles means as input `pointClouds1`. */
function findInScene(scene: string | SceneParts, beside: Files = {}) {
  const text = typeof scene === 'string' ? scene : sceneText(scene)
  const reader = readerOf({
    [ids.cloud]: tiles,
    [ids.other]: { type: 'LAS', files: { 'march.las': '..' } },
    [ids.scene]: { type: 'ContextScene', files: { 'ContextScene.json': text, ...beside } },
  })
  return findInputFiles(reader, 'pointClouds1', ids.scene)
}

async function faultOf(finding: Promise<unknown>): Promise<string[]> {
  const error = await finding.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof JobError)) throw new TypeError(`expected a JobError, got ${error}`)
  return [error.jobMessage.code, ...error.jobMessage.params]
}

test('a reality data of point clouds is all of its LAS and LAZ files, in whatever folder and case', async () => {
  expect(await findInputFiles(readerOf({ [ids.cloud]: tiles }), 'pointClouds1', ids.cloud)).toEqual([
    { realityDataId: ids.cloud, name: '1.laz', sizeBytes: 3 },
    { realityDataId: ids.cloud, name: 'deep/2.LAS', sizeBytes: 5 },
  ])
})

test('waveforms are known by the name of their cloud, and are no input of their own', async () => {
  const files = {
    'a.las': '.',
    'a.wdp': '..',
    'deep/B.LAS': '.',
    'deep/B.WDP': '...',
    'c.las': '.',
    'c.laz': '.',
  }
  const reader = readerOf({ [ids.cloud]: { type: 'LAS', files: { ...files, 'd.wdp': '.' } } })
  const found = await findInputFiles(reader, 'pointClouds1', ids.cloud)
  expect(found.map(({ name, waveforms }) => [name, waveforms])).toEqual([
    ['a.las', { name: 'a.wdp', sizeBytes: 2 }],
    ['deep/B.LAS', { name: 'deep/B.WDP', sizeBytes: 3 }],
    ['c.las', undefined],
    ['c.laz', undefined],
  ])
})

test('a reality data that does not exist is missing, one of another tenant likewise', async () => {
  expect(await faultOf(findInputFiles(readerOf({}), 'pointClouds1', ids.foreign))).toEqual([
    'InputData_Missing',
    'pointClouds1',
    `reality data ${ids.foreign}`,
  ])
})

test('an empty reality data has no file to read', async () => {
  const reader = readerOf({ [ids.cloud]: { type: 'LAS', files: {} } })
  expect(await faultOf(findInputFiles(reader, 'pointClouds2', ids.cloud))).toEqual([
    'InputData_Missing',
    'pointClouds2',
    `a LAS or LAZ file in reality data ${ids.cloud}`,
  ])
})

test('a reality data of other files is no point cloud, and the first of them is named', async () => {
  const reader = readerOf({ [ids.cloud]: { type: 'OPC', files: { 'cloud.opc': '..' } } })
  expect(await faultOf(findInputFiles(reader, 'pointClouds1', ids.cloud))).toEqual([
    'InputData_NotAPointCloud',
    'cloud.opc',
    'pointClouds1',
    'expected a name that ends in .las or .laz.',
  ])
})

test('a scene means the clouds that it names, in its order', async () => {
  const scene = {
    clouds: [{ Path: '1:march.las' }, { Path: '0:deep/2.LAS' }, { Path: 'own.laz' }],
    references: [`rds:${ids.cloud}`, `rds:${ids.other.toUpperCase()}`],
  }
  const files = await findInScene(scene, { 'own.laz': '....' })
  expect(files.map(({ realityDataId, name, sizeBytes }) => [realityDataId, name, sizeBytes])).toEqual([
    [ids.other, 'march.las', 2],
    [ids.cloud, 'deep/2.LAS', 5],
    [ids.scene, 'own.laz', 4],
  ])
})

test('a cloud without a path inside its reference is every cloud of it, and each file counts once', async () => {
  const scene = { clouds: [{ Path: '0:1.laz' }, { Path: '0:' }], references: [`rds:${ids.cloud}`] }
  expect((await findInScene(scene)).map(({ name }) => name)).toEqual(['1.laz', 'deep/2.LAS'])
})

test('the system of a cloud is its own, else that of the collection, else none', async () => {
  const references = [`rds:${ids.cloud}`, `rds:${ids.other}`]
  const clouds = [{ Path: '0:1.laz', SRSId: 1 }, { Path: '1:march.las' }]
  const systems = ['EPSG:32632', 'EPSG:25832']
  const crsOf = async (scene: SceneParts) => (await findInScene(scene)).map(({ sceneCrs }) => sceneCrs)
  expect(await crsOf({ clouds, references, systems, srsId: 0 })).toEqual(['EPSG:25832', 'EPSG:32632'])
  expect(await crsOf({ clouds, references, systems })).toEqual(['EPSG:25832', undefined])
})

test('a scene of any letter case is found among other files', async () => {
  const text = sceneText({ clouds: [{ Path: '0:1.laz' }], references: [`rds:${ids.cloud}`] })
  const reader = readerOf({
    [ids.cloud]: tiles,
    [ids.scene]: { type: 'contextscene', files: { 'a.txt': '', 'contextscene.JSON': text } },
  })
  expect(await findInputFiles(reader, 'pointClouds1', ids.scene)).toHaveLength(1)
})

const xmlScene = (path: string) => `<?xml version="1.0" encoding="utf-8"?>
<ContextScene version="4.0">
  <SpatialReferenceSystems><SRS id="2"><Definition>EPSG:25832</Definition></SRS></SpatialReferenceSystems>
  <PointCloudCollection>
    <SRSId>2</SRSId>
    <PointClouds><PointCloud id="0"><Name>march</Name><Path>${path}</Path></PointCloud></PointClouds>
  </PointCloudCollection>
  <References><Reference id="1"><Path>rds:${ids.other}</Path></Reference></References>
</ContextScene>`

/** What a scene of these files means, beside the same tiles. */
function findInXml(files: Files) {
  const reader = readerOf({
    [ids.other]: { type: 'LAS', files: { 'deep/march.las': '..' } },
    [ids.scene]: { type: 'ContextScene', files },
  })
  return findInputFiles(reader, 'pointClouds1', ids.scene)
}

test('a scene may be XML: the same clouds, systems and references', async () => {
  expect(await findInXml({ 'ContextScene.xml': xmlScene('1:deep\\march.las') })).toEqual([
    { realityDataId: ids.other, name: 'deep/march.las', sizeBytes: 2, sceneCrs: 'EPSG:25832' },
  ])
})

test('what is wrong with photos and annotations of a scene is no matter of its clouds', async () => {
  const wrong =
    '<PhotoCollection><Photos>none</Photos></PhotoCollection><Annotations><Labels/><Labels/></Annotations>'
  const xml = xmlScene('1:deep/march.las').replace('</ContextScene>', `${wrong}</ContextScene>`)
  expect(await findInXml({ 'ContextScene.xml': xml })).toHaveLength(1)
  const scene = sceneText({ clouds: [{ Path: '0:1.laz' }], references: [`rds:${ids.cloud}`] })
  const json = { ...JSON.parse(scene), PhotoCollection: [], Annotations: { Objects3D: 5 } }
  expect(await findInScene(JSON.stringify(json))).toHaveLength(1)
})

test('of a scene in both forms, the JSON counts', async () => {
  const json = sceneText({ clouds: [{ Path: 'own.laz' }] })
  const files = { 'ContextScene.xml': 'broken', 'ContextScene.json': json, 'own.laz': '....' }
  expect((await findInXml(files)).map(({ name }) => name)).toEqual(['own.laz'])
})

test.each([
  ['<a>', 'ContextScene.xml XML, character 3: expected </a>, got "".'],
  ['<!DOCTYPE x><ContextScene/>', 'ContextScene.xml XML: expected XML without DOCTYPE, ENTITY and CDATA.'],
  [
    xmlScene('9:a.las'),
    "ContextScene.xml $.PointCloudCollection.PointClouds.0.Path: expected an entry in References, got none for '9'.",
  ],
  [
    xmlScene('</Path><Path>'),
    'ContextScene.xml /ContextScene/PointCloudCollection/PointClouds/PointCloud[@id="0"]/Path: expected one such ' +
      'element, got another.',
  ],
])('XML that cannot be used is named with the place at fault: %j', async (xml, problem) => {
  expect(await faultOf(findInXml({ 'ContextScene.xml': xml }))).toEqual([
    'InputData_Invalid',
    'pointClouds1',
    problem,
  ])
})

const place = '$.PointCloudCollection.PointClouds.0.Path'

test.each<[string, SceneParts, string[]]>([
  [
    'reality data that does not exist',
    { clouds: [{ Path: '0:a.las' }], references: [`rds:${ids.foreign}`] },
    ['InputData_Missing', 'pointClouds1', `reality data ${ids.foreign} (${place})`],
  ],
  [
    'a file that does not exist',
    { clouds: [{ Path: '0:9.las' }], references: [`rds:${ids.cloud}`] },
    ['InputData_Missing', 'pointClouds1', `9.las in reality data ${ids.cloud}`],
  ],
  [
    'a file that is no cloud',
    { clouds: [{ Path: '0:readme.txt' }], references: [`rds:${ids.cloud}`] },
    ['InputData_NotAPointCloud', 'readme.txt', 'pointClouds1', 'expected a name that ends in .las or .laz.'],
  ],
  [
    'itself',
    { clouds: [{ Path: '0:' }], references: [`rds:${ids.scene}`] },
    [
      'InputData_Invalid',
      'pointClouds1',
      `ContextScene.json ${place}: expected a point cloud, got another scene.`,
    ],
  ],
  [
    'an entry of References that it lacks',
    { clouds: [{ Path: '7:a.las' }] },
    [
      'InputData_Invalid',
      'pointClouds1',
      `ContextScene.json ${place}: expected an entry in References, got none for '7'.`,
    ],
  ],
  [
    'a folder of somebody',
    { clouds: [{ Path: '0:a.las' }], references: ['/home/somebody/scans'] },
    [
      'InputData_Invalid',
      'pointClouds1',
      `ContextScene.json ${place}: expected a reference rds:<guid>, got '/home/somebody/scans'.`,
    ],
  ],
  ['no clouds', {}, ['InputData_Invalid', 'pointClouds1', 'ContextScene.json refers to no point clouds.']],
])('a scene that refers to %s is refused', async (_, scene, fault) => {
  expect(await faultOf(findInScene(scene))).toEqual(fault)
})

test('a path that leads out of its reality data is refused with the place', async () => {
  const fault = await faultOf(
    findInScene({ clouds: [{ Path: '0:../other/secret.las' }], references: [`rds:${ids.cloud}`] }),
  )
  expect(fault.slice(0, 2)).toEqual(['InputData_Invalid', 'pointClouds1'])
  expect(fault[2]).toContain(place)
  expect(fault[2]).toContain('../other/secret.las')
})

test.each([
  ['no JSON', 'not a scene'],
  ['XML of another version', '<?xml version="1.0"?><ContextScene version="2.0"/>'],
  ['another version', '{"version": "4.0"}'],
  ['another shape', '{"version": "6.0", "PointCloudCollection": {"PointClouds": {"0": {"Path": 5}}}}'],
])('a scene that is %s cannot be used', async (_, text) => {
  const fault = await faultOf(findInScene(text))
  expect(fault.slice(0, 2)).toEqual(['InputData_Invalid', 'pointClouds1'])
  expect(fault[2]).toMatch(/^ContextScene\.json .*expected/)
})

test('a scene without its file is missing', async () => {
  const reader = readerOf({ [ids.scene]: { type: 'ContextScene', files: { 'scene.xml': '' } } })
  expect(await faultOf(findInputFiles(reader, 'pointClouds1', ids.scene))).toEqual([
    'InputData_Missing',
    'pointClouds1',
    `ContextScene.json or ContextScene.xml in reality data ${ids.scene}`,
  ])
})

test('a scene of many gigabytes is refused by its size, without being read', async () => {
  const reader: InputReader = {
    ...readerOf({ [ids.scene]: { type: 'ContextScene', files: {} } }),
    list: async () => [{ name: 'ContextScene.json', sizeBytes: 5e9 }],
    read: () => Promise.reject(new Error('it was read')),
  }
  const fault = await faultOf(findInputFiles(reader, 'pointClouds1', ids.scene))
  expect(fault[0]).toBe('InputData_Invalid')
  expect(fault[2]).toMatch(/expected at most 16777216 bytes, got 5000000000/)
})

const surveyTypes = ['LAS', 'LAZ', 'PLY', 'OBJ', 'GLB', 'E57', 'XYZ', 'ContextScene']

test('of an input that takes more formats LAS and LAZ come first, text last, and copies in several formats are refused', async () => {
  const among = async (type: string, ...names: string[]) => {
    const files = Object.fromEntries(names.map((name) => [name, '.']))
    const reader = readerOf({ [ids.cloud]: { type, files } })
    const found = await findInputFiles(reader, 'pointClouds1', ids.cloud, surveyTypes)
    return found.map(({ name }) => name)
  }
  expect(await among('OBJ', 'a.obj', 'a.mtl', 'a.jpg', 'readme.txt')).toEqual(['a.obj'])
  expect(await among('Other', 'a.ply', 'b.laz', 'notes.csv')).toEqual(['b.laz'])
  expect(await among('XYZ', 'a.csv', 'B.XYZ')).toEqual(['a.csv', 'B.XYZ'])
  expect(await among('PLY', 'a.ply', 'a.obj', 'a.las')).toEqual(['a.ply'])
  expect(await faultOf(among('Other', 'a.ply', 'a.obj'))).toEqual([
    'InputData_Invalid',
    'pointClouds1',
    expect.stringContaining('holds files of the formats PLY, OBJ; expected one'),
  ])
  expect(await faultOf(among('Other', 'a.jpg'))).toEqual([
    'InputData_NotAPointCloud',
    'a.jpg',
    'pointClouds1',
    expect.stringContaining('.glb'),
  ])
})

test('meshes of a scene are surveys where meshes are taken, and nothing elsewhere', async () => {
  const scene = JSON.stringify({
    version: '6.0',
    SpatialReferenceSystems: { '0': { Definition: 'EPSG:32632' } },
    MeshCollection: { SRSId: 0, Meshes: { '0': { Name: 'site', Path: '0:site.obj' } } },
    References: { '0': { Path: `rds:${ids.other}` } },
  })
  const reader = readerOf({
    [ids.other]: { type: 'OBJ', files: { 'site.obj': '..', 'site.mtl': '' } },
    [ids.scene]: { type: 'ContextScene', files: { 'ContextScene.json': scene } },
  })
  expect(await findInputFiles(reader, 'meshes1', ids.scene, surveyTypes)).toEqual([
    { realityDataId: ids.other, name: 'site.obj', sizeBytes: 2, sceneCrs: 'EPSG:32632' },
  ])
  expect(await faultOf(findInputFiles(reader, 'pointClouds', ids.scene))).toEqual([
    'InputData_Invalid',
    'pointClouds',
    'ContextScene.json refers to no point clouds.',
  ])
})

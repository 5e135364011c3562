import { expect, test } from 'vitest'
import { parseContextScene } from './context-scene.ts'
import { wholeScene, wholeSceneXml } from './scene-whole.fixture.ts'
import { writeContextScene } from './write-context-scene.ts'

const scene = (inside: string, attributes = 'version="3.0"') =>
  `<ContextScene ${attributes}>${inside}</ContextScene>`
const written = (xml: string | Uint8Array) => JSON.parse(writeContextScene(parseContextScene(xml)))

test.each(['3.0', '4.0'])('a scene of version %s says the same as one of JSON', (version) => {
  const xml = wholeSceneXml.replace('version="4.0"', `version="${version}"`)
  const read = parseContextScene(xml)
  expect({ ...read, version: '6.0' }).toEqual(parseContextScene(JSON.stringify(wholeScene())))
  expect(read.version).toBe(version)
  expect(written(xml)).toEqual(wholeScene())
})

test.each([
  ['UTF-8', Buffer.from(wholeSceneXml)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${wholeSceneXml}`)],
  ['UTF-16, little endian', Buffer.from(`\uFEFF${wholeSceneXml.replace('UTF-8', 'UTF-16')}`, 'utf16le')],
  [
    'UTF-16, big endian',
    Buffer.from(`\uFEFF${wholeSceneXml.replace('UTF-8', 'utf-16')}`, 'utf16le').swap16(),
  ],
])('reads bytes in %s', (_, bytes) => {
  expect(written(bytes)).toEqual(wholeScene())
})

const box = '<Box2D><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></Box2D>'
const object2D = (labelId: number, id = '') =>
  `<Object2D${id}><LabelInfo><LabelId>${labelId}</LabelId></LabelInfo>${box}</Object2D>`
const inPhoto = (photoId: number, inside: string) =>
  `<ObjectsInPhoto><PhotoId>${photoId}</PhotoId>${inside}</ObjectsInPhoto>`

test.each([
  ['annotations', (inside: string) => `<Annotations>${inside}</Annotations>`],
  [
    'an element in annotations',
    (inside: string) => `<Annotations><Objects2D>${inside}</Objects2D></Annotations>`,
  ],
  ['elements elsewhere', (inside: string) => `<A><B>${inside}</B></A>`],
  ['nothing but the scene', (inside: string) => inside],
])('annotations of photos are found in %s', (_, enclose) => {
  const segmentation = '<PhotoSegmentation><PhotoId>5</PhotoId><Path>0:a.png</Path></PhotoSegmentation>'
  const { Annotations, ...others } = parseContextScene(
    scene(enclose(inPhoto(0, object2D(1)) + segmentation + inPhoto(3, object2D(2)))),
  )
  expect([...Annotations!.Objects2D!.keys()]).toEqual(['0', '3'])
  expect(Annotations!.Objects2D!.get('3')!.get('0')!.LabelInfo.LabelId).toBe(2)
  expect([...Annotations!.Segmentation2D!]).toEqual([['5', { Path: '0:a.png' }]])
  expect(Object.keys(Annotations!).sort()).toEqual(['Objects2D', 'Segmentation2D'])
  expect(others).toEqual({ version: '3.0' })
})

test('objects without an id are counted, over all elements of their photo', () => {
  const xml = scene(inPhoto(0, object2D(1) + object2D(2, ' id="g"')) + inPhoto(0, object2D(3)))
  const objects = parseContextScene(xml).Annotations!.Objects2D!.get('0')!
  expect([...objects].map(([id, { LabelInfo }]) => [id, LabelInfo.LabelId])).toEqual([
    ['0', 1],
    ['g', 2],
    ['2', 3],
  ])
})

test('4.0 may say the system of each annotation', () => {
  const [point, diameter] = ['<Position><x>0</x><y>0</y><z>0</z></Position>', '<Diameter>1</Diameter>']
  const line = `<LabelInfo><LabelId>1</LabelId></LabelInfo><Length>0</Length><MeanDiameter>1</MeanDiameter>
    <MaxDiameter>1</MaxDiameter><Vertices><Vertex id="0">${point}${diameter}</Vertex></Vertices><Segments/>`
  const xml = `<Annotations><Lines3D><SRSId>1</SRSId><Lines><Line id="g"><SRSId>2</SRSId>${line}</Line></Lines></Lines3D></Annotations>`
  const { SRSId, Lines } = parseContextScene(scene(xml, 'version="4.0"')).Annotations!.Lines3D!
  expect([SRSId, Lines.get('g')!.SRSId, Lines.get('g')!.Segments]).toEqual([1, 2, []])
})

test('lines in a file of their own are its path', () => {
  const xml = scene('<Annotations><Lines3D><SRSId>0</SRSId><Path>0:lines.dgn</Path></Lines3D></Annotations>')
  expect(parseContextScene(xml).Annotations!.Lines3D!.Path).toBe('0:lines.dgn')
})

test('unknown elements and attributes are kept, as JSON can say them', () => {
  const xml = scene(
    `<Vendor><Count>5</Count><Item a="1">x</Item><Item/></Vendor>
     <PhotoCollection note="n"><Photos count="1"><Photo id="0" used="true"><ImagePath unit="px">a.jpg</ImagePath>
       <Exif><ISO>100</ISO></Exif></Photo></Photos></PhotoCollection>
     <Annotations><Objects2D><Author>me</Author>${inPhoto(0, `${object2D(1)}<Seen>yes</Seen>`)}</Objects2D></Annotations>`,
    'version="4.0" generator="g" xmlns="urn:x" xmlns:y="urn:y"',
  )
  const { Annotations, ...others } = written(xml)
  expect(others).toEqual({
    version: '6.0',
    '@generator': 'g',
    Vendor: { Count: '5', Item: [{ '@a': '1', '#text': 'x' }, ''] },
    PhotoCollection: {
      '@note': 'n',
      Photos: {
        '0': { '@used': 'true', ImagePath: 'a.jpg', 'ImagePath@unit': 'px', Exif: { ISO: '100' } },
      },
      'Photos@count': '1',
    },
  })
  expect(Annotations).toMatchObject({
    'Objects2D#other': { Author: 'me' },
    ObjectsInPhoto: { PhotoId: '0', Seen: 'yes' },
  })
  expect(parseContextScene(JSON.stringify(written(xml)))).toEqual({
    ...parseContextScene(xml),
    version: '6.0',
  })
})

test('names that JavaScript knows are names like any other', () => {
  const xml = scene(
    `<__proto__><polluted>1</polluted></__proto__><constructor/><toString>x</toString>
     <References><Reference id="0" __proto__="p"><Path>rds:x</Path></Reference></References>`,
  )
  const read = parseContextScene(xml)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  expect(Object.keys(read).sort()).toEqual(['References', '__proto__', 'constructor', 'toString', 'version'])
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
  expect(read.References!.get('0')).toEqual({ '@__proto__': 'p', Path: 'rds:x' })
})

const cloud = (inside: string, id = 'id="0"') =>
  scene(
    `<PointCloudCollection><PointClouds><PointCloud ${id}>${inside}</PointCloud></PointClouds></PointCloudCollection>`,
  )
const inCloud = '/ContextScene/PointCloudCollection/PointClouds/PointCloud[@id="0"]'
const firstId = '/ContextScene/PointCloudCollection/PointClouds/*[1]/@id'

// biome-ignore format: one line each
const refused: [what: string, xml: string | Uint8Array, code: string, message: string][] = [
  ['another root', '<Scene version="3.0"/>', 'Invalid', '/Scene: expected <ContextScene>'],
  ['no version', '<ContextScene/>', 'Unsupported', '/ContextScene/@version: expected 3.0 or 4.0, got nothing'],
  ['a version of JSON', scene('', 'version="6.0"'), 'Unsupported', '/ContextScene/@version: expected 3.0 or 4.0, got 6.0'],
  ['a cloud without path', cloud(''), 'Invalid', `${inCloud}/Path: expected an element, got none`],
  ['a cloud with two paths', cloud('<Path>a</Path><Path>b</Path>'), 'Invalid', `${inCloud}/Path: expected one such element, got another`],
  ['a path of elements', cloud('<Path><a/></Path>'), 'Invalid', `${inCloud}/Path: expected text alone, got <a>`],
  ['an id that is no number', cloud('<Path>a</Path>', 'id="x1"'), 'Invalid', `${firstId}: expected a whole number, got "x1"`],
  ['an id with a fraction', cloud('<Path>a</Path>', 'id="1.0"'), 'Invalid', `${firstId}: expected a whole number, got "1.0"`],
  ['no id', cloud('<Path>a</Path>', ''), 'Invalid', `${firstId}: expected a whole number, got none`],
  ['an id twice', scene( '<References><Reference id="0"><Path>a</Path></Reference><Reference id=" 0 "><Path>b</Path></Reference></References>', ), 'Invalid', '/ContextScene/References/*[2]/@id: expected an id of its own, got again "0"'],
  ['an SRSId with a point', cloud('<Path>a</Path><SRSId>0.0</SRSId>'), 'Invalid', `${inCloud}/SRSId: expected a whole number, got "0.0"`],
  ['a number with a comma', cloud('<Path>a</Path><Center><x>1,5</x><y>0</y><z>0</z></Center>'), 'Invalid', `${inCloud}/Center/x: expected a number, got "1,5"`],
  ['NaN', cloud('<Path>a</Path><Center><x>NaN</x><y>0</y><z>0</z></Center>'), 'Invalid', `${inCloud}/Center/x: expected a number, got "NaN"`],
  ['a number beyond numbers', cloud('<Path>a</Path><Center><x>1e999</x><y>0</y><z>0</z></Center>'), 'Invalid', `${inCloud}/Center/x: expected a number, got Infinity`],
  ['a label that is maybe one', scene( '<Annotations><Labels><Label id="1"><Name>a</Name><Line>maybe</Line></Label></Labels></Annotations>', ), 'Invalid', '/ContextScene/Annotations/Labels/Label[@id="1"]/Line: expected true or false, got "maybe"'],
  ['objects of no photo', scene(`<ObjectsInPhoto>${object2D(1)}</ObjectsInPhoto>`), 'Invalid', '/ContextScene/Annotations/Objects2D/*[1]/@id: expected a whole number, got ""'],
  ['a photo segmented twice', scene('<PhotoSegmentation><PhotoId>1</PhotoId><Path>a</Path></PhotoSegmentation>'.repeat(2)), 'Invalid', '/ContextScene/Annotations/Segmentation2D/*[2]/@id: expected an id of its own, got again "1"'],
  ['text among photos', scene('<PhotoCollection><Photos>none</Photos></PhotoCollection>'), 'Invalid', '/ContextScene/PhotoCollection/Photos: expected elements, got "none"'],
  ['two collections', scene('<PhotoCollection/><PhotoCollection/>'), 'Invalid', '/ContextScene/PhotoCollection: expected one such element, got another'],
  ['an end too few', '<ContextScene version="3.0"><References>', 'Corrupt', 'XML, character 40: expected </References>, got ""'],
]

test.each(refused)('%s is refused with its place', (_, xml, code, message) => {
  expect(() => parseContextScene(xml)).toThrow(
    expect.objectContaining({ name: 'FormatError', code, message }),
  )
})

test('a segment to a vertex that is not there is refused with its place', () => {
  const xml = wholeSceneXml.replace('<VertexId2>2</VertexId2>', '<VertexId2>9</VertexId2>')
  const message =
    '/ContextScene/Annotations/Lines3D/Lines/Line[@id="guid-e"]/Segments/*[2]: expected vertices of this line, got 9'
  expect(() => parseContextScene(xml)).toThrow(expect.objectContaining({ message }))
})

test('beyond the number of values of the caller, elements are not read', () => {
  expect(() => parseContextScene(wholeSceneXml, { mostValues: 100 })).toThrow(/at most 100 elements/)
})

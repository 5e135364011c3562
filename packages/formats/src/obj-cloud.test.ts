import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { FormatError } from './format-error.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'
import { sampleCentres } from './sample-centres.fixture.ts'

const cloud = (text: string) => convertBytes(Buffer.from(text), { format: 'obj' })
const surface = (text: string) =>
  convertBytes(Buffer.from(text), { format: 'obj', sampleMesh: sampleCentres })

test('vertices with colours and normals beside them are points with both', async () => {
  const { points } = await cloud(
    '# a\nmtllib a.mtl\no thing\nvn 0 0 1\nv 1 2 3 1 0 0.5\nvn 0.6 0 -0.8\nv 4.5 5 6 0 1 1\nvt 0 0\n',
  )
  expect(points.map(({ place, rgb, extra }) => [place, rgb, extra])).toEqual([
    [[1, 2, 3], [65535, 0, 32768], { nx: 0, ny: 0, nz: 1 }],
    [[4.5, 5, 6], [0, 65535, 65535], { nx: Math.fround(0.6), ny: 0, nz: Math.fround(-0.8) }],
  ])
})

test('normals that are of faces are left out, and that is said', async () => {
  const { points, warnings } = await cloud('v 1 2 3\nv 4 5 6\nvn 0 0 1\n')
  expect(points.map(({ extra }) => extra)).toEqual([{}, {}])
  expect(warnings).toEqual(['the 1 normals are left out: they do not stand beside their vertices'])
})

test('more vertices than a batch holds keep their order', async () => {
  const count = 70_000
  const lines = Array.from({ length: count }, (_, i) => `v ${i} 0 ${-i}`)
  const { points, header } = await cloud(`${lines.join('\n')}\n`)
  expect(header.pointCount).toBe(count)
  expect(points.every(({ place }, i) => place[0] === i && place[2] === -i)).toBe(true)
})

const square = 'v 0 0 0\nv 3 0 0\nv 3 3 0\nv 0 3 3\n'

test.each([
  ['vertices', 'f 1 2 3\nf 1 3 4\n'],
  ['vertices and textures', 'f 1/9 2/9 3/9\nf 1/1 3/1 4/1\n'],
  ['vertices and normals', 'f 1//9 2//9 3//9\nf 1//1 3//1 4//1\n'],
  ['all three', 'f 1/7/9 2/7/9 3/7/9\nf 1/7/1 3/7/1 4/7/1\n'],
  ['numbers backwards from the last vertex', 'f -4 -3 -2\nf -4 -2 -1\n'],
  ['a polygon', 'f 1 2 3 4\n'],
])('faces of %s are triangles', async (_, faces) => {
  const { points, warnings } = await surface(square + faces)
  expect(points.map(({ place }) => place)).toEqual([
    [2, 1, 0],
    [1, 2, 1],
  ])
  expect(warnings).toEqual([])
})

test('a number backwards counts from where the face stands', async () => {
  const { points } = await surface(`${square}f -4 -3 -2\nv 9 9 9\nf -4 -3 -2\n`)
  expect(points.map(({ place }) => place)).toEqual([
    [2, 1, 0],
    [2, 2, 1],
  ])
})

test('colours at the corners of a face are mixed between them', async () => {
  const { points } = await surface('v 0 0 0 1 0 0\nv 3 0 0 0 1 0\nv 0 3 0 0 0 1\nf 1 2 3\n')
  expect(points[0]!.rgb).toEqual([21845, 21845, 21845])
})

test('without a way to sample a surface its corners are the points, and that is said', async () => {
  const { points, warnings } = await cloud(`${square}f 1 2 3\n`)
  expect(points.length).toBe(4)
  expect(warnings).toEqual(['the 1 faces are left out: the points are their corners'])
})

test.each([
  ['a vertex of two numbers', 'v 1 2\n', 'Corrupt', 'line 1'],
  ['a vertex of five numbers', 'v 1 2 3 4 5\n', 'Corrupt', 'line 1'],
  ['vertices of unequal length', 'v 1 2 3\nv 1 2 3 1 1 1\n', 'Corrupt', 'line 2'],
  ['a word for a number', 'v 1 2 3\nv 1 two 3\n', 'Corrupt', 'line 2'],
  ['a place that is no number', 'v 1 2 nan\nv 1 2 3\n', 'Corrupt', 'line 1'],
  ['a vertex that is not there', `${square}f 1 2 5\n`, 'Corrupt', 'line 5'],
  ['a vertex behind its face', `f 1 2 -1\n${square}`, 'Corrupt', 'line 1'],
  ['a vertex zero', `${square}f 0 1 2\n`, 'Corrupt', 'line 5'],
  ['half a vertex', `${square}f 1 2 1.5\n`, 'Corrupt', 'line 5'],
  ['a face of two corners', `${square}f 1 2\n`, 'Corrupt', 'line 5'],
  ['a curved surface', `${square}surf 0 1 0 1 1 2\n`, 'Unsupported', 'line 5'],
  ['a continued line', 'v 1 2 \\\n3\n', 'Unsupported', 'line 1'],
  ['another text', 'Dear surveyor\n', 'NotAPointCloud', 'line 1'],
  ['no vertices', 'o thing\n', 'NotAPointCloud', 'file'],
  ['nothing', '', 'NotAPointCloud', 'file'],
])('%s is refused by its line', async (_, text, code, place) => {
  const error = await surface(text).then(
    () => expect.unreachable('it was read'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(FormatError)
  expect(error).toMatchObject({ code, place, message: expect.stringMatching(/expected .*, got /) })
})

test.skipIf(withoutRealData)(`a file of another program is a cloud or a surface${realDataNote}`, async () => {
  const bytes = await readFile(pointCloudFile('formats/1.2-with-color.obj'))
  const { points: corners } = await convertBytes(bytes, { name: 'a.obj' })
  const { points: centres } = await convertBytes(bytes, { name: 'a.obj', sampleMesh: sampleCentres })
  expect([corners.length, centres.length]).toEqual([911, 1672])
  expect(corners[0]).toMatchObject({ rgb: [65535, 0, 0] })
})

import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { FormatError } from './format-error.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const convert = (text: string) => convertBytes(Buffer.from(text), { format: 'xyz' })

const places = [
  [1.5, -2.25, 3],
  [4, 5, -6e-3],
]

test.each([
  ['spaces', '1.5 -2.25 3\n4 5 -6e-3\n'],
  ['several blanks, and none at the end', '  1.5   -2.25\t3  \r\n\r\n4 5 -6e-3'],
  ['commas', '1.5,-2.25,3\n4, 5, -6e-3\n'],
  ['semicolons', '1.5;-2.25;3;\n4 ; 5 ; -6e-3\n'],
  ['tabs', '1.5\t-2.25\t3\n4\t5\t-6e-3\n'],
  ['remarks', '# made by hand\n// 7 8 9\n1.5 -2.25 3\n% 1\n4 5 -6e-3\n'],
  ['a mark of UTF-8', '\ufeff1.5 -2.25 3\n4 5 -6e-3\n'],
  ['the number of points before', '2\n1.5 -2.25 3\n4 5 -6e-3\n'],
  ['names in another order', 'Z [m];"Y";x\n3;-2.25;1.5\n-6e-3;5;4\n'],
  ['names in a remark', '//Z Y X\n3 -2.25 1.5\n-6e-3 5 4\n'],
  ['names of surveyors', 'Easting,Northing,Elevation\n1.5,-2.25,3\n4,5,-6e-3\n'],
])('text with %s', async (_, text) => {
  const { points, header } = await convert(text)
  expect(points.map(({ place }) => place)).toEqual(places)
  expect(header.pointFormat).toBe(6)
})

test('columns without names are an intensity, colours, or both', async () => {
  const { points: four } = await convert('1 2 3 0.5\n1 2 3 1\n')
  expect(four.map(({ intensity }) => intensity)).toEqual([32768, 65535])
  const { points: more } = await convert('1 2 3 0.4\n1 2 3 1200.6\n')
  expect(more.map(({ intensity }) => intensity)).toEqual([0, 1201])
  const { points: six } = await convert('1 2 3 255 0 128\n')
  expect(six[0]!.rgb).toEqual([65535, 0, 128 * 257])
  const { points: seven } = await convert('1 2 3 1200 65535 0 256\n')
  expect([seven[0]!.intensity, ...seven[0]!.rgb!]).toEqual([1200, 65535, 0, 256])
})

test('six columns that are no colours stay numbers under the names of their places', async () => {
  const { points } = await convert('1 2 3 0.5 -0.5 0.75\n')
  expect(points[0]).toMatchObject({ extra: { column4: 0.5, column5: -0.5, column6: 0.75 } })
  expect(points[0]!.rgb).toBeUndefined()
})

test('named columns go where they mean to, the others into extra bytes with every digit', async () => {
  const text =
    'x,y,z,GPS_time,Classification,return_number,number_of_returns,user data,point_source_id,scan_angle,scalar_C2C,nan\n' +
    '1,2,3,400000000.123456,9,2,3,17,65535,-12,0.1234567890123456,nan\n' +
    '4,5,6,400000000.5,255,1,1,0,0,90,1e-20,1\n'
  const { points } = await convert(text)
  expect(points[0]).toEqual({
    place: [1, 2, 3],
    intensity: 0,
    gpsTime: 400000000.123456,
    classification: 9,
    returns: [2, 3],
    userData: 17,
    sourceId: 65535,
    scanAngle: -2000,
    extra: { scalar_C2C: 0.1234567890123456, nan: Number.NaN },
  })
  expect(points[1]).toMatchObject({
    classification: 255,
    returns: [1, 1],
    extra: { scalar_C2C: 1e-20, nan: 1 },
  })
})

test('an intensity below nothing or beyond 16 bits is stretched over them', async () => {
  const { points } = await convert('1 2 3 -2048\n1 2 3 2047\n1 2 3 -0.5\n')
  expect(points.map(({ intensity }) => intensity)).toEqual([0, 65535, 32768])
})

test('values that do not fit their dimension stay under their name', async () => {
  const { points } = await convert('x y z class r g b\n1 2 3 300 -1 0 0\n4 5 6 0.5 1 2 3\n')
  expect(points.map(({ extra }) => extra)).toEqual([
    { class: 300, r: -1, g: 0, b: 0 },
    { class: 0.5, r: 1, g: 2, b: 3 },
  ])
})

test.each([
  ['a bad number', '1 2 3\n1 2 3\n1 2 x\n', 'Corrupt', 'line 3', '"x"'],
  ['a short line', '1 2 3\n1 2\n', 'Corrupt', 'line 2', 'expected 3 numbers, got 2'],
  ['a long line', '1 2 3\n1 2 3 4\n', 'Corrupt', 'line 2', 'expected 3 numbers, got more'],
  ['a bad line behind the names', 'x y z\n1 2 a\n1 2 3\n', 'Corrupt', 'line 2', '"1 2 a"'],
  ['a place that is no number', '1 2 3\n1 nan 3\n', 'Corrupt', 'point 2', 'finite y'],
  ['an endless place', '1 2 3\n1 2 -inf\n', 'Corrupt', 'point 2', 'got -Infinity'],
  ['a place beyond all places', '1e300 2 3\n', 'Corrupt', 'point 1', 'got 1e+300'],
  ['decimal commas', '1,5 2,5 3,5\n', 'Unsupported', 'line 1', 'decimal comma of 1,5'],
  ['decimal commas between semicolons', '1,5;2,5;3,5\n', 'Unsupported', 'line 1', 'decimal comma of 1,5'],
  ['decimal commas later on', '1;2;3\n1;2;3,5\n', 'Corrupt', 'line 2', '"3,5"'],
  ['a blank inside a number', '1,2,3\n1,2,3 5\n', 'Corrupt', 'line 2', '"3 5"'],
  ['two columns', '1 2\n3 4\n', 'Corrupt', 'line 1', 'three coordinates or more'],
  ['no names of places', 'lat,lon,height\n1,2,3\n', 'NotAPointCloud', 'line 1', 'columns x, y and z'],
  ['more names than numbers', 'x y z i\n1 2 3\n', 'Corrupt', 'line 2', 'expected 4 numbers'],
  ['another number of points than it says', '3\n1 2 3\n1 2 3\n', 'Corrupt', 'line 1', 'got 3'],
  ['a letter', 'Dear surveyor,\n', 'NotAPointCloud', 'line 1', 'Dear surveyor'],
  ['a photo', '\u00ff\u00d8\u0000\u0001JFIF', 'NotAPointCloud', 'line 1', 'bytes that are no text'],
  ['nothing', '', 'NotAPointCloud', 'line 1', 'an empty file'],
  ['remarks only', '# 1\n# 2\n', 'NotAPointCloud', 'line 1', 'got none'],
  ['a line without end', `1 2 3\n${'9'.repeat(2_200_000)}`, 'Corrupt', 'line 2', 'at most 1048576 bytes'],
])('%s is refused by its line', async (_, text, code, place, problem) => {
  const error: FormatError = await convert(text).then(
    () => expect.unreachable('it was read'),
    (error) => error,
  )
  expect(error).toBeInstanceOf(FormatError)
  expect(error).toMatchObject({ code, place, message: expect.stringContaining(problem) })
})

test.skipIf(withoutRealData)(
  `a real file keeps its places to the step of the scale${realDataNote}`,
  async () => {
    const bytes = await readFile(pointCloudFile('change/plane/plane_horizontal_t2.xyz'))
    const { points, header } = await convertBytes(bytes, { name: 'plane.xyz' })
    const lines = bytes.toString().trim().split('\n')
    expect(header.scale).toEqual([1e-8, 1e-8, 1e-8])
    expect(points.length).toBe(lines.length)
    for (const [i, line] of lines.entries()) {
      for (const [axis, word] of line.split(' ').entries())
        expect(Math.abs(points[i]!.place[axis]! - Number(word))).toBeLessThanOrEqual(0.51e-8)
    }
  },
)

import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { wktOfEpsg } from './crs-encode.ts'
import { crc32c } from './crc32c.ts'
import { encodeE57, plainCrc32c } from './e57.fixture.ts'
import type { E57Fixture, E57FixtureField, E57FixtureScan } from './e57.fixture.ts'
import { FormatError } from './format-error.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const convert = (fixture: E57Fixture) => convertBytes(encodeE57(fixture), { format: 'e57' })

const xyz = (kind: 'x' | 'single' = 'x'): E57FixtureField[] =>
  ['cartesianX', 'cartesianY', 'cartesianZ'].map((name) => ({
    name,
    kind: 'Float',
    single: kind === 'single',
  }))

const field = (name: string, minimum: bigint, maximum: bigint): E57FixtureField => ({
  name,
  kind: 'Integer',
  minimum,
  maximum,
})

test('the checksum is CRC-32C', () => {
  const digits = Buffer.from('123456789')
  expect([crc32c(digits, 0, 9), plainCrc32c(digits)]).toEqual([0xe3069283, 0xe3069283])
  const bytes = Uint8Array.from({ length: 1021 }, (_, i) => (i * 31) & 0xff)
  expect(crc32c(bytes, 3, 1021)).toBe(plainCrc32c(bytes.subarray(3)))
})

test('floats of both lengths, scaled integers, colours, intensity and other numbers', async () => {
  const fields: E57FixtureField[] = [
    { name: 'cartesianX', kind: 'Float' },
    { name: 'cartesianY', kind: 'Float', single: true },
    { name: 'cartesianZ', kind: 'ScaledInteger', minimum: -1000n, maximum: 5000n, scale: 0.01, offset: 7 },
    field('colorRed', 0n, 255n),
    field('colorGreen', 0n, 255n),
    field('colorBlue', 0n, 255n),
    { name: 'intensity', kind: 'Float', single: true },
    field('rowIndex', 0n, 1023n),
    field('columnIndex', -5n, -5n),
    field('returnIndex', 0n, 3n),
    field('returnCount', 1n, 4n),
    { name: 'nor:normalX', kind: 'Float', single: true },
    { name: 'remark', kind: 'String' },
  ]
  const { points, header, warnings } = await convert({
    scans: [
      {
        fields,
        xml: '<intensityLimits type="Structure"><intensityMinimum type="Float">-10</intensityMinimum><intensityMaximum type="Float">10</intensityMaximum></intensityLimits>',
        rows: [
          [1.25, 2.5, -1000, 255, 0, 1, 0, 1023, -5, 1, 2, 0.5, 'a'],
          [-3, 4, 5000, 0, 128, 255, 10, 0, -5, 0, 1, -0.5, ''],
        ],
      },
    ],
  })
  expect(header.extraBytes.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'rowIndex uint16',
    'columnIndex int8',
    'normalX float32',
  ])
  expect(points).toEqual([
    {
      ...{ place: [1.25, 2.5, -3], rgb: [65535, 0, 257], intensity: 32768, returns: [2, 2] },
      ...{ classification: 0, userData: 0, scanAngle: 0, sourceId: 0, gpsTime: 0 },
      extra: { rowIndex: 1023, columnIndex: -5, normalX: 0.5 },
    },
    {
      ...{ place: [-3, 4, 57], rgb: [0, 128 * 257, 65535], intensity: 65535, returns: [1, 1] },
      ...{ classification: 0, userData: 0, scanAngle: 0, sourceId: 0, gpsTime: 0 },
      extra: { rowIndex: 0, columnIndex: -5, normalX: -0.5 },
    },
  ])
  expect(warnings).toEqual(['texts of points are left out: remark'])
})

test.each([1, 2, 3, 7, 8, 9, 13, 16, 24, 25, 26, 31, 32, 33, 40, 47, 53])(
  'whole numbers of %i bits go on over packets and bytes',
  async (bits) => {
    const most = 2n ** BigInt(bits) - 1n
    const values = [
      0n,
      most,
      1n,
      most - 1n,
      most / 3n,
      most / 2n,
      most,
      0n,
      (most * 5n) / 7n,
      1n,
      most,
      most / 5n,
    ]
    const { points } = await convert({
      scans: [
        {
          fields: [...xyz(), field('value', -3n, most - 3n)],
          rows: values.map((value, i) => [i, 0, 0, value - 3n]),
          recordsPerPacket: 5,
          otherPackets: true,
        },
      ],
    })
    expect(points.map(({ extra }) => extra.value)).toEqual(values.map((value) => Number(value - 3n)))
    expect(points.map(({ place }) => place[0])).toEqual(values.map((_, i) => i))
  },
)

test('more bits than a double tells apart are kept as the nearest double', async () => {
  const rows = [
    [1, 2, 3, 2n ** 63n - 1n],
    [1, 2, 3, -(2n ** 63n)],
  ]
  const { points } = await convert({
    scans: [{ fields: [...xyz(), field('value', -(2n ** 63n), 2n ** 63n - 1n)], rows }],
  })
  expect(points.map(({ extra }) => extra.value)).toEqual([2 ** 63, -(2 ** 63)])
})

test('every scan is turned and moved by its pose, and numbered', async () => {
  // A quarter turn around z, then 100 east; the other scan stays where it is.
  const pose = `<pose type="Structure"><rotation type="Structure"><w type="Float">${Math.SQRT1_2}</w><x type="Float"/><y type="Float">0</y><z type="Float">${Math.SQRT1_2}</z></rotation><translation type="Structure"><x type="Float">100</x><y type="Float"/><z type="Float">-1</z></translation></pose>`
  const { points, warnings } = await convert({
    scans: [
      { fields: xyz(), xml: pose, rows: [[1, 2, 3]] },
      { fields: [...xyz('single'), field('rowIndex', 0n, 9n)], rows: [[1, 2, 3, 5]] },
    ],
  })
  expect(points.map(({ place, sourceId, extra }) => [place, sourceId, extra.rowIndex])).toEqual([
    [[98, 1, 2], 1, 0],
    [[1, 2, 3], 2, 5],
  ])
  expect(warnings).toEqual(['0 stands for what not every scan has: rowIndex'])
})

test('ranges and angles become places', async () => {
  const names = ['sphericalRange', 'sphericalAzimuth', 'sphericalElevation']
  const fields = [
    ...names.map((name): E57FixtureField => ({ name, kind: 'Float' })),
    field('sphericalInvalidState', 0n, 2n),
  ]
  const rows = [
    [2, 0, 0, 0],
    [2, Math.PI / 2, 0, 0],
    [9, 9, 9, 1],
    [2, 0, Math.PI / 2, 0],
    [2, Math.PI, -Math.PI / 6, 0],
  ]
  const { points, warnings } = await convert({ scans: [{ fields, rows }] })
  const expected = [
    [2, 0, 0],
    [0, 2, 0],
    [0, 0, 2],
    [-Math.sqrt(3), 0, -1],
  ]
  for (const [i, { place }] of points.entries())
    for (let axis = 0; axis < 3; axis++) expect(place[axis]).toBeCloseTo(expected[i]![axis]!, 8)
  expect(points.length).toBe(4)
  expect(warnings).toEqual(['1 points without a place are left out'])
})

test('points that are nowhere are left out, with all that is known of them, and counted', async () => {
  const fields = [...xyz(), field('cartesianInvalidState', 0n, 2n), field('rowIndex', 0n, 9n)]
  const rows = [
    [1, 1, 1, 0, 1],
    [0, 0, 0, 2, 2],
    [Number.NaN, 0, 0, 1, 3],
    [4, 4, 4, 0, 4],
  ]
  const { points, warnings } = await convert({ scans: [{ fields, rows }] })
  expect(points.map(({ place, extra }) => [place[0], extra.rowIndex])).toEqual([
    [1, 1],
    [4, 4],
  ])
  expect(warnings).toEqual(['2 points without a place are left out'])
})

test('time stamps count from the start of the scan, in seconds of GPS less a billion', async () => {
  const start =
    '<acquisitionStart type="Structure"><dateTimeValue type="Float">1300000000.5</dateTimeValue></acquisitionStart>'
  const fields: E57FixtureField[] = [...xyz(), { name: 'timeStamp', kind: 'Float' }]
  const { points, header } = await convert({ scans: [{ fields, xml: start, rows: [[1, 2, 3, 2.25]] }] })
  expect([points[0]!.gpsTime, header.globalEncoding & 1]).toEqual([300000002.75, 1])
  const without = await convert({ scans: [{ fields, rows: [[1, 2, 3, 2.25]] }] })
  expect([without.points[0]!.extra.timeStamp, without.header.globalEncoding & 1]).toEqual([2.25, 0])
})

test('the coordinate system is kept, and what is none is named', async () => {
  const scans: E57FixtureScan[] = [{ fields: xyz(), rows: [[500000, 5400000, 3]] }]
  const { header, warnings } = await convert({ scans, metadata: wktOfEpsg(32632) })
  expect(header.crs).toMatchObject({ epsg: 32632 })
  expect(warnings).toEqual([])
  const { header: other, warnings: told } = await convert({ scans, metadata: 'here & <there>' })
  expect(other.crs).toBeUndefined()
  expect(told).toEqual(['the coordinate metadata are left out: they are no WKT'])
})

test('many pages and packets of a small size are one stream', async () => {
  const count = 3000
  const rows = Array.from({ length: count }, (_, i) => [i / 2, -i, i * i, i % 5])
  const scan: E57FixtureScan = {
    fields: [...xyz(), field('value', 0n, 4n)],
    rows,
    recordsPerPacket: 97,
    otherPackets: true,
  }
  const { points } = await convert({ scans: [scan], pageBytes: 64 })
  expect(points.length).toBe(count)
  expect(
    points.every(
      ({ place, extra }, i) =>
        place[0] === i / 2 && place[1] === -i && place[2] === i * i && extra.value === i % 5,
    ),
  ).toBe(true)
})

test.skipIf(withoutRealData)(`files of another program: one scan, and two${realDataNote}`, async () => {
  const read = async (name: string) =>
    convertBytes(await readFile(pointCloudFile(`formats/${name}`)), { name })
  const [one, two] = [await read('A4.e57'), await read('A_B.e57')]
  expect([one.points.length, two.points.length]).toEqual([4, 6])
  // The bounds that the XML of the file states.
  const bounds = (axis: number) =>
    [Math.min, Math.max].map((end) => end(...one.points.map(({ place }) => place[axis]!)))
  expect(bounds(0)[0]).toBeCloseTo(-44.9522018, 6)
  expect(bounds(0)[1]).toBeCloseTo(-44.3000984, 6)
  expect(bounds(2)[1]).toBeCloseTo(0.369399995, 6)
  expect(one.points[0]!.rgb).toEqual([0, 65535, 0])
  expect(two.points.map(({ sourceId }) => sourceId)).toEqual([1, 1, 2, 2, 2, 2])
})

describe('hostile E57', () => {
  const scan = (more: Partial<E57FixtureScan> = {}): E57FixtureScan => ({
    fields: [...xyz(), field('value', 0n, 100n)],
    rows: [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ],
    ...more,
  })
  const u64 = (at: number, value: bigint) => (bytes: Buffer) => void bytes.writeBigUInt64LE(value, at)
  const u16 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt16LE(value, at)
  const [section, packet] = [48, 80]
  const swap = (from: string | RegExp, to: string) => (xml: string) => xml.replace(from, to)
  const cases: [
    name: string,
    fixture: Omit<E57Fixture, 'scans'> & { scan?: E57FixtureScan },
    code: string,
    place: string,
  ][] = [
    ['a length of another file', { changeBytes: u64(16, 4096n) }, 'Corrupt', 'byte 16'],
    ['a page length of nothing', { changeBytes: u64(40, 0n) }, 'Corrupt', 'byte 40'],
    ['pages that are the whole world', { changeBytes: u64(40, 2n ** 40n) }, 'Corrupt', 'byte 40'],
    ['XML beyond the file', { changeBytes: u64(24, 2n ** 50n) }, 'Corrupt', 'byte 24'],
    ['more XML than the file has', { changeBytes: u64(32, 2n ** 45n) }, 'Corrupt', 'byte 32'],
    ['version 2', { changeBytes: (bytes) => void bytes.writeUInt32LE(2, 8) }, 'Unsupported', 'byte 8'],
    [
      'entities',
      { changeXml: swap('<e57Root', '<!DOCTYPE a [<!ENTITY b "cc">]><e57Root') },
      'Unsupported',
      'XML',
    ],
    [
      'elements inside each other',
      { changeXml: swap('<data3D', `${'<a>'.repeat(40)}${'</a>'.repeat(40)}<data3D`) },
      'Unsupported',
      'XML, character 3',
    ],
    [
      'a million elements',
      { changeXml: swap('<data3D', `${'<a/>'.repeat(600_000)}<data3D`) },
      'Unsupported',
      'XML, character',
    ],
    [
      'more points than the section holds',
      { scan: scan({ statedCount: 1_000_000_000n }) },
      'Corrupt',
      'scan 1',
    ],
    [
      'a number of points that is none',
      { changeXml: swap('recordCount="2"', 'recordCount="-2"') },
      'Corrupt',
      'scan 1, recordCount',
    ],
    [
      'points of no bits',
      {
        scan: {
          fields: ['cartesianX', 'cartesianY', 'cartesianZ'].map((name) => field(name, 1n, 1n)),
          rows: [[1, 1, 1]],
          statedCount: 10n ** 15n,
        },
      },
      'Corrupt',
      'scan 1',
    ],
    [
      'a section at the end of the world',
      { changeXml: swap(/fileOffset="\d+"/, 'fileOffset="9007199254740991"') },
      'Corrupt',
      'scan 1',
    ],
    [
      'a section inside a checksum',
      { changeXml: swap(/fileOffset="\d+"/, 'fileOffset="1021"') },
      'Corrupt',
      'scan 1',
    ],
    [
      'a section that is none',
      { changeXml: swap(/fileOffset="\d+"/, 'fileOffset="88"') },
      'Corrupt',
      'scan 1',
    ],
    ['a section longer than the file', { changeBytes: u64(section + 8, 2n ** 40n) }, 'Corrupt', 'scan 1'],
    [
      'packets before their section',
      { changeBytes: u64(section + 16, 48n) },
      'Corrupt',
      'scan 1, byte 48 without checksums',
    ],
    [
      'a packet of an unknown type',
      { changeBytes: (bytes) => void bytes.writeUInt8(7, packet) },
      'Corrupt',
      'scan 1, byte 80 without checksums',
    ],
    [
      'a packet that is not whole words',
      { changeBytes: u16(packet + 2, 4) },
      'Corrupt',
      'scan 1, byte 80 without checksums',
    ],
    [
      'a packet that goes on behind the section',
      { changeBytes: u16(packet + 2, 0xffff) },
      'Corrupt',
      'scan 1, byte 80 without checksums',
    ],
    ['another number of streams', { changeBytes: u16(packet + 4, 9) }, 'Corrupt', 'scan 1'],
    ['a stream beyond its packet', { changeBytes: u16(packet + 6, 0xffff) }, 'Corrupt', 'scan 1'],
    ['a stream that is cut', { changeBytes: u16(packet + 12, 0) }, 'Corrupt', 'scan 1'],
    [
      'a maximum below the minimum',
      { changeXml: swap('maximum="100"', 'maximum="-100"') },
      'Corrupt',
      'scan 1, value',
    ],
    [
      'numbers of seventy bits',
      { changeXml: swap('maximum="100"', 'maximum="99999999999999999999"') },
      'Corrupt',
      'scan 1, value',
    ],
    [
      'an unknown codec',
      { changeXml: swap('<codecs type="Vector"/>', '<codecs type="Vector"><a><zip/></a></codecs>') },
      'Unsupported',
      'scan 1',
    ],
    ['no coordinates', { changeXml: swap('<cartesianX', '<other') }, 'Corrupt', 'scan 1'],
    [
      'a pose that turns by nothing',
      { scan: scan({ xml: '<pose><rotation><w>0</w></rotation></pose>' }) },
      'Corrupt',
      'scan 1, pose',
    ],
    ['a place that is no number', { scan: scan({ rows: [[1, Number.NaN, 3, 4]] }) }, 'Corrupt', 'point 1'],
    [
      'an endless place',
      {
        scan: scan({
          rows: [
            [1, 2, 3, 4],
            [Infinity, 2, 3, 4],
          ],
        }),
      },
      'Corrupt',
      'point 2',
    ],
    ['no scans', { changeXml: swap(/<vectorChild.*<\/vectorChild>/, '') }, 'NotAPointCloud', 'points'],
  ]
  test.each(cases)('%s', async (_, { scan: only, ...fixture }, code, place) => {
    const error = await convert({ scans: [only ?? scan()], ...fixture }).then(
      () => expect.unreachable('it was read'),
      (error) => error,
    )
    expect(error).toBeInstanceOf(FormatError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(/expected /) })
    expect(error.place.startsWith(place), error.place).toBe(true)
  })

  test('a page with one wrong bit is refused by its place', async () => {
    const bytes = encodeE57({ scans: [scan()] })
    bytes[100]! ^= 4
    const converting = convertBytes(bytes, { format: 'e57' })
    await expect(converting).rejects.toMatchObject({ code: 'Corrupt', place: 'byte 0' })
  })
})

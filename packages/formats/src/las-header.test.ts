import { describe, expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import { encodeExtraBytesField } from './las-extra-bytes.ts'
import { readLasHeader } from './las-header.ts'
import { encodeLas, headerBytes, recordBytes } from './las.fixture.ts'
import type { LasFixture } from './las.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const points: [number, number, number][] = [
  [-100, 200, 5],
  [300, -400, 7],
  [0, 0, -2],
]

function readFixture(fixture: Partial<LasFixture> = {}, damage: (bytes: Buffer) => void = () => {}) {
  const bytes = encodeLas({ minor: 4, pointFormat: 6, points, ...fixture })
  damage(Buffer.from(bytes.buffer))
  return readLasHeader(memorySource(bytes))
}

describe.each([0, 1, 2, 3, 4])('LAS 1.%i', (minor) => {
  const formats = recordBytes.map((_, format) => format).filter((format) => minor === 4 || format < 6)
  test.each(formats)('reads the header of point format %i', async (pointFormat) => {
    const header = await readFixture({ minor, pointFormat })
    expect(header).toMatchObject({
      versionMinor: minor,
      pointFormat,
      pointRecordLength: recordBytes[pointFormat],
      pointCount: 3,
      pointDataOffset: headerBytes[minor],
      compressed: false,
      scale: [0.01, 0.01, 0.01],
      offset: [1000, 2000, 30],
      systemIdentifier: 'fixture',
    })
    expect(header.bounds.min).toEqual([999, 1996, 29.98])
    expect(header.bounds.max).toEqual([1003, 2002, 30.07])
    expect(header.crs).toBeUndefined()
  })
})

test('VLRs come in file order, EVLRs after them', async () => {
  const record = (recordId: number, size: number) => ({
    userId: 'test',
    recordId,
    data: new Uint8Array(size).fill(recordId),
  })
  const header = await readFixture({ vlrs: [record(1, 10), record(2, 0)], evlrs: [record(3, 70_000)] })
  expect(header.vlrs.map(({ recordId, extended, sizeBytes }) => [recordId, extended, sizeBytes])).toEqual([
    [1, false, 10],
    [2, false, 0],
    [3, true, 70_000],
  ])
  expect(header.vlrs[2]!.data!.every((byte) => byte === 3)).toBe(true)
})

test('extra bytes have their names, types and places', async () => {
  const data = Buffer.concat([
    encodeExtraBytesField({ name: 'echo', description: 'echo width', type: 'uint16' }),
    encodeExtraBytesField({ name: 'raw', description: '', type: 'bytes', sizeBytes: 3 }),
  ])
  const header = await readFixture({ extra: 5, vlrs: [{ userId: 'LASF_Spec', recordId: 4, data }] })
  const common = { components: 1 }
  expect(header.extraBytes).toEqual([
    { ...common, name: 'echo', description: 'echo width', type: 'uint16', offsetBytes: 30, sizeBytes: 2 },
    { ...common, name: 'raw', description: '', type: 'bytes', offsetBytes: 32, sizeBytes: 3 },
  ])
})

describe('refuses', () => {
  const f64 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeDoubleLE(value, at)
  const u32 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt32LE(value, at)
  const u16 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt16LE(value, at)
  const u8 = (at: number, value: number) => (bytes: Buffer) => void bytes.writeUInt8(value, at)
  test.each([
    ['another kind of file', u8(0, 0x50), 'NotAPointCloud', 'byte 0'],
    ['version 2.0', u8(24, 2), 'Unsupported', 'byte 24'],
    ['version 1.5', u8(25, 5), 'Unsupported', 'byte 24'],
    ['a header shorter than its version has', u16(94, 227), 'Corrupt', 'byte 94'],
    ['points that start inside the header', u32(96, 300), 'Corrupt', 'byte 96'],
    ['points that start after the file', u32(96, 0x7fffffff), 'Corrupt', 'byte 96'],
    ['more VLRs than bytes before the points', u32(100, 0xffffffff), 'Corrupt', 'byte 100'],
    ['point format 11', u8(104, 11), 'Unsupported', 'byte 104'],
    ['records shorter than their format', u16(105, 29), 'Corrupt', 'byte 105'],
    ['more points than the file holds', u32(247, 4), 'Corrupt', 'byte 247'],
    ['2^60 points', u32(251, 1 << 28), 'Corrupt', 'byte 247'],
    ['a scale of zero', f64(139, 0), 'Corrupt', 'byte 139'],
    ['a scale that is not a number', f64(131, Number.NaN), 'Corrupt', 'byte 131'],
    ['an infinite offset', f64(163, Infinity), 'Corrupt', 'byte 163'],
    ['bounds that are not numbers', f64(195, Number.NaN), 'Corrupt', 'byte 195'],
    ['a minimum above the maximum', f64(187, 1e9), 'Corrupt', 'byte 179'],
    ['EVLRs beyond the file', u32(243, 1), 'Corrupt', 'byte 235'],
    ['a compressed file without LASzip VLR', u8(104, 0x80 | 6), 'Corrupt', 'LASzip VLR'],
  ] as const)('%s', async (_, damage, code, place) => {
    if (place === 'byte 235') {
      const late = (bytes: Buffer) => {
        damage(bytes)
        bytes.writeBigUInt64LE(BigInt(bytes.length - 10), 235)
      }
      await expect(readFixture({}, late)).rejects.toMatchObject({ code, place })
      return
    }
    await expect(readFixture({}, damage)).rejects.toMatchObject({ name: 'FormatError', code, place })
  })

  test('a VLR that runs into the points', async () => {
    const vlrs = [{ userId: 'x', recordId: 1, data: new Uint8Array(10) }]
    await expect(readFixture({ vlrs }, u16(375 + 20, 11))).rejects.toMatchObject({
      code: 'Corrupt',
      place: 'byte 395',
    })
  })

  test('extra bytes that do not fit into the record', async () => {
    const data = encodeExtraBytesField({ name: 'a', description: '', type: 'float64' })
    const vlrs = [{ userId: 'LASF_Spec', recordId: 4, data }]
    await expect(readFixture({ extra: 7, vlrs })).rejects.toMatchObject({ place: 'extra bytes VLR' })
  })

  test.each([0, 3, 4, 100, 226, 300])('a file cut at byte %i', async (size) => {
    const bytes = encodeLas({ minor: 4, pointFormat: 6, points }).subarray(0, size)
    await expect(readLasHeader(memorySource(bytes))).rejects.toMatchObject({ name: 'FormatError' })
  })
})

test.skipIf(withoutRealData).each([
  ['formats/1.2-with-color.las', 2, 3, 1065, undefined],
  ['formats/1.2-with-color.copc.laz', 4, 7, 1065, 2991],
  ['formats/ellipsoid.copc.laz', 4, 7, 100_000, 3857],
  ['isprs/samp11-utm.laz', 2, 0, 38_010, 32632],
  ['epochs-real/TTP_15.laz', 4, 6, 89_815, 26917],
  ['change/site4_epoch1.las', 4, 6, 258_500, 32632],
  ['buildings/ahn_2386_9702.laz', 2, 1, 43_536, undefined],
] as const)(
  `%s: LAS 1.%i, format %i, %i points, EPSG %s${realDataNote}`,
  async (name, minor, format, count, epsg) => {
    const source = await openFile(pointCloudFile(name))
    try {
      const header = await readLasHeader(source)
      expect([header.versionMinor, header.pointFormat, header.pointCount]).toEqual([minor, format, count])
      expect(header.crs?.epsg).toBe(epsg)
    } finally {
      await source.close()
    }
  },
)

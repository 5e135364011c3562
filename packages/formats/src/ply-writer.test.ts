import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import { encodeExtraBytesField } from './las-extra-bytes.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { encodeLas, recordBytes, temporaryFolder } from './las.fixture.ts'
import { readPlyHeader } from './ply-header.ts'
import { createPlyWriter } from './ply-writer.ts'
import type { PlyWriterOptions } from './ply-writer.ts'
import { convertBytes } from './read-converted.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const change = { name: 'change', type: 'uint16', description: '' } as const
const distance = { name: 'a distance', type: 'float32', description: '' } as const
const points = Array.from({ length: 100 }, (_, i): [number, number, number] => [i - 50, 7 * i, -i])

async function write(las: Uint8Array, more: Partial<PlyWriterOptions> = {}): Promise<Buffer> {
  const path = join(await temporaryFolder(), 'out.ply')
  const source = memorySource(las)
  const like = await readLasHeader(source)
  const writer = await createPlyWriter(path, { like, ...more })
  for await (const { firstIndex, count, records } of readPointBatches(source, like, { batchPoints: 33 })) {
    await writer.append(records, count, {
      change: Uint16Array.from({ length: count }, (_, i) => (firstIndex + i) * 3),
      'a distance': Float32Array.from({ length: count }, (_, i) => (firstIndex + i) / 4),
    })
  }
  const { pointCount, sizeBytes } = await writer.close()
  const written = await readFile(path)
  expect([pointCount, sizeBytes]).toEqual([like.pointCount, written.length])
  return written
}

test('each row is what the header says, byte for byte', async () => {
  const written = await write(encodeLas({ minor: 4, pointFormat: 7, points }), {
    extraBytes: [change, distance],
  })
  const header = written.toString('latin1', 0, written.indexOf('end_header\n') + 11)
  expect(header.replace(/ +$/m, '').split('\n')).toEqual([
    'ply',
    'format binary_little_endian 1.0',
    'comment Alidade',
    'element vertex 100',
    ...[
      'double x',
      'double y',
      'double z',
      'uchar red',
      'uchar green',
      'uchar blue',
      'ushort intensity',
      'uchar classification',
      'uchar return_number',
      'uchar number_of_returns',
      'float scan_angle',
      'uchar user_data',
      'ushort point_source_id',
      'double gps_time',
      'ushort change',
      'float a_distance',
    ].map((property) => `property ${property}`),
    'end_header',
    '',
  ])
  const rowBytes = 24 + 3 + 2 + 3 + 4 + 1 + 2 + 8 + 2 + 4
  expect(written.length).toBe(header.length + 100 * rowBytes)
  // Bytes of the fixture's record i: i * 7 + their place, from 15 on.
  const i = 42
  const stored = (place: number) => (i * 7 + place) & 0xff
  const row = written.subarray(header.length + i * rowBytes, header.length + (i + 1) * rowBytes)
  expect([row.readDoubleLE(0), row.readDoubleLE(8), row.readDoubleLE(16)]).toEqual([
    1000 - 0.08,
    2000 + 2.94,
    30 - 0.42,
  ])
  expect([...row.subarray(24, 27)]).toEqual(
    [30, 32, 34].map((band) => Math.round((stored(band) + 256 * stored(band + 1)) / 257)),
  )
  expect(row.readUInt16LE(27)).toBe(100 + i)
  expect([...row.subarray(29, 32)]).toEqual([stored(16), 1 + (i % 15), 15])
  expect(row.readFloatLE(32)).toBe(Math.fround((((stored(18) + 256 * stored(19)) << 16) >> 16) * 0.006))
  expect([row[36], row.readUInt16LE(37)]).toEqual([stored(17), stored(20) + 256 * stored(21)])
  expect([row.readUInt16LE(47), row.readFloatLE(49)]).toEqual([3 * i, i / 4])
})

test.each(recordBytes.map((_, pointFormat) => pointFormat))(
  'points of format %i come back the same',
  async (pointFormat) => {
    const data = encodeExtraBytesField({ name: 'echo', description: '', type: 'int8' })
    const vlrs = [{ userId: 'LASF_Spec', recordId: 4, data }]
    const las = encodeLas({ minor: 4, pointFormat, points, extra: 1, vlrs })
    const { points: back, header } = await convertBytes(await write(las), { format: 'ply' })
    const like = await readLasHeader(memorySource(las))
    expect(header.pointCount).toBe(100)
    for (const [i, point] of back.entries()) {
      const at = like.pointDataOffset + i * like.pointRecordLength
      const most = pointFormat < 6 ? 7 : 15
      expect(point.place).toEqual(
        points[i]!.map((value, axis) => Number((value * 0.01 + like.offset[axis]!).toFixed(9))),
      )
      expect(point.intensity).toBe(100 + i)
      expect(point.returns).toEqual([1 + (i % most), most])
      expect(point.classification).toBe(pointFormat < 6 ? las[at + 15]! & 31 : las[at + 16])
      expect(point.userData).toBe(las[at + 17])
      expect(point.extra.echo).toBe((las[at + recordBytes[pointFormat]!]! << 24) >> 24)
    }
  },
)

test.each([
  [
    'use 8 bits',
    [
      [200, 100, 7],
      [0, 255, 1],
    ],
    [
      [200, 100, 7],
      [0, 255, 1],
    ],
  ],
  [
    'use 16 bits',
    [
      [65535, 32896, 257],
      [0, 128, 129],
    ],
    [
      [255, 128, 1],
      [0, 0, 1],
    ],
  ],
])(
  'colours that %s are those of 8 bits nearest to them, whenever that shows',
  async (_, colours, expected) => {
    // Ninety-nine dark points, then one that tells; or the other way round.
    for (const last of [0, 1]) {
      const order = Array.from({ length: 100 }, (_, i) => (i === 99 ? 1 - last : last))
      const las = encodeLas({ minor: 2, pointFormat: 2, points })
      for (const [i, which] of order.entries())
        for (const [band, value] of colours[which]!.entries())
          Buffer.from(las.buffer).writeUInt16LE(value, las.length - (100 - i) * 26 + 20 + 2 * band)
      const { points: back } = await convertBytes(await write(las), { format: 'ply' })
      expect(back.map(({ rgb }) => rgb!.map((value) => value / 257))).toEqual(
        order.map((which) => expected[which]),
      )
    }
  },
)

test('a file that was not closed does not read as PLY', async () => {
  const path = join(await temporaryFolder(), 'out.ply')
  const like = await readLasHeader(memorySource(encodeLas({ minor: 4, pointFormat: 6, points })))
  const writer = await createPlyWriter(path, { like })
  await writer.append(new Uint8Array(30), 1)
  await writer.abandon()
  const unfinished = await openFile(path)
  await expect(readPlyHeader(unfinished)).rejects.toMatchObject({ code: 'NotAPointCloud' })
  await unfinished.close()
})

test('a missing, too short or other column is refused before anything is written', async () => {
  const path = join(await temporaryFolder(), 'out.ply')
  const like = await readLasHeader(memorySource(encodeLas({ minor: 4, pointFormat: 6, points })))
  const writer = await createPlyWriter(path, { like, extraBytes: [change] })
  const records = new Uint8Array(60)
  await expect(writer.append(records, 2)).rejects.toThrow('column change, got none')
  await expect(writer.append(records, 2, { change: new Uint16Array(1) })).rejects.toThrow('Uint16Array of 1')
  await expect(writer.append(records, 2, { change: new Float32Array(2) })).rejects.toThrow('Float32Array')
  await expect(writer.append(records, 3, { change: new Uint16Array(3) })).rejects.toThrow(
    '60 bytes for 3 records',
  )
  expect(await writer.close()).toMatchObject({ pointCount: 0 })
})

test.skipIf(withoutRealData)(`a real cloud comes back point for point${realDataNote}`, async () => {
  const las = await readFile(pointCloudFile('formats/1.2-with-color.las'))
  const { header, points: back } = await convertBytes(await write(las), { format: 'ply' })
  const source = memorySource(las)
  const like = await readLasHeader(source)
  expect([back.length, header.pointFormat]).toEqual([like.pointCount, 7])
  for await (const { records, count, firstIndex } of readPointBatches(source, like)) {
    const view = new DataView(records.buffer, records.byteOffset)
    for (let i = 0; i < count; i++) {
      const { place, gpsTime } = back[firstIndex + i]!
      const at = i * like.pointRecordLength
      for (let axis = 0; axis < 3; axis++)
        expect(place[axis]).toBeCloseTo(
          view.getInt32(at + 4 * axis, true) * like.scale[axis]! + like.offset[axis]!,
          5,
        )
      expect(gpsTime).toBe(view.getFloat64(at + 20, true))
    }
  }
})

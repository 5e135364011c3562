import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import { encodeExtraBytesField } from './las-extra-bytes.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { createLasWriter } from './las-writer.ts'
import type { LasWriterOptions } from './las-writer.ts'
import { encodeLas, recordBytes, seededRandom, temporaryFolder } from './las.fixture.ts'
import type { LasFixture } from './las.fixture.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

const change = { name: 'change', type: 'uint16', description: 'id of the change' } as const
const distance = { name: 'distance', type: 'float32', description: 'to the other epoch' } as const

const points = Array.from({ length: 100 }, (_, i): [number, number, number] => [i - 50, 7 * i, -i])

/** Copies a file through the reader and the writer, in batches of 33; returns the bytes written. */
async function rewrite(bytes: Uint8Array, extraBytes: LasWriterOptions['extraBytes'] = []): Promise<Buffer> {
  const path = join(await temporaryFolder(), 'out.las')
  const source = memorySource(bytes)
  const like = await readLasHeader(source)
  const writer = await createLasWriter(path, { like, extraBytes })
  for await (const { firstIndex, count, records } of readPointBatches(source, like, { batchPoints: 33 })) {
    await writer.append(records, count, {
      change: Uint16Array.from({ length: count }, (_, i) => (firstIndex + i) * 3),
      distance: Float32Array.from({ length: count }, (_, i) => (firstIndex + i) / 4),
    })
  }
  const { pointCount, sizeBytes } = await writer.close()
  const written = await readFile(path)
  expect([pointCount, sizeBytes]).toEqual([like.pointCount, written.length])
  return written
}

const versions = [0, 1, 2, 3, 4].flatMap((minor) =>
  recordBytes
    .map((_, pointFormat) => ({ minor, pointFormat }))
    .filter(({ pointFormat }) => minor === 4 || pointFormat < 6),
)

test.each(versions)(
  'LAS 1.$minor format $pointFormat keeps every byte of its records',
  async ({ minor, pointFormat }) => {
    const base = recordBytes[pointFormat]!
    const bytes = encodeLas({ minor, pointFormat, points })
    const written = await rewrite(bytes, [change, distance])
    // Fields of table 3 of the specification, read here by their places.
    expect(written.toString('latin1', 0, 4)).toBe('LASF')
    expect([written[24], written[25], written.readUInt16LE(94), written[104]]).toEqual([
      1,
      4,
      375,
      pointFormat,
    ])
    expect(written.readUInt16LE(105)).toBe(base + 6)
    const legacy = pointFormat < 6
    expect(written.readUInt32LE(107)).toBe(legacy ? 100 : 0)
    expect(written.readBigUInt64LE(247)).toBe(100n)
    // The fixture numbers its returns 1, 2, ... n, 1, 2, ...; the header of old counts five, of new fifteen.
    const most = legacy ? 7 : 15
    const byReturn = Array.from({ length: 15 }, (_, k) => (k < most ? Math.ceil((100 - k) / most) : 0))
    const read32 = [0, 1, 2, 3, 4].map((k) => written.readUInt32LE(111 + 4 * k))
    expect(read32).toEqual(legacy ? byReturn.slice(0, 5) : [0, 0, 0, 0, 0])
    expect(byReturn.map((_, k) => Number(written.readBigUInt64LE(255 + 8 * k)))).toEqual(byReturn)
    const bounds = [0, 1, 2, 3, 4, 5].map((i) => written.readDoubleLE(179 + 8 * i))
    expect(bounds).toEqual([1000.49, 999.5, 2006.93, 2000, 30, 29.01])
    const at = written.readUInt32LE(96)
    const from = bytes.length - 100 * base
    for (let i = 0; i < 100; i++) {
      const record = written.subarray(at + i * (base + 6), at + (i + 1) * (base + 6))
      expect(record.subarray(0, base).equals(bytes.subarray(from + i * base, from + (i + 1) * base))).toBe(
        true,
      )
      expect(record.readUInt16LE(base)).toBe(i * 3)
      expect(record.readFloatLE(base + 2)).toBe(i / 4)
    }
    expect(written.length).toBe(at + 100 * (base + 6))
  },
)

test('the Extra Bytes VLR describes old fields, bytes nobody described, and the new columns', async () => {
  const data = encodeExtraBytesField({ name: 'echo', description: 'old', type: 'uint8' })
  const fixture: LasFixture = {
    minor: 4,
    pointFormat: 6,
    points,
    extra: 4,
    vlrs: [{ userId: 'LASF_Spec', recordId: 4, data }],
  }
  const written = await rewrite(encodeLas(fixture), [change, distance])
  const { extraBytes } = await readLasHeader(memorySource(written))
  expect(
    extraBytes.map(({ name, type, offsetBytes, sizeBytes }) => [name, type, offsetBytes, sizeBytes]),
  ).toEqual([
    ['echo', 'uint8', 30, 1],
    ['undescribed', 'bytes', 31, 3],
    ['change', 'uint16', 34, 2],
    ['distance', 'float32', 36, 4],
  ])
  // Table 24: data type at byte 2, name at 4, description at 160, of 192.
  const vlr = written.indexOf('LASF_Spec', 0, 'latin1') + 52
  expect(written.readUInt16LE(vlr - 54 + 20)).toBe(4 * 192)
  expect([written[vlr + 2], written[vlr + 194], written[vlr + 195]]).toEqual([1, 0, 3])
  expect([written[vlr + 386], written[vlr + 578]]).toEqual([3, 9])
  expect(written.toString('latin1', vlr + 576 + 160, vlr + 576 + 178)).toBe('to the other epoch')
})

test('VLRs and EVLRs are carried over, those of the compression and of COPC are not', async () => {
  const record = (userId: string, recordId: number) => ({ userId, recordId, data: new Uint8Array([1, 2, 3]) })
  const wkt = {
    userId: 'LASF_Projection',
    recordId: 2112,
    data: Buffer.from('LOCAL_CS["here",UNIT["foot",0.3048]]\0'),
  }
  const fixture: LasFixture = {
    minor: 4,
    pointFormat: 7,
    points,
    globalEncoding: 0x17,
    vlrs: [record('other', 9), record('copc', 1), record('laszip encoded', 22204)],
    evlrs: [record('copc', 1000), record('LASF_Spec', 7), wkt],
  }
  const written = await rewrite(encodeLas(fixture), [change])
  const header = await readLasHeader(memorySource(written))
  expect(header.vlrs.map(({ userId, recordId, extended }) => [userId, recordId, extended])).toEqual([
    ['other', 9, false],
    ['LASF_Spec', 4, false],
    ['LASF_Spec', 7, true],
    ['LASF_Projection', 2112, true],
  ])
  expect(header.crs).toMatchObject({
    name: 'here',
    kind: 'local',
    linearUnit: { name: 'foot', metres: 0.3048 },
  })
  // Bit 1 is off: there are no waveforms in the file. Those beside it (bit 2) are where they were.
  expect(written.readUInt16LE(6)).toBe(0x15)
})

test('a file that was not closed does not read as LAS', async () => {
  const path = join(await temporaryFolder(), 'out.las')
  const source = memorySource(encodeLas({ minor: 2, pointFormat: 1, points }))
  const writer = await createLasWriter(path, { like: await readLasHeader(source) })
  await writer.append(new Uint8Array(28), 1)
  await writer.abandon()
  const unfinished = await openFile(path)
  await expect(readLasHeader(unfinished)).rejects.toMatchObject({ code: 'NotAPointCloud' })
  await unfinished.close()
})

test('a missing or too short column is refused before anything is written', async () => {
  const path = join(await temporaryFolder(), 'out.las')
  const source = memorySource(encodeLas({ minor: 2, pointFormat: 0, points }))
  const writer = await createLasWriter(path, { like: await readLasHeader(source), extraBytes: [change] })
  const records = new Uint8Array(40)
  await expect(writer.append(records, 2)).rejects.toThrow('column change, got none')
  await expect(writer.append(records, 2, { change: new Uint16Array(1) })).rejects.toThrow('Uint16Array of 1')
  await expect(writer.append(records, 2, { change: new Float32Array(2) })).rejects.toThrow('Float32Array')
  await expect(writer.append(records, 3, { change: new Uint16Array(3) })).rejects.toThrow(
    '40 bytes for 3 records',
  )
  expect(await writer.close()).toMatchObject({ pointCount: 0 })
})

test.skipIf(withoutRealData)(
  `a LAZ file becomes LAS with the same records, bounds and CRS${realDataNote}`,
  async () => {
    const bytes = await readFile(pointCloudFile('epochs-real/TTP_15.laz'))
    const written = await rewrite(bytes, [change, distance])
    const [before, after] = await Promise.all(
      [bytes, written].map((file) => readLasHeader(memorySource(file))),
    )
    expect(after!.bounds).toEqual(before!.bounds)
    expect(after!.pointCountByReturn).toEqual(before!.pointCountByReturn)
    expect(after!.crs).toEqual(before!.crs)
    const random = seededRandom(5)
    const base = before!.pointRecordLength
    const originals: Uint8Array[] = []
    for await (const batch of readPointBatches(memorySource(bytes), before!)) originals.push(batch.records)
    const records = Buffer.concat(originals)
    for (let n = 0; n < 1000; n++) {
      const i = Math.floor(random() * before!.pointCount)
      const at = after!.pointDataOffset + i * (base + 6)
      expect(written.subarray(at, at + base).equals(records.subarray(i * base, (i + 1) * base))).toBe(true)
    }
  },
)

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { attributeNames, decodeAttribute } from './las-attributes.ts'
import { encodeExtraBytesField } from './las-extra-bytes.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { encodeVersion, extraValue, pointOf } from './las-versions.fixture.ts'
import type { RecordFixture, VersionFixture } from './las-versions.fixture.ts'
import { loadedEvlrBytes } from './las-vlr.ts'
import type { LasVlr } from './las-vlr.ts'
import { createLasWriter } from './las-writer.ts'
import { temporaryFolder } from './las.fixture.ts'

/** The formats that each version has. */
const versions = ([1, 1, 3, 5, 10] as const).flatMap((last, minor) =>
  Array.from({ length: last + 1 }, (_, pointFormat) => ({
    minor: minor as VersionFixture['minor'],
    pointFormat,
  })),
)

// A descriptor of one waveform layout (table 22 of LAS 1.3), which the points name by record id - 99.
const packetDescriptor = (recordId: number): RecordFixture => ({
  userId: 'LASF_Spec',
  recordId,
  description: 'waveform packet',
  data: Uint8Array.from({ length: 26 }, (_, i) => recordId + i),
})
const utm: RecordFixture = {
  userId: 'LASF_Projection',
  recordId: 34735,
  description: 'GeoTIFF keys',
  data: new Uint8Array(Uint16Array.of(1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32632).buffer),
}
const wkt: RecordFixture = {
  userId: 'LASF_Projection',
  recordId: 2112,
  description: 'WKT',
  data: Buffer.from('LOCAL_CS["here",UNIT["foot",0.3048]]\0'),
}
const note: RecordFixture = {
  userId: 'surveyor',
  recordId: 60_000,
  description: 'a note',
  data: Buffer.from('by hand'),
}
const lateNote: RecordFixture = {
  ...note,
  recordId: 60_001,
  description: 'a long note',
  data: new Uint8Array(70_000).fill(9),
}

/** As much as the version allows: keys or WKT, notes, waveforms with their descriptors, undescribed bytes. */
function everything({ minor, pointFormat }: Pick<VersionFixture, 'minor' | 'pointFormat'>): VersionFixture {
  const hasWaveforms = [4, 5, 9, 10].includes(pointFormat)
  const modern = pointFormat >= 6
  return {
    minor,
    pointFormat,
    pointCount: 300,
    vlrs: [note, modern ? wkt : utm, ...(hasWaveforms ? [packetDescriptor(100), packetDescriptor(101)] : [])],
    ...(minor === 4 && { evlrs: [lateNote] }),
    ...(hasWaveforms && { waveforms: Uint8Array.from({ length: 300 * 16 }, (_, i) => i & 0xff) }),
    extraBytes: 3,
    // Adjusted GPS time, synthetic return numbers; WKT; waveforms inside.
    globalEncoding: 0b1001 | (modern ? 0b10000 : 0) | (hasWaveforms ? 0b10 : 0),
  }
}

/** Through the reader and the writer, in batches of 77. */
async function rewrite(bytes: Uint8Array): Promise<Buffer> {
  const path = join(await temporaryFolder(), 'out.las')
  const source = memorySource(bytes)
  const like = await readLasHeader(source)
  const writer = await createLasWriter(path, { like, source })
  for await (const { records, count } of readPointBatches(source, like, { batchPoints: 77 })) {
    await writer.append(records, count)
  }
  await writer.close()
  return readFile(path)
}

const told = ({ userId, recordId, description, extended, data }: LasVlr) => [
  userId,
  recordId,
  description,
  extended,
  Buffer.from(data!).toString('hex'),
]

describe.each(versions)('LAS 1.$minor format $pointFormat', (version) => {
  const fixture = everything(version)
  const { bytes, records, recordLength } = encodeVersion(fixture)

  test('every field of the header and of the points is what the document says lies there', async () => {
    const { minor, pointFormat } = version
    const source = memorySource(bytes)
    const header = await readLasHeader(source)
    const all = Array.from({ length: 300 }, (_, i) => pointOf(i, pointFormat))
    const most = minor === 4 ? 15 : 5
    expect(header).toMatchObject({
      ...{ versionMinor: minor, pointFormat, pointRecordLength: recordLength, pointCount: 300 },
      fileSourceId: minor === 0 ? 0 : 4711,
      globalEncoding: minor >= 2 ? fixture.globalEncoding : 0,
      systemIdentifier: 'Airborne sensor 7',
      generatingSoftware: 'by hand',
      projectId: Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i),
      pointCountByReturn: Array.from(
        { length: most },
        (_, k) => all.filter(({ returnNumber }) => returnNumber === k + 1).length,
      ),
      crs: pointFormat >= 6 ? { name: 'here' } : { epsg: 32632 },
    })
    const { value: batch } = await readPointBatches(source, header).next()
    const names = attributeNames(header)
    for (const name of names) {
      const expected = all.map((point) => point[name as keyof typeof point])
      expect([name, ...decodeAttribute(batch!, header, name)]).toEqual([name, ...expected])
    }
    expect(names.includes('gpsTime')).toBe(![0, 2].includes(pointFormat))
    expect(names.includes('red')).toBe([2, 3, 5, 7, 8, 10].includes(pointFormat))
    expect(names.includes('nir')).toBe([8, 10].includes(pointFormat))
    expect(names.includes('waveformOffsetBytes')).toBe([4, 5, 9, 10].includes(pointFormat))
    const extra = Array.from({ length: 3 }, (_, k) => batch!.records[7 * recordLength - 3 + k])
    expect(extra).toEqual([0, 1, 2].map((k) => extraValue(6, k)))
  })

  test('comes out of the writer as LAS 1.4 with every byte of its records, every VLR and EVLR, waveforms, CRS', async () => {
    const { pointFormat } = version
    const before = await readLasHeader(memorySource(bytes))
    const written = await rewrite(bytes)
    const after = await readLasHeader(memorySource(written))
    const end = after.pointDataOffset + records.length
    expect(written.subarray(after.pointDataOffset, end).equals(records)).toBe(true)
    expect(after.vlrs.map(told)).toEqual(before.vlrs.map(told))
    const kept = [
      'crs',
      'scale',
      'offset',
      'fileSourceId',
      'globalEncoding',
      'systemIdentifier',
      'projectId',
    ] as const
    for (const key of kept) expect([key, after[key]]).toEqual([key, before[key]])
    // By their places in table 3 of LAS 1.4.
    expect([...written.subarray(24, 26), written.readUInt16LE(94), written[104]]).toEqual([
      1,
      4,
      375,
      pointFormat,
    ])
    expect(Number(written.readBigUInt64LE(247))).toBe(300)
    expect(written.readUInt32LE(107)).toBe(pointFormat < 6 ? 300 : 0)
    const byReturn = Array.from({ length: 15 }, (_, k) => Number(written.readBigUInt64LE(255 + 8 * k)))
    const all = Array.from({ length: 300 }, (_, i) => pointOf(i, pointFormat))
    expect(byReturn).toEqual(
      byReturn.map((_, k) => all.filter(({ returnNumber }) => returnNumber === k + 1).length),
    )
    const legacy = [0, 1, 2, 3, 4].map((k) => written.readUInt32LE(111 + 4 * k))
    expect(legacy).toEqual(pointFormat < 6 ? byReturn.slice(0, 5) : [0, 0, 0, 0, 0])
    // The points give the places of their waveforms from the head of the record that byte 227 leads to.
    const waveformAt = Number(written.readBigUInt64LE(227))
    if (!fixture.waveforms) return expect(waveformAt).toBe(0)
    expect(written.readUInt16LE(waveformAt + 18)).toBe(65535)
    const [packetAt, size] = [waveformAt + all[9]!.waveformOffsetBytes, all[9]!.waveformSizeBytes]
    expect([...written.subarray(packetAt, packetAt + size)]).toEqual([
      ...fixture.waveforms.slice(9 * 16, 10 * 16),
    ])
  })
})

describe('LAS 1.0', () => {
  const fixture: VersionFixture = { minor: 0, pointFormat: 1, pointCount: 5, vlrs: [note] }
  const firstX = pointOf(0, 1).x

  test('the signature before the points belongs to none of them, wherever the offset leads', async () => {
    for (const offsetToSignature of [false, true]) {
      const source = memorySource(encodeVersion({ ...fixture, offsetToSignature }).bytes)
      const header = await readLasHeader(source)
      const { value: batch } = await readPointBatches(source, header).next()
      expect(decodeAttribute(batch!, header, 'x')[0]).toBe(firstX)
    }
  })

  test('a first point that begins with the bytes of the signature is a point', async () => {
    const { bytes } = encodeVersion(fixture)
    const header = await readLasHeader(memorySource(bytes))
    bytes.writeUInt16LE(0xccdd, header.pointDataOffset)
    expect((await readLasHeader(memorySource(bytes))).pointDataOffset).toBe(header.pointDataOffset)
  })
})

describe('waveforms', () => {
  const fixture = everything({ minor: 3, pointFormat: 4 })

  test('those that are too large for memory are copied from the source, or the writer says what it needs', async () => {
    const waveforms = new Uint8Array(loadedEvlrBytes + 1).map((_, i) => i % 251)
    const { bytes } = encodeVersion({ ...fixture, waveforms })
    const like = await readLasHeader(memorySource(bytes))
    expect(like.vlrs.at(-1)!.data).toBeUndefined()
    const path = join(await temporaryFolder(), 'out.las')
    await expect(createLasWriter(path, { like })).rejects.toThrow(
      'expected the source of EVLR LASF_Spec 65535, whose 8388609 bytes are not in memory',
    )
    const written = await rewrite(bytes)
    const at = Number(written.readBigUInt64LE(227))
    expect(written.subarray(at + 60).equals(waveforms)).toBe(true)
  })

  test('a signal ends the copying of them', async () => {
    const { bytes } = encodeVersion({ ...fixture, waveforms: new Uint8Array(loadedEvlrBytes + 1) })
    const source = memorySource(bytes)
    const options = {
      like: await readLasHeader(source),
      source,
      signal: AbortSignal.abort(new Error('cancelled')),
    }
    const writer = await createLasWriter(join(await temporaryFolder(), 'out.las'), options)
    await expect(writer.close()).rejects.toThrow('cancelled')
  })

  test('without the bit that announces them the offset means nothing', async () => {
    const { bytes } = encodeVersion({ ...fixture, globalEncoding: 0 })
    bytes.writeBigUInt64LE(2n ** 60n, 227)
    expect((await readLasHeader(memorySource(bytes))).vlrs.at(-1)!.recordId).toBe(101)
  })
})

test('typed extra bytes and the bytes nobody described come out of the writer where they were', async () => {
  const data = Buffer.concat([
    encodeExtraBytesField({ name: 'echo', description: 'width', type: 'uint8' }),
    encodeExtraBytesField({ name: 'raw', description: '', type: 'bytes', sizeBytes: 1 }),
  ])
  const vlrs = [{ userId: 'LASF_Spec', recordId: 4, description: 'extra', data }]
  const { bytes, records } = encodeVersion({ minor: 4, pointFormat: 7, pointCount: 10, extraBytes: 4, vlrs })
  const written = await rewrite(bytes)
  const header = await readLasHeader(memorySource(written))
  expect(header.extraBytes.map(({ name, type, offsetBytes }) => [name, type, offsetBytes])).toEqual([
    ['echo', 'uint8', 36],
    ['raw', 'bytes', 37],
  ])
  expect(Buffer.from(header.vlrs[0]!.data!).equals(data)).toBe(true)
  expect(written.subarray(header.pointDataOffset).equals(records)).toBe(true)
})

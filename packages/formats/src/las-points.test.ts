import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { createLazPerf } from 'laz-perf'
import { describe, expect, test } from 'vitest'
import { memorySource, openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { decodeXyz } from './las-columns.ts'
import { readLasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { readXyz } from './las-xyz.ts'
import { encodeLas, recordBytes, seededRandom } from './las.fixture.ts'
import { readLazChunks } from './laz-chunks.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

async function allRecords(source: ByteSource, batchPoints?: number): Promise<Buffer> {
  const header = await readLasHeader(source)
  const parts: Uint8Array[] = []
  let next = 0
  for await (const batch of readPointBatches(
    source,
    header,
    batchPoints === undefined ? {} : { batchPoints },
  )) {
    expect(batch.firstIndex).toBe(next)
    expect(batch.records.length).toBe(batch.count * header.pointRecordLength)
    next += batch.count
    parts.push(batch.records)
  }
  expect(next).toBe(header.pointCount)
  return Buffer.concat(parts)
}

test.each(recordBytes.map((_, format) => format))(
  'records of format %i come byte for byte',
  async (pointFormat) => {
    const points = Array.from({ length: 10 }, (_, i): [number, number, number] => [i, -i, 3 * i])
    const bytes = encodeLas({ minor: 4, pointFormat, points, extra: 3 })
    const records = bytes.subarray(bytes.length - 10 * (recordBytes[pointFormat]! + 3))
    for (const batchPoints of [1, 3, 10, 1000]) {
      expect(await allRecords(memorySource(bytes), batchPoints)).toEqual(Buffer.from(records))
    }
  },
)

test('coordinates are stored integer x scale + offset, in columns that threads can share', async () => {
  const random = seededRandom(1)
  const points = Array.from({ length: 500 }, (): [number, number, number] => [
    Math.floor(random() * 2 ** 32) - 2 ** 31,
    Math.floor(random() * 1000),
    -Math.floor(random() * 1000),
  ])
  const source = memorySource(
    encodeLas({ minor: 2, pointFormat: 3, points, offset: [5, 6, 7], scale: 0.001 }),
  )
  let read = 0
  const { x, y, z } = await readXyz(source, await readLasHeader(source), {
    onRead: (count) => {
      read += count
    },
  })
  expect(x.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(read).toBe(500)
  for (const [i, point] of points.entries()) {
    expect([x[i], y[i], z[i]]).toEqual([point[0] * 0.001 + 5, point[1] * 0.001 + 6, point[2] * 0.001 + 7])
  }
})

test('a batch goes into the columns where it is told', () => {
  const records = new Uint8Array(2 * 20)
  new DataView(records.buffer).setInt32(20, 5, true)
  const [x, y, z] = [new Float64Array(5), new Float64Array(5), new Float64Array(5)]
  const header = { pointRecordLength: 20, scale: [2, 1, 1], offset: [1, 0, 0] } as const
  decodeXyz({ firstIndex: 0, count: 2, records }, header, x, y, z, 2)
  expect([...x]).toEqual([0, 0, 1, 11, 0])
})

test('a file without points has no batches', async () => {
  expect(await allRecords(memorySource(encodeLas({ minor: 4, pointFormat: 6, points: [] })))).toHaveLength(0)
})

/** A file of two batches whose reads are counted; the second one fails when told to. */
function countedReads(secondFails: () => boolean) {
  const bytes = encodeLas({ minor: 2, pointFormat: 0, points: Array.from({ length: 20 }, () => [1, 2, 3]) })
  const whole = memorySource(bytes)
  const pointsAt = bytes.length - 20 * 20
  const reads = { begun: 0, ended: 0 }
  const read = async (offset: number, length: number) => {
    if (offset >= pointsAt) reads.begun++
    const part = await whole.read(offset, length)
    for (let turn = 0; turn < 3; turn++) await setImmediate()
    if (offset >= pointsAt) reads.ended++
    if (offset > pointsAt && secondFails()) throw new Error('the disk is gone')
    return part
  }
  return { source: { ...whole, read }, reads }
}

test('the next batch of a LAS file is read while one is worked on; its failure is told in its turn', async () => {
  const { source, reads } = countedReads(() => true)
  const batches = readPointBatches(source, await readLasHeader(source), { batchPoints: 10 })
  expect((await batches.next()).value).toMatchObject({ firstIndex: 0, count: 10 })
  expect(reads.begun).toBe(2)
  while (reads.ended < 2) await setImmediate()
  await expect(batches.next()).rejects.toThrow('the disk is gone')
})

test('a reader that leaves early has no read under way: the source may be closed', async () => {
  const { source, reads } = countedReads(() => false)
  for await (const _ of readPointBatches(source, await readLasHeader(source), { batchPoints: 10 })) break
  expect(reads).toEqual({ begun: 2, ended: 2 })
})

test('reading stops at once when the signal was given before', async () => {
  const source = memorySource(encodeLas({ minor: 2, pointFormat: 0, points: [[1, 2, 3]] }))
  const options = { signal: AbortSignal.abort(new Error('enough')) }
  await expect(readXyz(source, await readLasHeader(source), options)).rejects.toThrow('enough')
})

const lazFiles = [
  'isprs/samp11-utm.laz',
  'buildings/ahn_2386_9702.laz',
  'formats/autzen_trim.laz',
  'epochs-real/TTP_15.laz',
  'formats/1.2-with-color.copc.laz',
  'formats/ellipsoid.copc.laz',
]

describe.skipIf(withoutRealData)(`LAZ${realDataNote}`, () => {
  // laz-perf's own reader of whole files finds the chunks by itself: an independent answer for the chunk table.
  test.each(lazFiles)('%s gives the records that a reader of whole files gives', async (name) => {
    const bytes = await readFile(pointCloudFile(name))
    const ours = await allRecords(memorySource(bytes), 10_007)
    const module = await createLazPerf()
    const file = module._malloc(bytes.length)
    module.HEAPU8.set(bytes, file)
    const reader = new module.LASZip()
    reader.open(file, bytes.length)
    const length = reader.getPointLength()
    const point = module._malloc(length)
    const theirs = Buffer.alloc(reader.getCount() * length)
    for (let at = 0; at < theirs.length; at += length) {
      reader.getPoint(point)
      theirs.set(module.HEAPU8.subarray(point, point + length), at)
    }
    expect(ours.equals(theirs)).toBe(true)
  })

  test('a COPC file holds the places of the LAS file it was made from', async () => {
    const places = async (name: string) => {
      const source = await openFile(pointCloudFile(name))
      const { x, y, z } = await readXyz(source, await readLasHeader(source))
      await source.close()
      const rounded = (i: number) => [x[i]!, y[i]!, z[i]!].map((value) => value.toFixed(2)).join(' ')
      return Array.from(x, (_, i) => rounded(i)).sort()
    }
    expect(await places('formats/1.2-with-color.copc.laz')).toEqual(
      await places('formats/1.2-with-color.las'),
    )
  })

  test('the chunk table may stand at the end of the file', async () => {
    const bytes = await readFile(pointCloudFile('isprs/samp12-utm.laz'))
    const header = await readLasHeader(memorySource(bytes))
    const moved = Buffer.concat([bytes, bytes.subarray(header.pointDataOffset, header.pointDataOffset + 8)])
    moved.writeBigInt64LE(-1n, header.pointDataOffset)
    expect((await allRecords(memorySource(moved))).equals(await allRecords(memorySource(bytes)))).toBe(true)
  })

  test('one stream without chunk table reads as well', async () => {
    const bytes = await readFile(pointCloudFile('isprs/samp21-utm.laz'))
    const header = await readLasHeader(memorySource(bytes))
    const vlr = header.vlrs.find(({ userId }) => userId === 'laszip encoded')!
    const table = Number(bytes.readBigInt64LE(header.pointDataOffset))
    const points = bytes.subarray(header.pointDataOffset + 8, table)
    const single = Buffer.concat([bytes.subarray(0, header.pointDataOffset), points])
    single.writeUInt16LE(1, vlr.dataOffset)
    expect((await allRecords(memorySource(single))).equals(await allRecords(memorySource(bytes)))).toBe(true)
  })

  test('other work gets its turn between two passes, and an abort is heard there', async () => {
    const source = await openFile(pointCloudFile('isprs/CSite4_orig-utm.laz'))
    const header = await readLasHeader(source)
    const abort = new AbortController()
    let read = 0
    const onRead = (count: number) => {
      read += count
      // Runs only if the reader lets go of the thread.
      if (read === 50_000) void setImmediate().then(() => abort.abort(new Error('cancelled')))
    }
    await expect(readXyz(source, header, { signal: abort.signal, onRead })).rejects.toThrow('cancelled')
    expect(read).toBeLessThan(150_000)
    await source.close()
  })

  test('a damaged chunk is named with its byte, and the next file reads', async () => {
    const bytes = await readFile(pointCloudFile('epochs-real/TTP_15.laz'))
    const intact = await allRecords(memorySource(bytes))
    const header = await readLasHeader(memorySource(bytes))
    const { offsets } = await readLazChunks(memorySource(bytes), header)
    const damaged = Buffer.from(bytes)
    damaged.fill(0xff, offsets[1]! + header.pointRecordLength, offsets[1]! + 200)
    await expect(allRecords(memorySource(damaged))).rejects.toMatchObject({
      name: 'FormatError',
      code: 'Corrupt',
      place: `chunk 1 at byte ${offsets[1]}`,
    })
    expect((await allRecords(memorySource(bytes))).equals(intact)).toBe(true)
  })

  test('layers that do not fill their chunk are refused before they are decoded', async () => {
    const bytes = await readFile(pointCloudFile('formats/1.2-with-color.copc.laz'))
    const header = await readLasHeader(memorySource(bytes))
    const { offsets, sizes } = await readLazChunks(memorySource(bytes), header)
    const damaged = Buffer.from(bytes)
    // After one raw point and the point count: the sizes of ten layers. The last is one byte too long now.
    const lastSize = offsets[0]! + header.pointRecordLength + 4 + 9 * 4
    damaged.writeUInt32LE(damaged.readUInt32LE(lastSize) + 1, lastSize)
    await expect(allRecords(memorySource(damaged))).rejects.toThrow(
      `chunk 0 at byte ${offsets[0]}: expected layers that fill ${sizes[0]} bytes, got ${sizes[0]! + 1} bytes`,
    )
  })

  test('the decoder leaves no listeners on the process', async () => {
    const count = () =>
      process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')
    const before = count()
    await allRecords(memorySource(await readFile(pointCloudFile('isprs/samp41-utm.laz'))))
    expect(count()).toBe(before)
  })
})

describe.skipIf(withoutRealData)(`LAZ with threads${realDataNote}`, () => {
  const file = pointCloudFile('isprs/CSite4_orig-utm.laz')

  test('gives the columns of one thread and counts every point', async () => {
    const source = await openFile(file)
    const header = await readLasHeader(source)
    const alone = await readXyz(source, header)
    let read = 0
    const together = await readXyz(source, header, {
      threads: 2,
      onRead: (count) => {
        read += count
      },
    })
    expect(read).toBe(header.pointCount)
    for (const axis of ['x', 'y', 'z'] as const) {
      expect(Buffer.from(together[axis].buffer).equals(Buffer.from(alone[axis].buffer))).toBe(true)
    }
    await source.close()
  })

  test('stops all of them when the signal is given', async () => {
    const source = await openFile(file)
    const abort = new AbortController()
    const onRead = () => abort.abort(new Error('cancelled'))
    const header = await readLasHeader(source)
    await expect(readXyz(source, header, { threads: 2, signal: abort.signal, onRead })).rejects.toThrow(
      'cancelled',
    )
    await source.close()
  })

  test('tells of a chunk that a thread could not decode', async () => {
    const source = await openFile(file)
    const header = await readLasHeader(source)
    // The threads open the files themselves: a segment that is gone is the error they all meet.
    const gone = { ...source, segments: [{ path: `${file}.gone`, sizeBytes: source.sizeBytes }] }
    await expect(readXyz(gone, header, { threads: 2 })).rejects.toThrow(/ENOENT/)
    await source.close()
  })
})

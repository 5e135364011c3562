import { readdir, readFile, readlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { readLasHeader } from './las-header.ts'
import type { LasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import type { PointBatch } from './las-points.ts'
import { temporaryFolder } from './las.fixture.ts'
import { readLazBatches } from './laz-batches.ts'
import { chooseChunks, readLazChunks } from './laz-chunks.ts'
import { readLazAhead } from './laz-read-ahead.ts'
import { pointCloudFile, realDataNote, withoutRealData } from './real-data.fixture.ts'

async function openCloud(path: string): Promise<{ source: ByteSource; header: LasHeader }> {
  const source = await openFile(path)
  onTestFinished(() => source.close())
  return { source, header: await readLasHeader(source) }
}

/** Every thread that this one starts from now on, and what each has sent. */
function watchThreads(): { started: Worker[]; running: () => number; decoded: () => number } {
  const started: Worker[] = []
  let [ended, decoded] = [0, 0]
  const watch = (worker: Worker) => {
    started.push(worker)
    worker.on('exit', () => ended++)
    worker.on('message', ({ type }: { type: string }) => {
      if (type === 'decoded') decoded++
    })
  }
  process.on('worker', watch)
  onTestFinished(() => void process.off('worker', watch))
  return { started, running: () => started.length - ended, decoded: () => decoded }
}

async function openDescriptors(path: string): Promise<number> {
  const names = await readdir('/proc/self/fd')
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return targets.filter((target) => target === path).length
}

async function takeAll(batches: AsyncIterable<PointBatch>): Promise<PointBatch[]> {
  const taken: PointBatch[] = []
  for await (const batch of batches) taken.push(batch)
  return taken
}

const manyChunks = 'isprs/CSite4_orig-utm.laz'
const twoThreads = { threads: 2, signal: undefined }

describe.skipIf(withoutRealData)(`LAZ decoded ahead${realDataNote}`, () => {
  test.each([
    ['format 0', 'isprs/samp12-utm.laz'],
    ['format 1', 'buildings/ahn_2386_9702.laz'],
    ['format 2', 'perf/autzen-1.02M-ft.laz'],
    ['format 3', 'formats/autzen_trim.laz'],
    ['format 6', 'epochs-real/TTP_15.laz'],
    ['format 7, chunks of their own sizes', 'formats/ellipsoid.copc.laz'],
    ['format 7, 65 small chunks', 'formats/1.2-with-color.copc.laz'],
  ])('%s: two threads give the batches of one, byte for byte', async (_, name) => {
    const { source, header } = await openCloud(pointCloudFile(name))
    const all = await readLazChunks(source, header)
    // Six of the larger cloud are enough, also to see that chosen chunks keep their numbers.
    const chunks = name.startsWith('perf') ? chooseChunks(all, Uint32Array.of(2, 3, 4, 7, 8, 20)) : all
    const batchPoints = 7001
    const together = readLazAhead(source, header, chunks, { ...twoThreads, batchPoints })
    const oneThread = { threads: 1, batchPoints, signal: undefined }
    let points = 0
    for await (const alone of readLazBatches(source, header, chunks, oneThread)) {
      const { value } = await together.next()
      expect([value!.firstIndex, value!.count]).toEqual([alone.firstIndex, alone.count])
      expect(Buffer.compare(value!.records, alone.records)).toBe(0)
      points += alone.count
    }
    expect((await together.next()).done).toBe(true)
    expect(points).toBe(chunks.pointCounts.reduce((sum, count) => sum + count, 0))
  })

  test('a cloud of many chunks is decoded by as many threads as are asked for', async () => {
    const { source, header } = await openCloud(pointCloudFile(manyChunks))
    const threads = watchThreads()
    const batches = await takeAll(readPointBatches(source, header, { threads: 3 }))
    expect(batches.reduce((sum, { count }) => sum + count, 0)).toBe(header.pointCount)
    expect([threads.started.length, threads.running()]).toEqual([3, 0])
  })

  test('a thread works ahead of a slow reader, by eight megabytes and no more', async () => {
    const { source, header } = await openCloud(pointCloudFile(manyChunks))
    const threads = watchThreads()
    const chunks = await readLazChunks(source, header)
    // Eleven chunks of 50,000 points in 20 bytes each: one batch is just below a megabyte.
    const ahead = 8
    const options = { threads: 1, batchPoints: 65_536, signal: undefined }
    const batches = readLazAhead(source, header, chunks, options)
    for (let taken = 1; taken <= 11; taken++) {
      await batches.next()
      const most = Math.min(11, taken + ahead)
      while (threads.decoded() < most) await setImmediate()
      // As long as it takes to decode everything, which is more than it needed to go on.
      if (taken === 1) await takeAll(readPointBatches(source, header))
      expect(threads.decoded()).toBe(most)
    }
    expect((await batches.next()).done).toBe(true)
  })

  test('a reader that leaves early leaves neither a thread nor an open file', async () => {
    const path = join(await temporaryFolder(), 'cloud.laz')
    await writeFile(path, await readFile(pointCloudFile(manyChunks)))
    const { source, header } = await openCloud(path)
    const threads = watchThreads()
    for await (const { firstIndex } of readPointBatches(source, header, { threads: 2, batchPoints: 1000 })) {
      if (firstIndex === 3000) break
    }
    expect([threads.started.length, threads.running()]).toEqual([2, 0])
    if (process.platform === 'linux') expect(await openDescriptors(path)).toBe(1)
  })

  test('an abort is heard while no batch is there yet, and ends the threads', async () => {
    const { source, header } = await openCloud(pointCloudFile(manyChunks))
    const threads = watchThreads()
    const abort = new AbortController()
    const reading = takeAll(readPointBatches(source, header, { threads: 2, signal: abort.signal }))
    while (threads.started.length === 0) await setImmediate()
    abort.abort(new Error('cancelled'))
    await expect(reading).rejects.toThrow('cancelled')
    expect([threads.running(), threads.decoded()]).toEqual([0, 0])
  })

  test('an abort between two batches is heard before the next', async () => {
    const { source, header } = await openCloud(pointCloudFile(manyChunks))
    const threads = watchThreads()
    const abort = new AbortController()
    const batches = readPointBatches(source, header, { threads: 2, signal: abort.signal })
    await batches.next()
    abort.abort(new Error('cancelled'))
    await expect(batches.next()).rejects.toThrow('cancelled')
    expect(threads.running()).toBe(0)
  })

  test('of several damaged chunks the earliest is told, after all points before it', async () => {
    const bytes = await readFile(pointCloudFile('formats/ellipsoid.copc.laz'))
    const path = join(await temporaryFolder(), 'damaged.laz')
    await writeFile(path, bytes)
    const { source, header } = await openCloud(path)
    const chunks = await readLazChunks(source, header)
    const { offsets, firstPoints } = chunks
    const layerSizes = header.pointRecordLength + 4
    for (const chunk of [2, 3, 4]) bytes.writeUInt32LE(0xffffff, offsets[chunk]! + layerSizes)
    await writeFile(path, bytes)
    const damaged = async (threads: number) => {
      let points = 0
      const error = await (async () => {
        const options = { threads, batchPoints: 65_536, signal: undefined }
        const batches =
          threads === 1 ? readPointBatches(source, header) : readLazAhead(source, header, chunks, options)
        for await (const { count } of batches) points += count
      })().catch((error: unknown) => error)
      return { points, error }
    }
    const alone = await damaged(1)
    expect(alone).toMatchObject({
      points: firstPoints[2],
      error: { name: 'FormatError', code: 'Corrupt', place: `chunk 2 at byte ${offsets[2]}` },
    })
    expect(await damaged(3)).toEqual(alone)
  })

  test('a file that a thread cannot open fails the reading, as does a thread that is ended', async () => {
    const { source, header } = await openCloud(pointCloudFile(manyChunks))
    const gone = { ...source, segments: [{ path: '/nowhere/cloud.laz', sizeBytes: source.sizeBytes }] }
    await expect(takeAll(readPointBatches(gone, header, { threads: 2 }))).rejects.toThrow('ENOENT')
    const threads = watchThreads()
    const reading = takeAll(readPointBatches(source, header, { threads: 2 }))
    while (threads.started.length === 0) await setImmediate()
    await threads.started[0]!.terminate()
    await expect(reading).rejects.toThrow(/a decoding thread ended with code \d before its work/)
    expect(threads.running()).toBe(0)
  })
})

// Points of a LAS or LAZ file as a stream of raw records, in file order and constant memory.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import type { LasHeader } from './las-header.ts'
import { readLazChunks } from './laz-chunks.ts'
import { LazChunkDecoder } from './laz-decoder.ts'
import { canReadInParallel } from './laz-parallel.ts'
import { readLazAhead } from './laz-read-ahead.ts'

export type PointBatch = {
  /** Index of the first record in the file. */
  readonly firstIndex: number
  readonly count: number
  /**
   * `count` records of `header.pointRecordLength` bytes, decompressed, otherwise as they are in the file. They belong to
   * whoever reads the batch, unless the source is memory.
   */
  readonly records: Uint8Array
}

export type ReadPointsOptions = {
  readonly signal?: AbortSignal
  /** Points per batch, at most; default 65,536. */
  readonly batchPoints?: number
  /** Threads that decode a LAZ file of several chunks ahead of its reader; default 1, this one. */
  readonly threads?: number
}

const defaultBatchPoints = 65_536
/** Records may be 64 kB long; a batch of such is shorter. */
const largestBatchBytes = 16 * 1024 * 1024

/**
 * Yields every point once, in file order; batches end at LAZ chunks. Memory: two batches or one and a chunk; with threads,
 * what `readLazAhead` says. FormatError `Corrupt` names the chunk and its byte, after all points before it were yielded; the
 * reason of `signal` is thrown within a batch's time. The source may be closed when the generator has ended, also by
 * `break`.
 */
export async function* readPointBatches(
  source: ByteSource,
  header: LasHeader,
  options: ReadPointsOptions = {},
): AsyncGenerator<PointBatch, void, undefined> {
  const wanted = options.batchPoints ?? defaultBatchPoints
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new RangeError(`batchPoints must be a whole number above 0, got ${wanted}`)
  }
  const batchPoints = Math.min(wanted, Math.floor(largestBatchBytes / header.pointRecordLength))
  const { signal, threads = 1 } = options
  signal?.throwIfAborted()
  if (!header.compressed) yield* readLasBatches(source, header, batchPoints, signal)
  else if (canReadInParallel(source, header, threads))
    yield* readLazAhead(source, header, { threads, batchPoints, signal })
  else yield* readLazBatches(source, header, batchPoints, signal)
}

/** The next batch is on its way while one is worked on. */
async function* readLasBatches(
  source: ByteSource,
  header: LasHeader,
  batchPoints: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PointBatch, void, undefined> {
  const { pointCount, pointDataOffset, pointRecordLength } = header
  const read = (firstIndex: number) => {
    const count = Math.min(batchPoints, pointCount - firstIndex)
    const reading = source.read(pointDataOffset + firstIndex * pointRecordLength, count * pointRecordLength)
    // Its failure is told when the batch is its turn.
    reading.catch(() => {})
    return reading
  }
  let next: Promise<Uint8Array> | undefined
  try {
    for (let firstIndex = 0; firstIndex < pointCount; firstIndex += batchPoints) {
      const records = await (next ?? read(firstIndex))
      next = firstIndex + batchPoints < pointCount ? read(firstIndex + batchPoints) : undefined
      await setImmediate()
      signal?.throwIfAborted()
      yield { firstIndex, count: records.length / pointRecordLength, records }
    }
  } finally {
    await next?.catch(() => {})
  }
}

async function* readLazBatches(
  source: ByteSource,
  header: LasHeader,
  batchPoints: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<PointBatch, void, undefined> {
  const chunks = await readLazChunks(source, header)
  const stride = header.pointRecordLength
  const decoder = new LazChunkDecoder(header)
  try {
    for (let chunk = 0; chunk < chunks.offsets.length; chunk++) {
      const pointCount = chunks.pointCounts[chunk]!
      if (pointCount === 0) continue
      const offset = chunks.offsets[chunk]!
      await decoder.open(chunk, offset, await source.read(offset, chunks.sizes[chunk]!))
      for (let first = 0; first < pointCount; first += batchPoints) {
        const count = Math.min(batchPoints, pointCount - first)
        const records = new Uint8Array(count * stride)
        for (let done = 0; done < count; done += decoder.pointsPerPass) {
          records.set(decoder.next(Math.min(decoder.pointsPerPass, count - done)), done * stride)
          await setImmediate()
          signal?.throwIfAborted()
        }
        yield { firstIndex: chunks.firstPoints[chunk]! + first, count, records }
      }
    }
  } finally {
    decoder.close()
  }
}

// Points of a LAS or LAZ file as a stream of raw records, in file order and constant memory.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import type { LasHeader } from './las-header.ts'
import { readLazBatches } from './laz-batches.ts'
import { readLazChunks } from './laz-chunks.ts'

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
  const batchPoints = batchPointsOf(header, options)
  const { signal, threads = 1 } = options
  signal?.throwIfAborted()
  if (!header.compressed) yield* readLasBatches(source, header, batchPoints, signal)
  else {
    const chunks = await readLazChunks(source, header)
    yield* readLazBatches(source, header, chunks, { batchPoints, threads, signal })
  }
}

/** Points of a batch, at most; RangeError for a wish that is none. */
export function batchPointsOf(
  { pointRecordLength }: Pick<LasHeader, 'pointRecordLength'>,
  { batchPoints = defaultBatchPoints }: ReadPointsOptions,
): number {
  if (!Number.isInteger(batchPoints) || batchPoints < 1) {
    throw new RangeError(`batchPoints must be a whole number above 0, got ${batchPoints}`)
  }
  return Math.min(batchPoints, Math.floor(largestBatchBytes / pointRecordLength))
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

// Points of a LAS or LAZ file as a stream of raw records, in file order and constant memory.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import type { LasHeader } from './las-header.ts'
import { readLazBatches } from './laz-batches.ts'
import { chooseChunks, readLazChunks } from './laz-chunks.ts'
import type { LazChunks } from './laz-chunks.ts'
import type { LazThreads } from './laz-threads.ts'

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
  /** Threads to take for it, which others use too; absent: some of its own. */
  readonly lazThreads?: LazThreads | undefined
  /** Room for all records of a LAZ file, in its order: batches are views of it, and nothing is copied. */
  readonly into?: Uint8Array<SharedArrayBuffer> | undefined
  /** Points to read, from the first to before the second; default: all. */
  readonly range?: readonly [from: number, to: number]
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
  const { signal, threads = 1, lazThreads, into } = options
  signal?.throwIfAborted()
  const range = rangeOf(header, options)
  if (!header.compressed) yield* readLasBatches(source, header, { batchPoints, range, signal })
  else {
    const chunks = chunksOfRange(await readLazChunks(source, header), range)
    const batches = readLazBatches(source, header, chunks, { batchPoints, threads, signal, lazThreads, into })
    for await (const batch of batches) yield* insideRange(batch, header, range)
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

type Range = readonly [from: number, to: number]

function rangeOf({ pointCount }: LasHeader, { range = [0, pointCount] }: ReadPointsOptions): Range {
  const [from, to] = range
  if (!(Number.isInteger(from) && Number.isInteger(to) && 0 <= from && from <= to && to <= pointCount))
    throw new RangeError(`expected a range of ${pointCount} points, got ${from} to ${to}`)
  return range
}

function chunksOfRange(chunks: LazChunks, [from, to]: Range): LazChunks {
  const { firstPoints, pointCounts } = chunks
  const wanted: number[] = []
  for (let chunk = 0; chunk < firstPoints.length; chunk++) {
    const first = firstPoints[chunk]!
    if (first < to && first + pointCounts[chunk]! > from) wanted.push(chunk)
  }
  return wanted.length === firstPoints.length ? chunks : chooseChunks(chunks, Uint32Array.from(wanted))
}

/** A chunk may begin before the range and end after it. */
function* insideRange(
  batch: PointBatch,
  { pointRecordLength }: LasHeader,
  [from, to]: Range,
): Generator<PointBatch> {
  const { firstIndex, count, records } = batch
  const [first, end] = [Math.max(from, firstIndex), Math.min(to, firstIndex + count)]
  if (first === firstIndex && end === firstIndex + count) yield batch
  else if (first < end) {
    const bytes = records.subarray(
      (first - firstIndex) * pointRecordLength,
      (end - firstIndex) * pointRecordLength,
    )
    yield { firstIndex: first, count: end - first, records: bytes }
  }
}

/** The next batch is on its way while one is worked on. */
async function* readLasBatches(
  source: ByteSource,
  header: LasHeader,
  {
    batchPoints,
    range: [from, to],
    signal,
  }: { batchPoints: number; range: Range; signal: AbortSignal | undefined },
): AsyncGenerator<PointBatch, void, undefined> {
  const { pointDataOffset, pointRecordLength } = header
  const read = (firstIndex: number) => {
    const count = Math.min(batchPoints, to - firstIndex)
    const reading = source.read(pointDataOffset + firstIndex * pointRecordLength, count * pointRecordLength)
    // Its failure is told when the batch is its turn.
    reading.catch(() => {})
    return reading
  }
  let next: Promise<Uint8Array> | undefined
  try {
    for (let firstIndex = from; firstIndex < to; firstIndex += batchPoints) {
      const records = await (next ?? read(firstIndex))
      next = firstIndex + batchPoints < to ? read(firstIndex + batchPoints) : undefined
      await setImmediate()
      signal?.throwIfAborted()
      yield { firstIndex, count: records.length / pointRecordLength, records }
    }
  } finally {
    await next?.catch(() => {})
  }
}

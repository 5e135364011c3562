// Batches of the chunks of a LAZ file, in the order of the chunks: all of them, or those that somebody chose.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import type { LasHeader } from './las-header.ts'
import type { PointBatch } from './las-points.ts'
import type { LazChunks } from './laz-chunks.ts'
import { LazChunkDecoder } from './laz-decoder.ts'
import { readLazAhead } from './laz-read-ahead.ts'
import type { LazThreads } from './laz-threads.ts'

export type LazBatchOptions = {
  readonly batchPoints: number
  readonly threads: number
  readonly signal: AbortSignal | undefined
  /** Threads that others use too; absent: some of its own. */
  readonly lazThreads?: LazThreads | undefined
  /** Room for all records of the file, in its order, which batches are then views of. */
  readonly into?: Uint8Array<SharedArrayBuffer> | undefined
}

/** Fewer are decoded before threads have started (some 60 ms). */
const fewestPointsForThreads = 150_000

/** With threads where the points are many enough and the source is made of files, which each thread opens for itself. */
export async function* readLazBatches(
  source: ByteSource,
  header: LasHeader,
  chunks: LazChunks,
  options: LazBatchOptions,
): AsyncGenerator<PointBatch, void, undefined> {
  const many = chunks.pointCounts.reduce((sum, count) => sum + count, 0) >= fewestPointsForThreads
  if (options.threads > 1 && many && source.segments) yield* readLazAhead(source, header, chunks, options)
  else yield* readLazHere(source, header, chunks, options)
}

/** On this thread, which others get between two passes of the decoder. */
async function* readLazHere(
  source: ByteSource,
  header: LasHeader,
  chunks: LazChunks,
  { batchPoints, signal, into }: LazBatchOptions,
): AsyncGenerator<PointBatch, void, undefined> {
  const stride = header.pointRecordLength
  const decoder = new LazChunkDecoder(header)
  try {
    for (let chunk = 0; chunk < chunks.offsets.length; chunk++) {
      const pointCount = chunks.pointCounts[chunk]!
      if (pointCount === 0) continue
      const offset = chunks.offsets[chunk]!
      await decoder.open(chunks.numbers[chunk]!, offset, await source.read(offset, chunks.sizes[chunk]!))
      for (let first = 0; first < pointCount; first += batchPoints) {
        const count = Math.min(batchPoints, pointCount - first)
        const firstIndex = chunks.firstPoints[chunk]! + first
        const records =
          into?.subarray(firstIndex * stride, (firstIndex + count) * stride) ?? new Uint8Array(count * stride)
        for (let done = 0; done < count; done += decoder.pointsPerPass) {
          records.set(decoder.next(Math.min(decoder.pointsPerPass, count - done)), done * stride)
          await setImmediate()
          signal?.throwIfAborted()
        }
        yield { firstIndex, count, records }
      }
    }
  } finally {
    decoder.close()
  }
}

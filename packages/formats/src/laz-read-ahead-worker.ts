// A thread that decodes LAZ chunks ahead of their reader: it begins the next chunk that nobody has, and waits before each
// batch that is too far ahead.
import { parentPort, workerData } from 'node:worker_threads'
import { openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import { LazChunkDecoder } from './laz-decoder.ts'
import { place, stopped } from './laz-read-ahead-task.ts'
import type { ReadAheadMessage, ReadAheadTask } from './laz-read-ahead-task.ts'

const { segments, header, chunks, batchPoints, firstBatches, aheadBatches, state } =
  workerData as ReadAheadTask

async function decodeChunks(): Promise<void> {
  const decoder = new LazChunkDecoder(header)
  let source: ByteSource | undefined
  try {
    for (;;) {
      const chunk = Atomics.add(state, place.nextChunk, 1)
      if (chunk >= chunks.offsets.length) return
      let batch = firstBatches[chunk]!
      try {
        source ??= await openFile(segments)
        const [offset, pointCount] = [chunks.offsets[chunk]!, chunks.pointCounts[chunk]!]
        if (pointCount === 0) continue
        if (!isWanted(batch)) return
        await decoder.open(chunks.numbers[chunk]!, offset, await source.read(offset, chunks.sizes[chunk]!))
        for (let first = 0; first < pointCount; first += batchPoints, batch++) {
          const records = isWanted(batch) && decodeBatch(decoder, Math.min(batchPoints, pointCount - first))
          if (!records) return
          post({ type: 'decoded', batch, records }, [records.buffer])
        }
      } catch (error) {
        const { message } = error instanceof Error ? error : { message: String(error) }
        const known = error instanceof FormatError ? { code: error.code, place: error.place } : {}
        return post({ type: 'failed', batch, message, ...known })
      }
    }
  } finally {
    decoder.close()
    await source?.close()
  }
}

/**
 * Waits until the batch is among the next `aheadBatches`; false when it is not wanted any more. Chunks are begun in their
 * order, so whoever has the first one still to be taken never waits here.
 */
function isWanted(batch: number): boolean {
  for (;;) {
    const taken = Atomics.load(state, place.taken)
    if (taken === stopped) return false
    if (batch < taken + aheadBatches) return true
    Atomics.wait(state, place.taken, taken)
  }
}

/** The next records of the open chunk, in a buffer that can be given away; undefined when nobody wants them any more. */
function decodeBatch(decoder: LazChunkDecoder, count: number): Uint8Array<ArrayBuffer> | undefined {
  const records = new Uint8Array(count * header.pointRecordLength)
  for (let done = 0; done < count; done += decoder.pointsPerPass) {
    if (Atomics.load(state, place.taken) === stopped) return undefined
    const pass = decoder.next(Math.min(decoder.pointsPerPass, count - done))
    records.set(pass, done * header.pointRecordLength)
  }
  return records
}

function post(message: ReadAheadMessage, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

await decodeChunks()
post({ type: 'done' })

// Decodes LAZ chunks ahead of their reader, on a thread of its own: begins the next chunk that nobody has, and waits before
// each batch that is too far ahead.
import type { MessagePort } from 'node:worker_threads'
import { openFile } from './byte-source.ts'
import type { ByteSource } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import { LazChunkDecoder } from './laz-decoder.ts'
import { place, stopped } from './laz-read-ahead-task.ts'
import type { ReadAheadMessage, ReadAheadTask } from './laz-read-ahead-task.ts'

/** Never rejects: what fails is told as well. `done` is told last. */
export async function decodeAhead(task: ReadAheadTask, port: MessagePort): Promise<void> {
  const decoder = new LazChunkDecoder(task.header)
  const opened: { source?: ByteSource } = {}
  let batch = 0
  try {
    for (;;) {
      const chunk = Atomics.add(task.state, place.nextChunk, 1)
      if (chunk >= task.chunks.offsets.length) break
      batch = task.firstBatches[chunk]!
      opened.source ??= await openFile(task.segments)
      for await (const records of decodeChunk(task, decoder, opened.source, chunk)) {
        const message: ReadAheadMessage = { type: 'decoded', batch, records }
        port.postMessage(message, task.into ? [] : [records.buffer as ArrayBuffer])
        batch++
      }
    }
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) }
    const known = error instanceof FormatError ? { code: error.code, place: error.place } : {}
    port.postMessage({ type: 'failed', batch, message, ...known } satisfies ReadAheadMessage)
  }
  decoder.close()
  await opened.source?.close().catch(() => {})
  port.postMessage({ type: 'done' } satisfies ReadAheadMessage)
}

/** Batch by batch; ends early when nobody wants any more. */
async function* decodeChunk(
  task: ReadAheadTask,
  decoder: LazChunkDecoder,
  source: ByteSource,
  chunk: number,
): AsyncGenerator<Uint8Array> {
  const { chunks, batchPoints } = task
  const [offset, pointCount] = [chunks.offsets[chunk]!, chunks.pointCounts[chunk]!]
  let batch = task.firstBatches[chunk]!
  if (pointCount === 0 || !isWanted(task, batch)) return
  await decoder.open(chunks.numbers[chunk]!, offset, await source.read(offset, chunks.sizes[chunk]!))
  for (let first = 0; first < pointCount; first += batchPoints, batch++) {
    if (!isWanted(task, batch)) return
    const records = room(task, chunks.firstPoints[chunk]! + first, Math.min(batchPoints, pointCount - first))
    if (!decodeInto(task, decoder, records)) return
    yield records
  }
}

/**
 * Waits until the batch is among the next `aheadBatches`; false when it is not wanted any more. Chunks are begun in their
 * order, so whoever has the first one still to be taken never waits here.
 */
function isWanted({ state, aheadBatches }: ReadAheadTask, batch: number): boolean {
  for (;;) {
    const taken = Atomics.load(state, place.taken)
    if (taken === stopped) return false
    if (batch < taken + aheadBatches) return true
    Atomics.wait(state, place.taken, taken)
  }
}

/** Where the task says, or a buffer that can be given away. */
function room({ into, header }: ReadAheadTask, firstPoint: number, count: number): Uint8Array {
  const stride = header.pointRecordLength
  return into?.subarray(firstPoint * stride, (firstPoint + count) * stride) ?? new Uint8Array(count * stride)
}

/** The next records of the open chunk; false when nobody wants them any more. */
function decodeInto(
  { header, state }: ReadAheadTask,
  decoder: LazChunkDecoder,
  records: Uint8Array,
): boolean {
  const stride = header.pointRecordLength
  const count = records.length / stride
  for (let done = 0; done < count; done += decoder.pointsPerPass) {
    if (Atomics.load(state, place.taken) === stopped) return false
    records.set(decoder.next(Math.min(decoder.pointsPerPass, count - done)), done * stride)
  }
  return true
}

// A stretch of a source from its start to its end, in pieces of constant size.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'

const chunkBytes = 1024 * 1024

/** Bytes `from` up to `to`. An abort is thrown between pieces. */
export async function* readChunks(
  source: ByteSource,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
  sizeBytes = chunkBytes,
): AsyncGenerator<{ readonly offset: number; readonly bytes: Uint8Array }, void, undefined> {
  for (let offset = from; offset < to; offset += sizeBytes) {
    const bytes = await source.read(offset, Math.min(sizeBytes, to - offset))
    // Lets the abort happen, even where the source is memory.
    await setImmediate()
    signal?.throwIfAborted()
    yield { offset, bytes }
  }
}

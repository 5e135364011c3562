/** Writes a body to a file in constant memory, checking what was promised about it. */
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type BodyOptions, BlobStoreError } from './blob-store.ts'
import type { OutputFile } from './durable-files.ts'

/**
 * Flushing in between keeps the last sync of a large body short: a client waits for it with nothing to see.
 */
const flushEveryBytes = 32 * 1024 * 1024
const admitEveryBytes = 4 * 1024 * 1024

/**
 * Returns the number of bytes once they are on the disk. `admit` is asked again and again whether the body may
 * still go on, and throws if not. The file is neither closed nor removed on failure.
 */
export async function copyBody(
  body: AsyncIterable<Uint8Array>,
  file: OutputFile,
  { sizeBytes: promisedBytes, md5, signal, admit }: BodyOptions & { admit: () => Promise<void> },
): Promise<number> {
  const hash = md5 === undefined ? undefined : createHash('md5')
  const abort = () => body instanceof Readable && body.destroy(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  let sizeBytes = 0
  let unflushedBytes = 0
  let unadmittedBytes = 0
  let flush: Promise<void> | undefined
  try {
    throwIfAborted(signal)
    for await (const chunk of body) {
      throwIfAborted(signal)
      sizeBytes += chunk.byteLength
      if (promisedBytes !== undefined && sizeBytes > promisedBytes) break
      hash?.update(chunk)
      unadmittedBytes += chunk.byteLength
      if (unadmittedBytes >= admitEveryBytes) {
        await admit()
        unadmittedBytes = 0
      }
      await file.write(chunk)
      unflushedBytes += chunk.byteLength
      if (unflushedBytes >= flushEveryBytes) {
        await flush
        flush = file.sync()
        flush.catch(() => {}) // awaited above or below
        unflushedBytes = 0
      }
    }
    throwIfAborted(signal)
  } catch (error) {
    throwIfAborted(signal)
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
    await flush?.catch(() => {}) // the file must not be closed under a running sync; a fault shows again below
  }
  if (promisedBytes !== undefined && sizeBytes !== promisedBytes) {
    const came = sizeBytes > promisedBytes ? 'more' : `${sizeBytes}`
    throw new BlobStoreError('LengthMismatch', `expected a body of ${promisedBytes} bytes, ${came} came`)
  }
  if (hash !== undefined && hash.digest('base64') !== md5) {
    throw new BlobStoreError('Md5Mismatch', 'the body does not have the MD5 that was given with it')
  }
  await flush
  await file.sync()
  return sizeBytes
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new BlobStoreError('Aborted', 'the upload was aborted', { cause: signal.reason })
}

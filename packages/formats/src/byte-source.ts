// Random access to bytes that lie in one file, or in several files that read as one.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { corrupt, FormatError } from './format-error.ts'

/** One plain file that holds a part of the bytes. */
export type Segment = { readonly path: string; readonly sizeBytes: number }

export interface ByteSource {
  readonly sizeBytes: number
  /** The files behind the bytes, in order, so that a worker thread can open them for itself. */
  readonly segments?: readonly Segment[]
  /** Exactly `length` bytes from `offset`; RangeError when they are not all inside the source. */
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/**
 * Opens one file, or several segments in their order, as one source. The real sizes are compared with the
 * stated ones: a segment that was cut or has grown is a FormatError `Corrupt`, not a wrong byte later. No message names a
 * path: whoever reads it may not be of this machine.
 */
export async function openFile(segments: readonly Segment[] | string): Promise<ByteSource> {
  const wanted = typeof segments === 'string' ? [{ path: segments, sizeBytes: undefined }] : segments
  const parts: OpenSegment[] = []
  const closeAll = async () => {
    await Promise.all(parts.map((part) => part.handle.close()))
  }
  try {
    let start = 0
    for (const { path, sizeBytes } of wanted) {
      const handle = await open(path, 'r')
      const part = { handle, path, start, sizeBytes: 0 }
      parts.push(part)
      const stat = await handle.stat()
      if (!stat.isFile()) throw new FormatError('Unsupported', 'input', 'expected a plain file')
      if (sizeBytes !== undefined && stat.size !== sizeBytes) {
        throw new FormatError('Corrupt', 'size', `expected a file of ${sizeBytes} bytes, got ${stat.size}`)
      }
      part.sizeBytes = stat.size
      start += stat.size
    }
  } catch (error) {
    await closeAll()
    throw error
  }
  return segmentedSource(parts, closeAll)
}

/** Bytes in memory as a source. `read` returns views, not copies. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    async read(offset, length) {
      checkRange(offset, length, bytes.length)
      return bytes.subarray(offset, offset + length)
    },
    async close() {},
  }
}

type OpenSegment = { handle: FileHandle; path: string; start: number; sizeBytes: number }

function segmentedSource(parts: readonly OpenSegment[], close: () => Promise<void>): ByteSource {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  return {
    sizeBytes,
    segments: parts.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    close,
    async read(offset, length) {
      checkRange(offset, length, sizeBytes)
      const bytes = new Uint8Array(length)
      let done = 0
      let index = segmentAt(parts, offset)
      while (done < length) {
        const part = parts[index++]
        if (!part) throw new RangeError(`the segments end before byte ${offset + length}`)
        const from = offset + done - part.start
        const count = Math.min(length - done, part.sizeBytes - from)
        await readFully(part, bytes.subarray(done, done + count), from)
        done += count
      }
      return bytes
    },
  }
}

/** Index of the last segment that starts at or before `offset`; binary search, a blob may have 50,000 blocks. */
function segmentAt(parts: readonly OpenSegment[], offset: number): number {
  let low = 0
  let high = parts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (parts[middle]!.start <= offset) low = middle
    else high = middle - 1
  }
  return low
}

async function readFully(part: OpenSegment, into: Uint8Array, from: number): Promise<void> {
  let done = 0
  while (done < into.length) {
    const { bytesRead } = await part.handle.read(into, done, into.length - done, from + done)
    if (bytesRead === 0) {
      const got = `its end at byte ${from + done} while it was read`
      throw corrupt('size', `a file of ${part.sizeBytes} bytes`, got)
    }
    done += bytesRead
  }
}

function checkRange(offset: number, length: number, sizeBytes: number): void {
  const valid = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0
  if (!valid || offset + length > sizeBytes) {
    throw new RangeError(`expected a range inside ${sizeBytes} bytes, got ${length} bytes at ${offset}`)
  }
}

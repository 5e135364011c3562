// Random access to bytes that lie in one file, or in several files that read as one.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { corrupt, FormatError } from './format-error.ts'

/** One plain file that holds a part of the bytes. */
export type Segment = {
  readonly path: string
  readonly sizeBytes: number
  /** Given for a file that others may write to: which one it has to be, and stay while it is read. */
  readonly version?: FileVersion
}

/** Which file it is, and when it was last written to; decimal numbers, too large for doubles. */
export type FileVersion = {
  readonly device: string
  readonly inode: string
  readonly modifiedNanoseconds: string
}

export function fileVersion(stat: { dev: bigint; ino: bigint; mtimeNs: bigint }): FileVersion {
  return { device: `${stat.dev}`, inode: `${stat.ino}`, modifiedNanoseconds: `${stat.mtimeNs}` }
}

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
 * stated ones: a segment that was cut or has grown is a FormatError `Corrupt`, not a wrong byte later; one with a version
 * that is another file by now, or is written to while it is read, is a FormatError `Changed`. No message names a path:
 * whoever reads it may not be of this machine.
 */
export async function openFile(segments: readonly Segment[] | string): Promise<ByteSource> {
  const wanted: readonly Wanted[] = typeof segments === 'string' ? [{ path: segments }] : segments
  const parts: OpenSegment[] = []
  const closeAll = async () => {
    await Promise.all(parts.map((part) => part.handle.close()))
  }
  try {
    let start = 0
    for (const { path, sizeBytes, version } of wanted) {
      const handle = version === undefined ? await open(path, 'r') : await openUnfollowed(path)
      const part: OpenSegment = { handle, path, start, sizeBytes: 0, version }
      parts.push(part)
      const stat = await handle.stat()
      if (!stat.isFile()) throw new FormatError('Unsupported', 'input', 'expected a plain file')
      if (version !== undefined && stat.size !== sizeBytes) throw changed()
      await checkUnchanged(part)
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

type Wanted = Omit<Segment, 'sizeBytes'> & { readonly sizeBytes?: number }
type OpenSegment = {
  handle: FileHandle
  path: string
  start: number
  sizeBytes: number
  version: FileVersion | undefined
}

/** Neither through a link, nor waiting for whoever writes into a pipe that was put in place of the file. */
async function openUnfollowed(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (['ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) throw changed(error)
    throw error
  }
}

async function checkUnchanged({ handle, version }: OpenSegment): Promise<void> {
  if (version === undefined) return
  const now = fileVersion(await handle.stat({ bigint: true }))
  const same =
    now.device === version.device &&
    now.inode === version.inode &&
    now.modifiedNanoseconds === version.modifiedNanoseconds
  if (!same) throw changed()
}

function changed(cause?: unknown): FormatError {
  return new FormatError('Changed', 'file', 'it was written to, or replaced, since the work on it began', {
    cause,
  })
}

function segmentedSource(parts: readonly OpenSegment[], close: () => Promise<void>): ByteSource {
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  return {
    sizeBytes,
    segments: parts.map(({ path, sizeBytes, version }) => ({ path, sizeBytes, ...(version && { version }) })),
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
        // Whoever writes sets the time first: bytes read before a change of it are of the version that is wanted.
        await checkUnchanged(part)
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
      await checkUnchanged(part)
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

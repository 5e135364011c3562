// A range of a file, read in pieces: never in memory as a whole, and read anew by whoever asks again.
import { createHash, type Hash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

export interface FileRange {
  readonly handle: FileHandle
  /** What errors call the file. */
  readonly name: string
  readonly offset: number
  readonly sizeBytes: number
}

/** Small, as the garbage collector is late with memory of this kind. */
const pieceBytes = 64 * 1024

/** Throws RangeError if the file ends before the range does. */
export async function* piecesOf({ handle, name, offset, sizeBytes }: FileRange): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < sizeBytes; ) {
    const piece = new Uint8Array(Math.min(pieceBytes, sizeBytes - done))
    const bytesRead = await readPiece(handle, piece, offset + done, name)
    yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead)
    done += bytesRead
  }
}

/** The MD5 in base64. Every byte also goes into `others`. */
export async function md5OfRange(range: FileRange, ...others: Hash[]): Promise<string> {
  const { handle, name, offset, sizeBytes } = range
  const hash = createHash('md5')
  const buffer = new Uint8Array(Math.min(pieceBytes, sizeBytes))
  for (let done = 0; done < sizeBytes; ) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, sizeBytes - done))
    const piece = wanted.subarray(0, await readPiece(handle, wanted, offset + done, name))
    hash.update(piece)
    for (const other of others) other.update(piece)
    done += piece.length
  }
  return hash.digest('base64')
}

async function readPiece(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  name: string,
): Promise<number> {
  const { bytesRead } = await handle.read(into, 0, into.length, position)
  if (bytesRead > 0) return bytesRead
  throw new RangeError(`${name} became shorter while it was read: no byte at ${position}`)
}

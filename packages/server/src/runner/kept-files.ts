// What a job keeps for its next attempt, as files of one folder: one a name, whole or not there.
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { JobContext } from '@alidade/jobs'

type Kept = NonNullable<JobContext['kept']>

export interface KeptFilesOptions {
  /** Of this job alone; made when it is needed, in a folder that is there. */
  folder: string
  /** What the results depend on. Of what was kept under another one nothing is believed. */
  fingerprint: string
  /** So many bytes stay free on the disk. */
  leaveBytes: number
  blockPoints: number
  /** `refused`: the file is damaged, or comes from other inputs, options or code. */
  onTake: (name: string, outcome: 'taken' | 'refused') => void
}

/** SHA-256 over the form of these files, fingerprint and name. */
const keyBytes = 32
/** CRC-32 over the columns. */
const checksumBytes = 4
/** Bytes that go to the disk at once. */
const pieceBytes = 1 << 24

/**
 * A file is the key, the checksum, and the columns as they lie in memory. It is written beside its place and renamed. Nothing
 * is fsynced: a process that is killed takes nothing of it away, and after a power cut the checksum tells.
 */
export async function openKeptFiles(options: KeptFilesOptions): Promise<Kept> {
  const { folder, fingerprint, leaveBytes, blockPoints, onTake } = options
  // Of a runner that was killed while it wrote.
  for (const name of await readdir(folder).catch(() => [])) {
    if (name.endsWith('.part')) await rm(join(folder, name), { force: true })
  }
  const pathOf = (name: string) => join(folder, name)
  const keyOf = (name: string) => createHash('sha256').update(`kept 1\n${fingerprint}\n${name}`).digest()

  async function write(name: string, columns: readonly Uint8Array[]): Promise<void> {
    const part = `${pathOf(name)}.${process.pid}.part`
    try {
      const file = await open(part, 'w', 0o600)
      try {
        let checksum = 0
        let at = keyBytes + checksumBytes
        for (const piece of piecesOf(columns)) {
          checksum = crc32(piece, checksum)
          for (let done = 0; done < piece.length; ) {
            const { bytesWritten } = await file.write(piece, done, piece.length - done, at)
            done += bytesWritten
            at += bytesWritten
          }
        }
        const head = Buffer.concat([keyOf(name), Buffer.alloc(checksumBytes)])
        head.writeUInt32LE(checksum, keyBytes)
        await file.write(head, 0, head.length, 0)
      } finally {
        await file.close()
      }
      await rename(part, pathOf(name))
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }

  async function read(name: string, columns: readonly Uint8Array[]): Promise<'taken' | 'refused'> {
    const file = await open(pathOf(name))
    try {
      const head = Buffer.alloc(keyBytes + checksumBytes)
      const { size } = await file.stat()
      await file.read(head, 0, head.length, 0)
      if (size !== head.length + bytesOf(columns) || !head.subarray(0, keyBytes).equals(keyOf(name)))
        return 'refused'
      let checksum = 0
      let at = head.length
      for (const piece of piecesOf(columns)) {
        for (let done = 0; done < piece.length; ) {
          const { bytesRead } = await file.read(piece, done, piece.length - done, at)
          if (bytesRead === 0) return 'refused'
          done += bytesRead
          at += bytesRead
        }
        checksum = crc32(piece, checksum)
      }
      return checksum === head.readUInt32LE(keyBytes) ? 'taken' : 'refused'
    } finally {
      await file.close()
    }
  }

  return {
    blockPoints,
    take: async (name, columns) => {
      const outcome = await read(name, columns.map(asBytes)).catch((error: NodeJS.ErrnoException) =>
        // A disk that cannot read it back has not kept it.
        error.code === 'ENOENT' ? undefined : ('refused' as const),
      )
      if (outcome === undefined) return false
      onTake(name, outcome)
      return outcome === 'taken'
    },
    keep: async (name, columns) => {
      const bytes = columns.map(asBytes)
      try {
        const { bavail, bsize } = await statfs(dirname(folder))
        if (bavail * bsize - bytesOf(bytes) < leaveBytes) return
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await write(name, bytes)
      } catch {
        // A full disk, or an agent that has just removed the folder: the loss is time, and only after another loss.
      }
    },
  }
}

function asBytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function bytesOf(columns: readonly Uint8Array[]): number {
  return columns.reduce((sum, { length }) => sum + length, 0)
}

function* piecesOf(columns: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const column of columns) {
    for (let at = 0; at < column.length; at += pieceBytes) yield column.subarray(at, at + pieceBytes)
  }
}

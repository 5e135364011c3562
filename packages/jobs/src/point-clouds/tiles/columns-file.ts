// Columns of numbers as a file, for whoever works on another part of the same run in another process.
import { open, stat } from 'node:fs/promises'
import type { InputFile } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'

const magic = 'ALIDADE COLUMNS 1\n'
const headBytes = 4096
/** Written and read at a time. */
const pieceBytes = 16 * 1024 * 1024

const kinds = { Uint32Array, Int32Array, Float32Array, Float64Array }
type Kind = keyof typeof kinds
export type Column = Uint32Array | Int32Array | Float32Array | Float64Array

export async function writeColumns(path: string, columns: Record<string, Column>): Promise<void> {
  const head = Object.entries(columns).map(([name, column]) => ({
    name,
    kind: column.constructor.name,
    length: column.length,
  }))
  const text = Buffer.from(magic + JSON.stringify(head), 'utf8')
  if (text.length > headBytes) throw new RangeError(`a head of ${text.length} bytes is too long`)
  const handle = await open(path, 'w')
  try {
    await handle.writeFile(Buffer.concat([text, Buffer.alloc(headBytes - text.length, ' ')]))
    for (const column of Object.values(columns)) {
      const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
      for (let from = 0; from < bytes.length; from += pieceBytes)
        // Files do not take shared memory.
        await handle.writeFile(bytes.slice(from, from + pieceBytes))
    }
  } finally {
    await handle.close()
  }
}

/** All columns, or those of these names. */
export async function readColumns(
  file: InputFile,
  signal: AbortSignal,
  names?: readonly string[],
): Promise<Record<string, Column>> {
  const { source } = await openInputFile(file)
  try {
    const text = Buffer.from(await source.read(0, Math.min(headBytes, source.sizeBytes))).toString('utf8')
    if (!text.startsWith(magic)) throw new Error('expected columns of numbers, got something else')
    const head: { name: string; kind: Kind; length: number }[] = JSON.parse(text.slice(magic.length))
    const columns: Record<string, Column> = {}
    let at = headBytes
    for (const { name, kind, length } of head) {
      const byteLength = length * kinds[kind].BYTES_PER_ELEMENT
      if (names?.includes(name) ?? true) {
        const bytes = new Uint8Array(byteLength)
        for (let from = 0; from < byteLength; from += pieceBytes) {
          signal.throwIfAborted()
          bytes.set(await source.read(at + from, Math.min(pieceBytes, byteLength - from)), from)
        }
        columns[name] = new kinds[kind](bytes.buffer, 0, length)
      }
      at += byteLength
    }
    if (at !== source.sizeBytes) throw new Error(`expected ${at} bytes of columns, got ${source.sizeBytes}`)
    return columns
  } finally {
    await source.close()
  }
}

/** A file that this process has written. */
export async function localFile(path: string): Promise<InputFile> {
  return { name: path, segments: [{ path, sizeBytes: (await stat(path)).size }] }
}

// A surface of the ground as a file, for whoever classifies by it in another process: its numbers and rasters, and what
// these are.
import { open } from 'node:fs/promises'
import type { GroundSurface } from '@alidade/analysis'
import { openInputFile } from '../open-input-file.ts'
import type { InputFile } from '../job-type.ts'

const magic = 'ALIDADE GROUND 1\n'
const headBytes = 4096
/** Written and read at a time. */
const pieceBytes = 16 * 1024 * 1024

interface Head {
  /** Members that are no rasters. */
  facts: Record<string, unknown>
  rasters: { name: string; cells: number }[]
}

export async function writeSurface(path: string, surface: GroundSurface): Promise<void> {
  const members = Object.entries(surface)
  const rasters = members.filter(
    (member): member is [string, Float32Array<SharedArrayBuffer>] => member[1] instanceof Float32Array,
  )
  const head: Head = {
    facts: Object.fromEntries(members.filter(([, value]) => !(value instanceof Float32Array))),
    rasters: rasters.map(([name, { length }]) => ({ name, cells: length })),
  }
  const text = Buffer.from(magic + JSON.stringify(head), 'utf8')
  if (text.length > headBytes) throw new RangeError(`a head of ${text.length} bytes is too long`)
  const handle = await open(path, 'w')
  try {
    let at = 0
    const write = async (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at)
        done += bytesWritten
        at += bytesWritten
      }
    }
    await write(Buffer.concat([text, Buffer.alloc(headBytes - text.length, ' ')]))
    for (const [, values] of rasters) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      for (let from = 0; from < bytes.length; from += pieceBytes)
        // Files do not take shared memory.
        await write(bytes.slice(from, from + pieceBytes))
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
}

export async function readSurface(file: InputFile, signal: AbortSignal): Promise<GroundSurface> {
  const { source } = await openInputFile(file)
  try {
    const text = Buffer.from(await source.read(0, Math.min(headBytes, source.sizeBytes))).toString('utf8')
    if (!text.startsWith(magic)) throw new Error('expected a surface of the ground, got something else')
    const { facts, rasters }: Head = JSON.parse(text.slice(magic.length))
    const expected = headBytes + rasters.reduce((sum, { cells }) => sum + 4 * cells, 0)
    if (source.sizeBytes !== expected)
      throw new Error(`expected a surface of ${expected} bytes, got ${source.sizeBytes}`)
    const surface: Record<string, unknown> = { ...facts }
    let at = headBytes
    for (const { name, cells } of rasters) {
      const values = new Float32Array(new SharedArrayBuffer(4 * cells))
      const bytes = new Uint8Array(values.buffer)
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        signal.throwIfAborted()
        bytes.set(await source.read(at + from, Math.min(pieceBytes, bytes.length - from)), from)
      }
      surface[name] = values
      at += bytes.length
    }
    return surface as unknown as GroundSurface
  } finally {
    await source.close()
  }
}

// A surface of the ground as a file, for whoever classifies by it in another process: its numbers and rasters, and what
// these are.
import { open } from 'node:fs/promises'
import type { GroundSurface } from '@alidade/analysis'
import type { ByteSource } from '@alidade/formats'
import { openInputFile } from '../open-input-file.ts'
import type { InputFile, JobContext } from '../job-type.ts'
import { keepPart, type Step } from './step-costs.ts'

const magic = 'ALIDADE GROUND 1\n'
const headBytes = 4096
/** Written and read at a time. */
const pieceBytes = 16 * 1024 * 1024

interface Head {
  /** Members that are no rasters. */
  facts: Record<string, unknown>
  rasters: { name: string; cells: number }[]
}

export async function writeSurface(
  path: string,
  surface: GroundSurface,
  progress: JobContext<Step>['progress'],
): Promise<void> {
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
  const total = rasters.reduce((sum, [, { length }]) => sum + length, 0)
  const keeping = progress.begin('Find_Ground', { part: keepPart, total, unit: 'numbers' })
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
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        // Files do not take shared memory.
        const piece = bytes.slice(from, from + pieceBytes)
        await write(piece)
        // Else all of them would wait for the disk at the end.
        await handle.datasync()
        keeping.advance(piece.length / values.BYTES_PER_ELEMENT)
      }
    }
  } finally {
    await handle.close()
  }
}

/**
 * A surface that is in a file. Its rasters have their full size, but only rows that points are in come into memory: those of
 * a tile are few where the whole place has a billion points.
 */
export class SurfaceFile {
  /** To be asked about places that were reached, and no others. */
  readonly surface: GroundSurface
  readonly #source: ByteSource
  readonly #rasters: { at: number; values: Float32Array<SharedArrayBuffer> }[]
  /** Rows that are in memory. */
  #rows: [from: number, to: number] = [0, 0]

  private constructor(source: ByteSource, { facts, rasters }: Head) {
    this.#source = source
    let at = headBytes
    this.#rasters = rasters.map(({ cells }) => {
      const raster = { at, values: new Float32Array(new SharedArrayBuffer(4 * cells)) }
      at += 4 * cells
      return raster
    })
    const named = this.#rasters.map(({ values }, i) => [rasters[i]!.name, values])
    this.surface = { ...facts, ...Object.fromEntries(named) } as unknown as GroundSurface
  }

  static async open(file: InputFile): Promise<SurfaceFile> {
    const { source } = await openInputFile(file)
    try {
      const text = Buffer.from(await source.read(0, Math.min(headBytes, source.sizeBytes))).toString('utf8')
      if (!text.startsWith(magic)) throw new Error('expected a surface of the ground, got something else')
      const head: Head = JSON.parse(text.slice(magic.length))
      const expected = headBytes + head.rasters.reduce((sum, { cells }) => sum + 4 * cells, 0)
      if (source.sizeBytes !== expected)
        throw new Error(`expected a surface of ${expected} bytes, got ${source.sizeBytes}`)
      return new SurfaceFile(source, head)
    } catch (error) {
      await source.close()
      throw error
    }
  }

  /** Brings in what the ground at these places depends on. */
  async reach(y: Float64Array, count: number, signal: AbortSignal): Promise<void> {
    const { cellSize, firstRow, rows } = this.surface.plan
    let [low, high] = [Infinity, -Infinity]
    for (let i = 0; i < count; i++) {
      low = Math.min(low, y[i]!)
      high = Math.max(high, y[i]!)
    }
    const rowBelow = (value: number) =>
      Math.max(0, Math.min(rows - 1, Math.floor(value / cellSize - firstRow - 0.5)))
    // A row more on either side than interpolation asks for: places are divided in more than one way.
    const wanted = { from: Math.max(0, rowBelow(low) - 1), to: Math.min(rows, rowBelow(high) + 3) }
    const [from, to] = this.#rows
    if (from === to) await this.#read(wanted.from, wanted.to, signal)
    else {
      if (wanted.from < from) await this.#read(wanted.from, from, signal)
      if (wanted.to > to) await this.#read(to, wanted.to, signal)
    }
    this.#rows =
      from === to ? [wanted.from, wanted.to] : [Math.min(from, wanted.from), Math.max(to, wanted.to)]
  }

  async #read(fromRow: number, toRow: number, signal: AbortSignal): Promise<void> {
    const rowBytes = 4 * this.surface.plan.columns
    const [first, end] = [fromRow * rowBytes, toRow * rowBytes]
    for (const { at, values } of this.#rasters) {
      const bytes = new Uint8Array(values.buffer)
      for (let from = first; from < end; from += pieceBytes) {
        signal.throwIfAborted()
        bytes.set(await this.#source.read(at + from, Math.min(pieceBytes, end - from)), from)
      }
    }
  }

  async close(): Promise<void> {
    await this.#source.close()
  }
}

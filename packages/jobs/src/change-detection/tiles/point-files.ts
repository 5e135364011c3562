// Points of a survey that lie in a tile or near it, with their numbers in the survey, in its order.
import { open, type FileHandle } from 'node:fs/promises'
import type { PointArrays } from '@alidade/analysis'
import { openInputFile } from '../../open-input-file.ts'
import type { InputFile } from '../../job-type.ts'

export interface NumberedPoints extends PointArrays {
  number: Uint32Array
}

/** x, y, z and the number of a point, each in 64 bits. */
const fields = 4
const bufferedPoints = 4096
const readPoints = 1 << 18

/** Appends points to one file; keeps some in memory, and the file open. */
export class PointFile {
  readonly #handle: FileHandle
  readonly #rows = new Float64Array(fields * bufferedPoints)
  #filled = 0

  static async create(path: string): Promise<PointFile> {
    return new PointFile(await open(path, 'w'))
  }

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  get isFull(): boolean {
    return this.#filled === this.#rows.length
  }

  /** There must be room. */
  add(x: number, y: number, z: number, number: number): void {
    const [rows, at] = [this.#rows, this.#filled]
    rows[at] = x
    rows[at + 1] = y
    rows[at + 2] = z
    rows[at + 3] = number
    this.#filled = at + fields
  }

  async flush(): Promise<void> {
    const bytes = new Uint8Array(this.#rows.buffer, 0, 8 * this.#filled)
    this.#filled = 0
    await this.#handle.writeFile(bytes)
  }

  async close(): Promise<void> {
    try {
      await this.flush()
    } finally {
      await this.#handle.close()
    }
  }
}

/** Those for which `isWanted` holds, in memory that threads share. */
export async function readPointFile(
  file: InputFile,
  signal: AbortSignal,
  isWanted: (x: number, y: number) => boolean = () => true,
): Promise<NumberedPoints> {
  const { source } = await openInputFile(file)
  try {
    const count = source.sizeBytes / (8 * fields)
    if (!Number.isInteger(count)) throw new Error(`expected whole points, got ${source.sizeBytes} bytes`)
    const column = () => new Float64Array(new SharedArrayBuffer(8 * count))
    const all = { x: column(), y: column(), z: column(), number: new Uint32Array(count) }
    let kept = 0
    for (let from = 0; from < count; from += readPoints) {
      signal.throwIfAborted()
      const some = Math.min(readPoints, count - from)
      const bytes = await source.read(8 * fields * from, 8 * fields * some)
      // A copy: what was read need not begin where numbers of 64 bits may.
      const rows = new Float64Array(bytes.slice().buffer)
      for (let at = 0; at < rows.length; at += fields) {
        if (!isWanted(rows[at]!, rows[at + 1]!)) continue
        all.x[kept] = rows[at]!
        all.y[kept] = rows[at + 1]!
        all.z[kept] = rows[at + 2]!
        all.number[kept++] = rows[at + 3]!
      }
    }
    return {
      x: all.x.subarray(0, kept),
      y: all.y.subarray(0, kept),
      z: all.z.subarray(0, kept),
      number: all.number.subarray(0, kept),
    }
  } finally {
    await source.close()
  }
}

// Points of a cloud that lie in a tile or near it, with their numbers in the cloud, in its order.
import { type FileHandle, open } from 'node:fs/promises'
import type { PointArrays } from '@alidade/analysis'
import type { InputFile } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'

export interface NumberedPoints extends PointArrays {
  number: Uint32Array
}

/** x, y and z in 64 bits each, then the number of a point and further columns in 32; whole times 64. */
function wordsOf(columns: number): number {
  return 8 + 2 * Math.ceil(Math.max(0, columns - 1) / 2)
}

const bufferedPoints = 4096
const readPoints = 1 << 18

/** Appends points to one file; keeps some in memory, and the file open. */
export class PointFile {
  readonly #handle: FileHandle
  readonly #words: number
  readonly #places: Float64Array
  readonly #numbers: Uint32Array
  readonly #columns: Float32Array
  #filled = 0

  /** `columns`: how many further ones come with each point. */
  static async create(path: string, columns = 0): Promise<PointFile> {
    return new PointFile(await open(path, 'w'), columns)
  }

  private constructor(handle: FileHandle, columns: number) {
    this.#handle = handle
    this.#words = wordsOf(columns)
    const rows = new ArrayBuffer(4 * this.#words * bufferedPoints)
    this.#places = new Float64Array(rows)
    this.#numbers = new Uint32Array(rows)
    this.#columns = new Float32Array(rows)
  }

  get isFull(): boolean {
    return this.#filled === bufferedPoints
  }

  /** There must be room. Of `columns`, the values at `place`. */
  add(
    x: number,
    y: number,
    z: number,
    number: number,
    columns: readonly Float32Array[] | undefined,
    place: number,
  ): void {
    const at = this.#filled++ * this.#words
    this.#places[at / 2] = x
    this.#places[at / 2 + 1] = y
    this.#places[at / 2 + 2] = z
    this.#numbers[at + 6] = number
    if (columns !== undefined)
      for (let k = 0; k < columns.length; k++) this.#columns[at + 7 + k] = columns[k]![place]!
  }

  async flush(): Promise<void> {
    const bytes = new Uint8Array(this.#places.buffer, 0, 4 * this.#words * this.#filled)
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
  const { points } = await readPointsAndColumns(file, signal, { columns: 0, isWanted })
  return points
}

/** The same, with as many further columns as were written. */
export async function readPointsAndColumns(
  file: InputFile,
  signal: AbortSignal,
  {
    columns: wanted,
    isWanted = () => true,
  }: { columns: number; isWanted?: (x: number, y: number) => boolean },
): Promise<{ points: NumberedPoints; columns: Float32Array[] }> {
  const { source } = await openInputFile(file)
  try {
    const words = wordsOf(wanted)
    const count = source.sizeBytes / (4 * words)
    if (!Number.isInteger(count)) throw new Error(`expected whole points, got ${source.sizeBytes} bytes`)
    const coordinate = () => new Float64Array(new SharedArrayBuffer(8 * count))
    const all = { x: coordinate(), y: coordinate(), z: coordinate(), number: new Uint32Array(count) }
    const columns = Array.from({ length: wanted }, () => new Float32Array(count))
    let kept = 0
    for (let from = 0; from < count; from += readPoints) {
      signal.throwIfAborted()
      const some = Math.min(readPoints, count - from)
      const bytes = await source.read(4 * words * from, 4 * words * some)
      // A copy: what was read need not begin where numbers of 64 bits may.
      const rows = new Float64Array(bytes.slice().buffer)
      const numbers = new Uint32Array(rows.buffer)
      const values = new Float32Array(rows.buffer)
      for (let at = 0; at < numbers.length; at += words) {
        if (!isWanted(rows[at / 2]!, rows[at / 2 + 1]!)) continue
        all.x[kept] = rows[at / 2]!
        all.y[kept] = rows[at / 2 + 1]!
        all.z[kept] = rows[at / 2 + 2]!
        for (let k = 0; k < wanted; k++) columns[k]![kept] = values[at + 7 + k]!
        all.number[kept++] = numbers[at + 6]!
      }
    }
    return {
      points: {
        x: all.x.subarray(0, kept),
        y: all.y.subarray(0, kept),
        z: all.z.subarray(0, kept),
        number: all.number.subarray(0, kept),
      },
      columns: columns.map((column) => column.subarray(0, kept)),
    }
  } finally {
    await source.close()
  }
}

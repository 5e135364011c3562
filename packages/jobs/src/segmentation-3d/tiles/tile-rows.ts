// What a tile has left about points, in rows of 32-bit words that each begin with the number of their point: read on in the order of
// the cloud, as far as it is wanted.
import type { FileHandle } from 'node:fs/promises'
import type { InputFile, InspectedFile } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'

export const rowsAtOnce = 16_384

/** Of rows that are gathered in one array, the first so many words; returns how many are left to be written. */
export async function writeRows(handle: FileHandle, rows: Uint32Array, filled: number): Promise<number> {
  await handle.writeFile(new Uint8Array(rows.buffer, 0, 4 * filled))
  return 0
}

export class TileRows {
  readonly #source: InspectedFile['source']
  readonly #words: number
  #rows = new Uint32Array(0)
  #at = 0
  #next = 0

  /** Those of all tiles at once. */
  static async openAll(files: readonly InputFile[], words: number): Promise<TileRows[]> {
    const tiles: TileRows[] = []
    try {
      for (const file of files) tiles.push(new TileRows((await openInputFile(file)).source, words))
    } catch (error) {
      await closeAll(tiles)
      throw error
    }
    return tiles
  }

  private constructor(source: InspectedFile['source'], words: number) {
    this.#source = source
    this.#words = words
  }

  /** The next rows of points before number `end`, some at a time; undefined where there are no more. */
  async before(end: number): Promise<Uint32Array<ArrayBuffer> | undefined> {
    if (!(await this.#fill())) return undefined
    const first = this.#at
    while (this.#at < this.#rows.length && this.#rows[this.#at]! < end) this.#at += this.#words
    return first === this.#at ? undefined : this.#rows.subarray(first, this.#at)
  }

  async #fill(): Promise<boolean> {
    if (this.#at < this.#rows.length) return true
    const bytes = Math.min(4 * this.#words * rowsAtOnce, this.#source.sizeBytes - this.#next)
    if (bytes === 0) return false
    // A copy: what was read need not begin where numbers of 32 bits may.
    this.#rows = new Uint32Array((await this.#source.read(this.#next, bytes)).slice().buffer)
    this.#next += bytes
    this.#at = 0
    return true
  }

  close(): Promise<void> {
    return this.#source.close()
  }
}

export async function closeAll(tiles: readonly TileRows[]): Promise<void> {
  await Promise.all(tiles.map((tile) => tile.close()))
}

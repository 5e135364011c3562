// What tiles have found for points in them and around them, and the surest of it in the order of the cloud.
import { type FileHandle, open } from 'node:fs/promises'
import {
  mergeClasses,
  type PointArrays,
  type PointClasses,
  type PointVoxels,
  unknownClasses,
} from '@alidade/analysis'
import type { InputFile, InspectedFile, JobContext, WorkFiles, WorkFolder } from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import type { LabelSource } from './labelled-batches.ts'

const labelsName = 'labels'
/** The number of a point, its label, and its confidence in single precision: three words of 32 bits. */
const words = 3
const rowsAtOnce = 16_384

export interface WriteLabelsOptions extends Pick<JobContext, 'signal'> {
  voxels: PointVoxels
  found: PointClasses
  /** How many more points were looked at. */
  onWritten: (points: number) => void
}

/** Of all points whose voxel was in a block of this tile; other tiles know of the others. */
export async function writeTileLabels(
  results: WorkFolder,
  { x, y, z, number }: NumberedPoints,
  { voxels, found, signal, onWritten }: WriteLabelsOptions,
): Promise<void> {
  const handle = await open(results.path(labelsName), 'w')
  try {
    const rows = new Uint32Array(words * rowsAtOnce)
    const confidences = new Float32Array(rows.buffer)
    let filled = 0
    let told = 0
    for (let i = 0; i < number.length; i++) {
      const voxel = voxels.find(x[i]!, y[i]!, z[i]!)
      if (found.labels[voxel] === unknownLabel) continue
      rows[filled] = number[i]!
      rows[filled + 1] = found.labels[voxel]!
      confidences[filled + 2] = found.confidences[voxel]!
      filled += words
      if (filled < rows.length) continue
      signal.throwIfAborted()
      filled = await flush(handle, rows, filled)
      onWritten(i + 1 - told)
      told = i + 1
    }
    await flush(handle, rows, filled)
    onWritten(number.length - told)
  } finally {
    await handle.close()
  }
}

const unknownLabel = unknownClasses(1).labels[0]!

async function flush(handle: FileHandle, rows: Uint32Array, filled: number): Promise<number> {
  await handle.writeFile(new Uint8Array(rows.buffer, 0, 4 * filled))
  return 0
}

/** Those of all tiles at once: each has its points in the order of the cloud, and is read on as far as they are wanted. */
export class LabelsOfTiles implements LabelSource {
  readonly #tiles: TileReader[]
  #at = 0

  static async open(results: readonly WorkFiles[]): Promise<LabelsOfTiles> {
    const tiles: TileReader[] = []
    try {
      for (const files of results) tiles.push(await TileReader.open(files[labelsName]!))
    } catch (error) {
      await Promise.all(tiles.map((tile) => tile.close()))
      throw error
    }
    return new LabelsOfTiles(tiles)
  }

  private constructor(tiles: TileReader[]) {
    this.#tiles = tiles
  }

  async take(_places: PointArrays, count: number): Promise<PointClasses> {
    const merged = unknownClasses(count)
    const from = this.#at
    this.#at += count
    for (const tile of this.#tiles) await tile.mergeTo(this.#at, from, merged)
    const missing = merged.labels.indexOf(unknownLabel)
    if (missing >= 0) throw new Error(`expected a label of point ${from + missing}, no tile has one`)
    return merged
  }

  async close(): Promise<void> {
    await Promise.all(this.#tiles.map((tile) => tile.close()))
  }
}

class TileReader {
  readonly #source: InspectedFile['source']
  #rows = new Uint32Array(0)
  #at = 0
  #next = 0

  static async open(file: InputFile): Promise<TileReader> {
    return new TileReader((await openInputFile(file)).source)
  }

  private constructor(source: InspectedFile['source']) {
    this.#source = source
  }

  /** Those of the points before number `end` that have not been read; the one of number `from` has the first place. */
  async mergeTo(end: number, from: number, merged: PointClasses): Promise<void> {
    while (await this.#fill()) {
      const rows = this.#rows
      let last = this.#at
      while (last < rows.length && rows[last]! < end) last += words
      const count = (last - this.#at) / words
      const confidences = new Float32Array(rows.buffer)
      const found = { labels: new Uint16Array(count), confidences: new Float32Array(count) }
      const places = new Int32Array(count)
      for (let i = 0, at = this.#at; i < count; i++, at += words) {
        places[i] = rows[at]! - from
        found.labels[i] = rows[at + 1]!
        found.confidences[i] = confidences[at + 2]!
      }
      mergeClasses(merged, found, places)
      this.#at = last
      if (last < rows.length) return
    }
  }

  async #fill(): Promise<boolean> {
    if (this.#at < this.#rows.length) return true
    const bytes = Math.min(4 * words * rowsAtOnce, this.#source.sizeBytes - this.#next)
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

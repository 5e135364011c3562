// What tiles have found for points in them and around them, and the surest of it in the order of the cloud.
import { open } from 'node:fs/promises'
import {
  mergeClasses,
  type PointArrays,
  type PointClasses,
  type PointVoxels,
  unknownClasses,
} from '@alidade/analysis'
import type { JobContext, WorkFiles, WorkFolder } from '../../job-type.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import { closeAll, rowsAtOnce, TileRows, writeRows } from '../tiles/tile-rows.ts'
import type { FoundLabels, LabelSource } from './labelled-batches.ts'

const labelsName = 'labels'
/** The number of a point, its label with whether it is the first of its voxel, and its confidence in single precision. */
const words = 3
/** Beside the label, which has 16 bits. */
const firstBit = 1 << 16

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
    // Voxels are numbered in the order of their first points.
    let seen = 0
    for (let i = 0; i < number.length; i++) {
      const voxel = voxels.find(x[i]!, y[i]!, z[i]!)
      const isFirst = voxel === seen
      if (isFirst) seen++
      if (found.labels[voxel] === unknownLabel) continue
      rows[filled] = number[i]!
      rows[filled + 1] = found.labels[voxel]! | (isFirst ? firstBit : 0)
      confidences[filled + 2] = found.confidences[voxel]!
      filled += words
      if (filled < rows.length) continue
      signal.throwIfAborted()
      filled = await writeRows(handle, rows, filled)
      onWritten(i + 1 - told)
      told = i + 1
    }
    await writeRows(handle, rows, filled)
    onWritten(number.length - told)
  } finally {
    await handle.close()
  }
}

const unknownLabel = unknownClasses(1).labels[0]!

/** Those of all tiles at once: each has its points in the order of the cloud, and is read on as far as they are wanted. */
export class LabelsOfTiles implements LabelSource {
  readonly #tiles: TileRows[]
  #at = 0

  static async open(results: readonly WorkFiles[]): Promise<LabelsOfTiles> {
    const tiles = await TileRows.openAll(
      results.map((files) => files[labelsName]!),
      words,
    )
    return new LabelsOfTiles(tiles)
  }

  private constructor(tiles: TileRows[]) {
    this.#tiles = tiles
  }

  async take(_places: PointArrays, count: number): Promise<FoundLabels> {
    const merged = { ...unknownClasses(count), isFirst: new Uint8Array(count) }
    const from = this.#at
    this.#at += count
    for (const tile of this.#tiles)
      for (let rows = await tile.before(this.#at); rows; rows = await tile.before(this.#at))
        mergeRows(merged, rows, from)
    const missing = merged.labels.indexOf(unknownLabel)
    if (missing >= 0) throw new Error(`expected a label of point ${from + missing}, no tile has one`)
    return merged
  }

  async close(): Promise<void> {
    await closeAll(this.#tiles)
  }
}

/** Labels that a tile has found; the point of number `from` has the first place. */
function mergeRows(merged: FoundLabels, rows: Uint32Array<ArrayBuffer>, from: number): void {
  const count = rows.length / words
  const confidences = new Float32Array(rows.buffer, rows.byteOffset, rows.length)
  const found = { labels: new Uint16Array(count), confidences: new Float32Array(count) }
  const places = new Int32Array(count)
  for (let i = 0, at = 0; i < count; i++, at += words) {
    places[i] = rows[at]! - from
    // The low 16 bits.
    found.labels[i] = rows[at + 1]!
    if (rows[at + 1]! & firstBit) merged.isFirst[places[i]!] = 1
    found.confidences[i] = confidences[at + 2]!
  }
  mergeClasses(merged, found, places)
}

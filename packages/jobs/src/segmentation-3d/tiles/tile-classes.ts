// What tiles have found for their points, and all of it in the order of the cloud.
import { type FileHandle, open } from 'node:fs/promises'
import type { PlanRegion } from '@alidade/analysis'
import { withCloud } from '../../extract-ground/with-cloud.ts'
import { JobError } from '../../job-error.ts'
import type {
  InputFile,
  InspectedFile,
  JobContext,
  MergeContext,
  WorkFiles,
  WorkFolder,
} from '../../job-type.ts'
import { openInputFile } from '../../open-input-file.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import type { ClassSource, PointClasses } from '../given-classes.ts'
import { type CloudTile, cloudTileOf, isCore } from './cloud-in-tiles.ts'

const classesName = 'classes'
/** The number of a point, then its class and its confidence: two words of 32 bits. */
const words = 2
const rowsAtOnce = 16_384

/** Of the points as `readTile` gives them; what lies around the tile is left out. */
export async function writeTileClasses(
  results: WorkFolder,
  tile: CloudTile,
  { x, y, number }: NumberedPoints,
  { classes, confidence }: PointClasses,
): Promise<void> {
  const handle = await open(results.path(classesName), 'w')
  try {
    const rows = new Uint32Array(words * rowsAtOnce)
    let filled = 0
    for (let i = 0; i < number.length; i++) {
      if (!isCore(tile, x[i]!, y[i]!)) continue
      rows[filled++] = number[i]!
      rows[filled++] = classes[i]! | (confidence[i]! << 8)
      if (filled === rows.length) filled = await flush(handle, rows, filled)
    }
    await flush(handle, rows, filled)
  } finally {
    await handle.close()
  }
}

async function flush(handle: FileHandle, rows: Uint32Array, filled: number): Promise<number> {
  await handle.writeFile(new Uint8Array(rows.buffer, 0, 4 * filled))
  return 0
}

export interface MergedCloud {
  cloud: Cloud
  region: PlanRegion | undefined
  /** Name of the input that says which region. */
  clipInput: string | undefined
  found: ClassSource
}

/** JobError `InputData_Changed` where the cloud is no more the one that was divided. */
export async function withClassesOfTiles<T>(
  context: Pick<JobContext, 'inputs' | 'signal'> & { tiles: MergeContext['tiles'] },
  work: (merged: MergedCloud) => Promise<T>,
): Promise<T> {
  const { tiles } = context
  return withCloud(context, async ({ cloud, clipInput, region }) => {
    const dealt = tiles.reduce((sum, { tile }) => sum + cloudTileOf(tile).own, 0)
    if (dealt !== cloud.pointCount)
      throw new JobError('InputData_Changed', [cloud.files[0]!.name, cloud.input])
    const found = await ClassesInOrder.open(tiles.map(({ results }) => results))
    try {
      return await work({ cloud, clipInput, region: await region(), found })
    } finally {
      await found.close()
    }
  })
}

/** Those of all tiles at once: each has its points in the order of the cloud, and is read on as far as they are wanted. */
class ClassesInOrder implements ClassSource {
  readonly #tiles: TileReader[]
  #at = 0
  #found: PointClasses = { classes: new Uint8Array(0), confidence: new Uint8Array(0) }

  static async open(results: readonly WorkFiles[]): Promise<ClassesInOrder> {
    const tiles: TileReader[] = []
    try {
      for (const files of results) tiles.push(await TileReader.open(files[classesName]!))
    } catch (error) {
      await Promise.all(tiles.map((tile) => tile.close()))
      throw error
    }
    return new ClassesInOrder(tiles)
  }

  private constructor(tiles: TileReader[]) {
    this.#tiles = tiles
  }

  async take(count: number): Promise<PointClasses> {
    if (this.#found.classes.length < count)
      this.#found = { classes: new Uint8Array(count), confidence: new Uint8Array(count) }
    const [from, { classes, confidence }] = [this.#at, this.#found]
    let placed = 0
    for (const tile of this.#tiles) placed += await tile.readTo(from + count, from, classes, confidence)
    if (placed !== count) throw new Error(`expected the classes of ${count} points, got those of ${placed}`)
    this.#at += count
    return { classes: classes.subarray(0, count), confidence: confidence.subarray(0, count) }
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

  /** Those of the points before number `end` that have not been read; the one of number `from` comes to place 0. */
  async readTo(end: number, from: number, classes: Uint8Array, confidence: Uint8Array): Promise<number> {
    let placed = 0
    while (await this.#fill()) {
      while (this.#at < this.#rows.length) {
        const number = this.#rows[this.#at]!
        if (number >= end) return placed
        const value = this.#rows[this.#at + 1]!
        classes[number - from] = value & 0xff
        confidence[number - from] = value >>> 8
        this.#at += words
        placed++
      }
    }
    return placed
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

// What tiles have found for their points, and all of it in the order of the cloud.
import { open } from 'node:fs/promises'
import type { PlanRegion } from '@alidade/analysis'
import { withCloud } from '../../extract-ground/with-cloud.ts'
import { JobError } from '../../job-error.ts'
import type { JobContext, MergeContext, WorkFiles, WorkFolder } from '../../job-type.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import type { ClassSource, PointClasses } from '../given-classes.ts'
import { type CloudTile, cloudTileOf, isCore } from './cloud-in-tiles.ts'
import { closeAll, rowsAtOnce, TileRows, writeRows } from './tile-rows.ts'

const classesName = 'classes'
/** The number of a point, then its class and its confidence: two words of 32 bits. */
const words = 2

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
      if (filled === rows.length) filled = await writeRows(handle, rows, filled)
    }
    await writeRows(handle, rows, filled)
  } finally {
    await handle.close()
  }
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
  readonly #tiles: TileRows[]
  #at = 0
  #found: PointClasses = { classes: new Uint8Array(0), confidence: new Uint8Array(0) }

  static async open(results: readonly WorkFiles[]): Promise<ClassesInOrder> {
    const tiles = await TileRows.openAll(
      results.map((files) => files[classesName]!),
      words,
    )
    return new ClassesInOrder(tiles)
  }

  private constructor(tiles: TileRows[]) {
    this.#tiles = tiles
  }

  async take(count: number): Promise<PointClasses> {
    if (this.#found.classes.length < count)
      this.#found = { classes: new Uint8Array(count), confidence: new Uint8Array(count) }
    const [from, { classes, confidence }] = [this.#at, this.#found]
    let placed = 0
    for (const tile of this.#tiles)
      for (let rows = await tile.before(from + count); rows; rows = await tile.before(from + count)) {
        for (let at = 0; at < rows.length; at += words) {
          const value = rows[at + 1]!
          classes[rows[at]! - from] = value & 0xff
          confidence[rows[at]! - from] = value >>> 8
        }
        placed += rows.length / words
      }
    if (placed !== count) throw new Error(`expected the classes of ${count} points, got those of ${placed}`)
    this.#at += count
    return { classes: classes.subarray(0, count), confidence: confidence.subarray(0, count) }
  }

  async close(): Promise<void> {
    await closeAll(this.#tiles)
  }
}

// Which files stay in memory from the time they are read until they are written: what is compressed, as long as it fits, since
// decoding is most of the work. Everything else is read twice.
import type { LasHeader, PointBatch } from '@alidade/formats'

/** Of a process, of decoding threads and of writers. */
const otherBytes = 600e6
/** However much there is: the disk cache and other jobs want some too. */
const mostBytes = 1.5e9

/** For each file whether it stays. `cells`: of the raster. */
export function staysInMemory(
  headers: readonly (LasHeader | undefined)[],
  { memoryLimitMegabytes = Infinity, cells }: { memoryLimitMegabytes?: number | undefined; cells: number },
): boolean[] {
  let left = Math.min(mostBytes, memoryLimitMegabytes * 1e6 - otherBytes - cells * bytesPerCell)
  return headers.map((header) => {
    if (header?.compressed !== true) return false
    const bytes = header.pointCount * header.pointRecordLength
    if (bytes > left) return false
    left -= bytes
    return true
  })
}

/** Cells of a raster that there is memory for beside the records of the files that stay. */
export function cellsBeside(
  headers: readonly LasHeader[],
  stays: readonly boolean[],
  memoryLimitMegabytes = Infinity,
): number {
  const records = headers.reduce(
    (sum, { pointCount, pointRecordLength }, i) => sum + (stays[i] ? pointCount * pointRecordLength : 0),
    0,
  )
  return Math.max(0, Math.floor((memoryLimitMegabytes * 1e6 - otherBytes - records) / bytesPerCell))
}

/** Of the rasters together, at the peak. */
export const bytesPerCell = 48

/** The batches of the files that stay, by the place of the file: views of one stretch of memory for each. */
export class KeptRecords {
  readonly #batches: (PointBatch[] | undefined)[]

  constructor(stays: readonly boolean[]) {
    this.#batches = stays.map((does) => (does ? [] : undefined))
  }

  /** Where all records of a file that stays go. */
  room(
    file: number,
    { pointCount, pointRecordLength }: Pick<LasHeader, 'pointCount' | 'pointRecordLength'>,
  ): Uint8Array<SharedArrayBuffer> | undefined {
    if (this.#batches[file] === undefined) return undefined
    return new Uint8Array(new SharedArrayBuffer(pointCount * pointRecordLength))
  }

  add(file: number, batch: PointBatch): void {
    this.#batches[file]?.push(batch)
  }

  /** All that was kept of a file, which stays; undefined: it has to be read again. */
  look(file: number, pointCount: number): readonly PointBatch[] | undefined {
    const batches = this.#batches[file]
    const count = batches?.reduce((sum, batch) => sum + batch.count, 0)
    return count === pointCount ? batches : undefined
  }

  /** Hands over all that was kept of a file, which is then kept no more; undefined: it has to be read again. */
  take(file: number, pointCount: number): PointBatch[] | undefined {
    const batches = this.#batches[file]
    this.#batches[file] = undefined
    const count = batches?.reduce((sum, batch) => sum + batch.count, 0)
    return count === pointCount ? batches : undefined
  }
}

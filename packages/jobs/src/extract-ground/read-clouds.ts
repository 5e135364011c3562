// Every point of a cloud once: the lowest of each cell into the raster, records that fit into memory aside for later.
import type { PointArrays } from '@alidade/analysis'
import { decodeXyz, type LazThreads, type PointBatch, readPointBatches } from '@alidade/formats'
import { JobError } from '../job-error.ts'
import type { JobContext, Progress } from '../job-type.ts'
import type { Cloud } from '../point-clouds/cloud.ts'
import { asJobError } from '../point-clouds/format-faults.ts'
import { type GrowingRaster, OutOfBounds } from './growing-raster.ts'
import type { KeptRecords } from './kept-records.ts'

/** A part for each file, since points of LAS and of LAZ take different time. Numbers count from 1. */
export function filePart(file: number): string {
  return `file ${file + 1}`
}

export interface ReadCloudsOptions extends Pick<JobContext, 'signal' | 'threads' | 'kept'> {
  progress: Progress<'Read_Clouds'>
  records: KeptRecords
  lazThreads?: LazThreads | undefined
  /** Gets every batch, with its places. What it throws ends the reading. */
  onBatch?:
    | ((cloud: Cloud, file: number, batch: PointBatch, columns: PointArrays) => void | Promise<void>)
    | undefined
}

const keptName = 'lowest'

/**
 * Fills the raster. What an earlier attempt had of it is taken over, then nothing is read. JobError `InputData_Corrupt` for a file
 * with points so far outside of the bounds that its header states that no raster reaches them.
 */
export async function readClouds(
  cloud: Cloud,
  growing: Pick<GrowingRaster, 'raster' | 'hasGrown' | 'add' | 'finish'>,
  { progress, signal, threads, kept, records, lazThreads, onBatch }: ReadCloudsOptions,
): Promise<void> {
  const { input, files, headers } = cloud
  const { raster } = growing
  const isTaken = (await kept?.take(keptName, [raster.lowest])) ?? false
  if (!isTaken) raster.lowest.fill(Infinity)
  const columns = new Coordinates()
  for (const [file, { name, source }] of files.entries()) {
    const header = headers[file]!
    const reading = progress.begin('Read_Clouds', {
      part: filePart(file),
      total: header.pointCount,
      unit: 'points',
    })
    if (isTaken) {
      reading.advance(header.pointCount)
      continue
    }
    try {
      const into = records.room(file, header)
      for await (const batch of readPointBatches(source, header, { signal, threads, lazThreads, into })) {
        const { x, y, z } = columns.for(batch.count)
        decodeXyz(batch, header, x, y, z, 0)
        growing.add({ x, y, z }, batch.count)
        records.add(file, batch)
        await onBatch?.(cloud, file, batch, { x, y, z })
        reading.advance(batch.count)
      }
    } catch (error) {
      if (!(error instanceof OutOfBounds)) throw asJobError(error, input, name)
      throw new JobError('InputData_Corrupt', [name, input, error.message], { cause: error })
    }
  }
  if (growing.hasGrown) growing.finish()
  // Whoever looks for it knows the bounds of headers only.
  else if (!isTaken) await kept?.keep(keptName, [raster.lowest])
}

/** Columns that are used again for each batch. */
export class Coordinates {
  #columns = { x: new Float64Array(0), y: new Float64Array(0), z: new Float64Array(0) }

  for(count: number) {
    if (this.#columns.x.length < count) {
      const column = () => new Float64Array(count)
      this.#columns = { x: column(), y: column(), z: column() }
    }
    return this.#columns
  }
}

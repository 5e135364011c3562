// Coordinates of all points of a cloud in shared memory, in the order of its files.
import type { PointArrays } from '@alidade/analysis'
import { decodeXyz, readPointBatches } from '@alidade/formats'
import type { KeptRecords } from '../extract-ground/kept-records.ts'
import { filePart } from '../extract-ground/read-clouds.ts'
import type { JobContext, Progress } from '../job-type.ts'
import type { Cloud } from '../point-clouds/cloud.ts'
import { asJobError } from '../point-clouds/format-faults.ts'

export interface ReadPointsOptions extends Pick<JobContext, 'signal' | 'threads'> {
  records: KeptRecords
  progress: Progress<'Classify_Points'>
}

/** 24 bytes a point. */
export async function readPoints(
  { files, headers, input, pointCount }: Cloud,
  { records, progress, signal, threads }: ReadPointsOptions,
): Promise<PointArrays> {
  const column = () => new Float64Array(new SharedArrayBuffer(8 * pointCount))
  const points = { x: column(), y: column(), z: column() }
  let at = 0
  for (const [file, { name, source }] of files.entries()) {
    const header = headers[file]!
    const part = filePart(file)
    const reading = progress.begin('Classify_Points', { part, total: header.pointCount, unit: 'points' })
    const kept = records.look(file, header.pointCount)
    try {
      for await (const batch of kept ?? readPointBatches(source, header, { signal, threads })) {
        signal.throwIfAborted()
        decodeXyz(batch, header, points.x, points.y, points.z, at)
        at += batch.count
        reading.advance(batch.count)
      }
    } catch (error) {
      throw asJobError(error, input, name)
    }
  }
  return points
}

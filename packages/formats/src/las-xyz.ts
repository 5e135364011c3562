// Coordinates, and colours where asked for, of a whole cloud.
import type { ByteSource } from './byte-source.ts'
import { allocateColumns, decodeRgb, decodeXyz } from './las-columns.ts'
import type { PointColumns, ReadXyzOptions } from './las-columns.ts'
import type { LasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { canReadInParallel, readXyzInParallel } from './laz-parallel.ts'

/**
 * All points of the file, in file order: 24 bytes of memory for each. LAZ files of several chunks are decoded by
 * `threads` threads when the source is made of files.
 */
export async function readXyz(
  source: ByteSource,
  header: LasHeader,
  options: ReadXyzOptions = {},
): Promise<PointColumns> {
  const { threads = 1, signal, onRead } = options
  if (canReadInParallel(source, header, threads)) return readXyzInParallel(source, header, threads, options)
  let columns: PointColumns | undefined
  for await (const batch of readPointBatches(source, header, signal ? { signal } : {})) {
    // Not before: by now the chunk table has been held against the file.
    columns ??= allocateColumns(header.pointCount, options.rgb)
    decodeXyz(batch, header, columns.x, columns.y, columns.z, batch.firstIndex)
    if (columns.rgb) decodeRgb(batch, header, columns.rgb, batch.firstIndex)
    onRead?.(batch.count)
  }
  return columns ?? allocateColumns(0, options.rgb)
}

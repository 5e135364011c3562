// Coordinates of a whole cloud as three columns that worker threads can share.
import type { ByteSource } from './byte-source.ts'
import type { LasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import type { PointBatch } from './las-points.ts'

/** Columns backed by SharedArrayBuffer, in the unit of the file's CRS. */
export type PointColumns = {
  readonly x: Float64Array<SharedArrayBuffer>
  readonly y: Float64Array<SharedArrayBuffer>
  readonly z: Float64Array<SharedArrayBuffer>
}

export type ReadXyzOptions = {
  readonly signal?: AbortSignal
  /** Called with how many more points are in the columns, many times a second. */
  readonly onRead?: (pointCount: number) => void
}

/** Writes the coordinates of a batch into the columns from index `at` on: stored integer x scale + offset. */
export function decodeXyz(
  batch: PointBatch,
  header: Pick<LasHeader, 'pointRecordLength' | 'scale' | 'offset'>,
  x: Float64Array,
  y: Float64Array,
  z: Float64Array,
  at: number,
): void {
  const { records, count } = batch
  const stride = header.pointRecordLength
  const [scaleX, scaleY, scaleZ] = header.scale
  const [offsetX, offsetY, offsetZ] = header.offset
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let i = 0, byte = 0; i < count; i++, byte += stride) {
    x[at + i] = view.getInt32(byte, true) * scaleX + offsetX
    y[at + i] = view.getInt32(byte + 4, true) * scaleY + offsetY
    z[at + i] = view.getInt32(byte + 8, true) * scaleZ + offsetZ
  }
}

/** All points of the file, in file order: 24 bytes of memory for each. */
export async function readXyz(
  source: ByteSource,
  header: LasHeader,
  options: ReadXyzOptions = {},
): Promise<PointColumns> {
  const { x, y, z } = allocateColumns(header.pointCount)
  const signal = options.signal ? { signal: options.signal } : {}
  for await (const batch of readPointBatches(source, header, signal)) {
    decodeXyz(batch, header, x, y, z, batch.firstIndex)
    options.onRead?.(batch.count)
  }
  return { x, y, z }
}

export function allocateColumns(pointCount: number): PointColumns {
  const column = () => new Float64Array(new SharedArrayBuffer(8 * pointCount))
  return { x: column(), y: column(), z: column() }
}

// Coordinate columns that worker threads can share, and how a batch of records gets into them.
import { FormatError } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
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
  /** Threads that decode a LAZ file of several chunks; default 1, this one. */
  readonly threads?: number
}

/**
 * 24 bytes for each point, taken at once. The count must have been checked against the file; FormatError
 * `Unsupported` when it is more than this machine can hold.
 */
export function allocateColumns(pointCount: number): PointColumns {
  const column = () => new Float64Array(new SharedArrayBuffer(8 * pointCount))
  try {
    return { x: column(), y: column(), z: column() }
  } catch (error) {
    const problem = `expected points that fit into memory, got ${pointCount} of 24 bytes each`
    throw new FormatError('Unsupported', 'point count', problem, { cause: error })
  }
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

// Coordinate columns that worker threads can share, and how a batch of records gets into them.
import { FormatError } from './format-error.ts'
import type { LasHeader } from './las-header.ts'
import { rgbOffset } from './las-point-formats.ts'
import type { PointBatch } from './las-points.ts'

/** Columns backed by SharedArrayBuffer, in the unit of the file's CRS. */
export type PointColumns = {
  readonly x: Float64Array<SharedArrayBuffer>
  readonly y: Float64Array<SharedArrayBuffer>
  readonly z: Float64Array<SharedArrayBuffer>
  /** Red, green and blue of one point after the other, as the file has them; only if asked for. */
  readonly rgb?: Uint16Array<SharedArrayBuffer>
}

export type ReadXyzOptions = {
  readonly signal?: AbortSignal
  /** Called with how many more points are in the columns, many times a second. */
  readonly onRead?: (pointCount: number) => void
  /** Threads that decode a LAZ file of several chunks; default 1, this one. */
  readonly threads?: number
  /** Reads colours as well; 0 where the point format has none. Default false. */
  readonly rgb?: boolean
}

/**
 * 24 bytes for each point, and 6 for its colour, taken at once. The count must have been checked against the file; FormatError
 * `Unsupported` when it is more than this machine can hold.
 */
export function allocateColumns(pointCount: number, withRgb = false): PointColumns {
  const column = () => new Float64Array(new SharedArrayBuffer(8 * pointCount))
  try {
    const xyz = { x: column(), y: column(), z: column() }
    return withRgb ? { ...xyz, rgb: new Uint16Array(new SharedArrayBuffer(6 * pointCount)) } : xyz
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

/** Writes the colours of a batch likewise; nothing where its point format has none. */
export function decodeRgb(
  { records, count }: PointBatch,
  { pointFormat, pointRecordLength }: Pick<LasHeader, 'pointFormat' | 'pointRecordLength'>,
  rgb: Uint16Array,
  at: number,
): void {
  const offset = rgbOffset(pointFormat)
  if (offset === undefined) return
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (let i = 0, byte = offset; i < count; i++, byte += pointRecordLength) {
    for (let band = 0; band < 3; band++) rgb[3 * (at + i) + band] = view.getUint16(byte + 2 * band, true)
  }
}

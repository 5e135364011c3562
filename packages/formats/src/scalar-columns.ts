// Columns of numbers out of records of bytes.
import type { ScalarType } from './las-extra-bytes.ts'

/** `count` values of one type, the first at `offset` and each `stride` bytes behind the one before. */
export function readColumn(
  view: DataView,
  type: ScalarType,
  little: boolean,
  offset: number,
  stride: number,
  count: number,
  into: Float64Array,
): void {
  const get = getters[type]
  for (let i = 0, at = offset; i < count; i++, at += stride) into[i] = get(view, at, little)
}

export function readScalar(view: DataView, type: ScalarType, little: boolean, at: number): number {
  return getters[type](view, at, little)
}

const getters: Readonly<Record<ScalarType, (view: DataView, at: number, little: boolean) => number>> = {
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at, little) => view.getUint16(at, little),
  int16: (view, at, little) => view.getInt16(at, little),
  uint32: (view, at, little) => view.getUint32(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  uint64: (view, at, little) => Number(view.getBigUint64(at, little)),
  int64: (view, at, little) => Number(view.getBigInt64(at, little)),
  float32: (view, at, little) => view.getFloat32(at, little),
  float64: (view, at, little) => view.getFloat64(at, little),
}

// Columns of numbers as LAS records of point format 6 or 7.
import type { CloudLayout, ColumnTarget } from './cloud-layout.ts'
import type { CloudBatch } from './foreign-cloud.ts'
import type { Vector3 } from './las-coordinates.ts'

/** Fills `records` with the points of a batch; it has to hold `count` records of `layout.recordLength` bytes. */
export function encodeCloudRecords(
  batch: CloudBatch,
  layout: CloudLayout,
  { scale, offset }: { readonly scale: Vector3; readonly offset: Vector3 },
  records: Uint8Array,
): void {
  const { recordLength } = layout
  const { count } = batch
  records.fill(0, 0, count * recordLength)
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  for (const [axis, values] of [batch.x, batch.y, batch.z].entries()) {
    const [step, start] = [scale[axis]!, offset[axis]!]
    for (let i = 0, at = 4 * axis; i < count; i++, at += recordLength)
      view.setInt32(at, Math.round((values[i]! - start) / step), true)
  }
  for (let i = 0, at = 14; i < count; i++, at += recordLength) records[at] = layout.returnByte
  for (const target of layout.targets) {
    writeColumn(view, target, batch.columns[target.column]!, count, recordLength)
  }
}

function writeColumn(
  view: DataView,
  { type, offsetBytes, from, scale }: ColumnTarget,
  values: Float64Array,
  count: number,
  stride: number,
): void {
  const set = setters[type]
  for (let i = 0, at = offsetBytes; i < count; i++, at += stride) set(view, at, (values[i]! - from) * scale)
}

/** Of 16 bits are dimensions that a fraction may go into; whole numbers of other types are whole before. */
const setters: Readonly<Record<ColumnTarget['type'], (view: DataView, at: number, value: number) => void>> = {
  low4: (view, at, value) => view.setUint8(at, view.getUint8(at) | value),
  high4: (view, at, value) => view.setUint8(at, view.getUint8(at) | (value << 4)),
  uint8: (view, at, value) => view.setUint8(at, value),
  int8: (view, at, value) => view.setInt8(at, value),
  uint16: (view, at, value) => view.setUint16(at, Math.round(value), true),
  int16: (view, at, value) => view.setInt16(at, Math.round(value), true),
  uint32: (view, at, value) => view.setUint32(at, value, true),
  int32: (view, at, value) => view.setInt32(at, value, true),
  uint64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
  int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
  float32: (view, at, value) => view.setFloat32(at, value, true),
  float64: (view, at, value) => view.setFloat64(at, value, true),
}

// One attribute of a batch of points as a column of numbers, by its name; and the classes of a batch, written in place.
import type { ExtraBytesField } from './las-extra-bytes.ts'
import type { LasHeader } from './las-header.ts'
import { pointFields } from './las-point-fields.ts'
import { classificationField } from './las-point-formats.ts'
import type { PointBatch } from './las-points.ts'
import { dataView } from './little-endian.ts'

export type AttributeColumn =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

type AttributeHeader = Pick<
  LasHeader,
  'pointFormat' | 'pointRecordLength' | 'scale' | 'offset' | 'extraBytes'
>

type NumberType = Exclude<ExtraBytesField['type'], 'bytes'>

/** Where the numbers of an attribute lie, and what makes them of what is stored. */
type Attribute = {
  readonly name: string
  readonly type: NumberType
  readonly offsetBytes: number
  readonly bits?: readonly [lowest: number, count: number]
  readonly scale?: number
  readonly offset?: number
}

/**
 * What `decodeAttribute` can give: the fields of the point format by their names in the specification (`classification`,
 * `gpsTime`, `red`...), then extra bytes by theirs, a vector as `name[0]`, `name[1]`, `name[2]`. Bytes without a type are no
 * numbers, and a name that the format has hides an extra one.
 */
export function attributeNames(header: AttributeHeader): string[] {
  return [...new Set(attributesOf(header).map(({ name }) => name))]
}

/**
 * A new column of `batch.count` numbers. `x`, `y`, `z` are in the unit of the CRS, `scanAngle` is in degrees, extra bytes with
 * a scale or an offset have been multiplied and moved: all these are doubles. Integers of 64 bits too, exact up to 2^53.
 * Everything else has its own type. Values that stand for "no data" are given as they are. RangeError for a name that the
 * points do not have.
 */
export function decodeAttribute(batch: PointBatch, header: AttributeHeader, name: string): AttributeColumn {
  const attribute = attributesOf(header).find((candidate) => candidate.name === name)
  if (!attribute) {
    const known = attributeNames(header).join(', ')
    throw new RangeError(`expected an attribute of these points (${known}), got ${name}`)
  }
  const { type, offsetBytes, bits, scale = 1, offset = 0 } = attribute
  const doubles = attribute.scale !== undefined || attribute.offset !== undefined
  const column = doubles ? new Float64Array(batch.count) : columnOf(type, batch.count)
  const read = readers[type]
  const view = dataView(batch.records)
  const stride = header.pointRecordLength
  const [shift, mask] = bits ? [bits[0], (1 << bits[1]) - 1] : [0, 0]
  for (let i = 0, at = offsetBytes; i < batch.count; i++, at += stride) {
    const stored = read(view, at)
    column[i] = bits ? (stored >> shift) & mask : doubles ? stored * scale + offset : stored
  }
  return column
}

/**
 * Writes one class for each record, in place, and leaves all other bits: up to format 5 a class has five bits of its byte.
 * RangeError, before anything is written, for a class that does not fit or too few of them.
 */
export function setClassification(
  records: Uint8Array,
  header: Pick<LasHeader, 'pointFormat' | 'pointRecordLength'>,
  classes: ArrayLike<number>,
): void {
  const { offset, mask } = classificationField(header.pointFormat)
  const stride = header.pointRecordLength
  const count = Math.floor(records.length / stride)
  if (classes.length !== count) throw new RangeError(`expected ${count} classes, got ${classes.length}`)
  for (let i = 0; i < count; i++) {
    const code = classes[i]!
    if (Number.isInteger(code) && code >= 0 && code <= mask) continue
    throw new RangeError(
      `expected classes from 0 to ${mask} in point format ${header.pointFormat}, got ${code}`,
    )
  }
  for (let i = 0, at = offset; i < count; i++, at += stride)
    records[at] = (records[at]! & ~mask) | classes[i]!
}

function attributesOf(header: AttributeHeader): Attribute[] {
  const { pointFormat, scale, offset, extraBytes } = header
  const standard = pointFields(pointFormat).map(({ name, type, offset: offsetBytes, bits }): Attribute => {
    const axis = ['x', 'y', 'z'].indexOf(name)
    const field = { name, type, offsetBytes, ...(bits && { bits }) }
    if (axis >= 0) return { ...field, scale: scale[axis]!, offset: offset[axis]! }
    // Whole degrees up to format 5, steps of 0.006 degrees from 6 on.
    if (name === 'scanAngle') return { ...field, scale: pointFormat >= 6 ? 0.006 : 1 }
    return field
  })
  return [...standard, ...extraBytes.flatMap(extraAttributes)]
}

function extraAttributes(field: ExtraBytesField): Attribute[] {
  const { name, type, components, offsetBytes, sizeBytes, scale, offset } = field
  if (type === 'bytes') return []
  return Array.from({ length: components }, (_, k) => ({
    name: components === 1 ? name : `${name}[${k}]`,
    type,
    offsetBytes: offsetBytes + (k * sizeBytes) / components,
    ...(scale && { scale: scale[k]! }),
    ...(offset && { offset: offset[k]! }),
  }))
}

const readers: Readonly<Record<NumberType, (view: DataView, at: number) => number>> = {
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  uint64: (view, at) => Number(view.getBigUint64(at, true)),
  int64: (view, at) => Number(view.getBigInt64(at, true)),
  float32: (view, at) => view.getFloat32(at, true),
  float64: (view, at) => view.getFloat64(at, true),
}

const columnTypes = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: Float64Array,
  int64: Float64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

function columnOf(type: NumberType, count: number): AttributeColumn {
  return new columnTypes[type](count)
}

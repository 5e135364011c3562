// What of a LAS record becomes which property of a PLY vertex.
import type { ScalarType } from './las-extra-bytes.ts'
import type { LasHeader } from './las-header.ts'
import { classificationField, returnNumberMask, rgbOffset } from './las-point-formats.ts'
import { readScalar } from './scalar-columns.ts'

export type VertexProperty = {
  readonly name: string
  readonly type: PlyType
  /** The value in the record that starts at `at`. */
  readonly read: (view: DataView, at: number) => number
}

export type PlyType = 'char' | 'uchar' | 'short' | 'ushort' | 'int' | 'uint' | 'float' | 'double'

/** PLY has no whole numbers of 64 bits: they become doubles, exact up to 2^53. */
export const plyTypes: Readonly<Record<ScalarType, PlyType>> = {
  int8: 'char',
  uint8: 'uchar',
  int16: 'short',
  uint16: 'ushort',
  int32: 'int',
  uint32: 'uint',
  int64: 'double',
  uint64: 'double',
  float32: 'float',
  float64: 'double',
}

export const plySizes: Readonly<Record<PlyType, number>> = {
  ...{ char: 1, uchar: 1, short: 2, ushort: 2, int: 4, uint: 4, float: 4, double: 8 },
}

export const plySetters: Readonly<Record<PlyType, (view: DataView, at: number, value: number) => void>> = {
  char: (view, at, value) => view.setInt8(at, value),
  uchar: (view, at, value) => view.setUint8(at, value),
  short: (view, at, value) => view.setInt16(at, value, true),
  ushort: (view, at, value) => view.setUint16(at, value, true),
  int: (view, at, value) => view.setInt32(at, value, true),
  uint: (view, at, value) => view.setUint32(at, value, true),
  float: (view, at, value) => view.setFloat32(at, value, true),
  double: (view, at, value) => view.setFloat64(at, value, true),
}

const gpsOffsets: Readonly<Record<number, number>> = {
  1: 20,
  3: 20,
  4: 20,
  5: 20,
  6: 22,
  7: 22,
  8: 22,
  9: 22,
  10: 22,
}

/** What one of the 8 bits that a PLY file has for a colour is in the records: 257, as LAS demands, or 1 where they use 8 of 16. */
export type ColourStep = { value: 1 | 257 }

/** All dimensions but flags and waveforms. */
export function plyPropertiesOf(like: LasHeader, colourStep: ColourStep): VertexProperty[] {
  const { pointFormat, scale, offset } = like
  const isNew = pointFormat >= 6
  const stored = (name: string, type: PlyType, scalar: ScalarType, at: number): VertexProperty => ({
    name,
    type,
    read: (view, start) => readScalar(view, scalar, true, start + at),
  })
  const places = ['x', 'y', 'z'].map((name, axis): VertexProperty => {
    const [step, start] = [scale[axis]!, offset[axis]!]
    return { name, type: 'double', read: (view, at) => view.getInt32(at + 4 * axis, true) * step + start }
  })
  const rgbAt = rgbOffset(pointFormat)
  const colours =
    rgbAt === undefined
      ? []
      : ['red', 'green', 'blue'].map((name, band): VertexProperty => {
          const read = (view: DataView, at: number) =>
            Math.min(255, Math.round(view.getUint16(at + rgbAt + 2 * band, true) / colourStep.value))
          return { name, type: 'uchar', read }
        })
  const { offset: classAt, mask } = classificationField(pointFormat)
  const [numberMask, countShift] = [returnNumberMask(pointFormat), isNew ? 4 : 3]
  const gpsAt = gpsOffsets[pointFormat]
  return [
    ...places,
    ...colours,
    stored('intensity', 'ushort', 'uint16', 12),
    { name: 'classification', type: 'uchar', read: (view, at) => view.getUint8(at + classAt) & mask },
    { name: 'return_number', type: 'uchar', read: (view, at) => view.getUint8(at + 14) & numberMask },
    {
      name: 'number_of_returns',
      type: 'uchar',
      read: (view, at) => (view.getUint8(at + 14) >> countShift) & numberMask,
    },
    isNew
      ? { name: 'scan_angle', type: 'float', read: (view, at) => view.getInt16(at + 18, true) * 0.006 }
      : stored('scan_angle', 'float', 'int8', 16),
    stored('user_data', 'uchar', 'uint8', 17),
    stored('point_source_id', 'ushort', 'uint16', isNew ? 20 : 18),
    ...(gpsAt === undefined ? [] : [stored('gps_time', 'double', 'float64', gpsAt)]),
    ...(pointFormat === 8 || pointFormat === 10 ? [stored('nir', 'ushort', 'uint16', 36)] : []),
    ...extraProperties(like),
  ]
}

/** Bytes that nobody described are left out. */
function extraProperties({ extraBytes }: LasHeader): VertexProperty[] {
  return extraBytes.flatMap(({ name, type, components, offsetBytes, sizeBytes }) => {
    if (type === 'bytes') return []
    return Array.from({ length: components }, (_, i): VertexProperty => {
      const at = offsetBytes + (i * sizeBytes) / components
      const own = components === 1 ? name : `${name}_${i}`
      return {
        name: own,
        type: plyTypes[type],
        read: (view, start) => readScalar(view, type, true, start + at),
      }
    })
  })
}

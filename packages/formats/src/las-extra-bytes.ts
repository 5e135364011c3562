// The Extra Bytes VLR (LASF_Spec 4; LAS 1.4 R15, table 24): names and types of what follows the standard record.
import { corrupt } from './format-error.ts'
import { dataView, readAscii, writeAscii } from './little-endian.ts'

/** Types 1 to 10 of the specification, in its order. */
const scalarTypes = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float32',
  'float64',
] as const
export type ScalarType = (typeof scalarTypes)[number]
const scalarSizes = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8] as const

export type ExtraBytesField = {
  readonly name: string
  readonly description: string
  /** `bytes`: as many untyped bytes as `sizeBytes` says. */
  readonly type: ScalarType | 'bytes'
  /** 1, or 2 and 3 for the deprecated vector types. */
  readonly components: number
  /** From the start of the record. */
  readonly offsetBytes: number
  readonly sizeBytes: number
  /** One for each component, where the file names them: a value is what is stored x scale + offset. */
  readonly scale?: readonly number[]
  readonly offset?: readonly number[]
}

export const descriptorBytes = 192

/** Fields in record order; FormatError `Corrupt` when they need more bytes than the record has. */
export function parseExtraBytes(
  data: Uint8Array,
  baseLength: number,
  recordLength: number,
): ExtraBytesField[] {
  if (data.length % descriptorBytes !== 0) {
    throw corrupt('extra bytes VLR', `a multiple of ${descriptorBytes} bytes`, data.length)
  }
  const fields: ExtraBytesField[] = []
  let offsetBytes = baseLength
  for (let at = 0; at < data.length; at += descriptorBytes) {
    const code = data[at + 2]!
    if (code > 30) throw corrupt('extra bytes VLR', 'a data type 0 to 30', code)
    const scalar = code === 0 ? 0 : (code - 1) % 10
    const components = code === 0 ? 1 : Math.floor((code - 1) / 10) + 1
    const sizeBytes = code === 0 ? data[at + 3]! : scalarSizes[scalar]! * components
    fields.push({
      name: readAscii(data, at + 4, 32),
      description: readAscii(data, at + 160, 32),
      type: code === 0 ? 'bytes' : scalarTypes[scalar]!,
      components,
      offsetBytes,
      sizeBytes,
      ...(code !== 0 && parseScaling(data, at, components)),
    })
    offsetBytes += sizeBytes
  }
  if (offsetBytes > recordLength) {
    throw corrupt(
      'extra bytes VLR',
      `fields within a record of ${recordLength} bytes`,
      `${offsetBytes} bytes`,
    )
  }
  return fields
}

/** Bits 3 and 4 of the options say whether the three doubles from byte 112 and 136 on count. */
function parseScaling(data: Uint8Array, at: number, components: number) {
  const view = dataView(data)
  const doubles = (from: number) =>
    Array.from({ length: components }, (_, k) => view.getFloat64(at + from + 8 * k, true))
  const options = data[at + 3]!
  return {
    ...((options & 8) !== 0 && { scale: doubles(112) }),
    ...((options & 16) !== 0 && { offset: doubles(136) }),
  }
}

/** One descriptor; `bytes` with a size stands for bytes nobody described. */
export function encodeExtraBytesField(field: {
  name: string
  description: string
  type: ScalarType | 'bytes'
  sizeBytes?: number
}): Uint8Array {
  const bytes = new Uint8Array(descriptorBytes)
  bytes[2] = field.type === 'bytes' ? 0 : scalarTypes.indexOf(field.type) + 1
  if (field.type === 'bytes') bytes[3] = field.sizeBytes ?? 0
  writeAscii(bytes, 4, 32, field.name)
  writeAscii(bytes, 160, 32, field.description)
  return bytes
}

export function scalarSizeBytes(type: ScalarType): number {
  return scalarSizes[scalarTypes.indexOf(type)]!
}

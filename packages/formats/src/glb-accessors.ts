// Accessors of a glTF file: typed views of its buffer, checked against it before anything is read.
import type { ByteSource } from './byte-source.ts'
import { FormatError } from './format-error.ts'
import type { GlbContainer } from './glb-container.ts'
import { integerAt, objectAt } from './json-shape.ts'
import type { JsonObject } from './json-shape.ts'
import { scalarSizeBytes } from './las-extra-bytes.ts'
import type { ScalarType } from './las-extra-bytes.ts'
import { dataView } from './little-endian.ts'
import { readColumn } from './scalar-columns.ts'

export type GlbAccessor = {
  readonly count: number
  readonly type: ScalarType
  readonly components: number
  /** Of the first element, in the file. */
  readonly offset: number
  readonly strideBytes: number
  /** What whole numbers are multiplied with where they stand for parts of one. */
  readonly scale: number
}

const componentTypes: Readonly<Record<number, ScalarType>> = {
  5120: 'int8',
  5121: 'uint8',
  5122: 'int16',
  5123: 'uint16',
  5125: 'uint32',
  5126: 'float32',
}
const largest: Partial<Readonly<Record<ScalarType, number>>> = {
  int8: 127,
  uint8: 255,
  int16: 32_767,
  uint16: 65_535,
}
const componentCounts: Readonly<Record<string, number>> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 }

/** By the specification. */
const longestStride = 252

/** The entry of a list of the file, an object. */
export function entryAt(
  json: JsonObject,
  list: string,
  index: unknown,
  place: string,
): { entry: JsonObject; path: string } {
  const entries = json[list]
  const count = Array.isArray(entries) ? entries.length : 0
  if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count)
    throw new FormatError(
      'Invalid',
      place,
      `expected a number of ${list} below ${count}, got ${String(index).slice(0, 40)}`,
    )
  const path = `$.${list}[${index}]`
  return { entry: objectAt((entries as unknown[])[index as number], path), path }
}

/** FormatError unless it has one of these numbers of components and lies inside the buffer. */
export function accessorAt(
  { json, bufferOffset, bufferBytes }: GlbContainer,
  index: unknown,
  place: string,
  allowedComponents: readonly number[],
): GlbAccessor {
  const { entry, path } = entryAt(json, 'accessors', index, place)
  if (entry.sparse !== undefined)
    throw new FormatError('Unsupported', `${path}.sparse`, 'expected whole accessors, got a sparse one')
  const type = componentTypes[integerAt(entry, 'componentType', path)]
  const components = Object.hasOwn(componentCounts, String(entry.type))
    ? componentCounts[String(entry.type)]!
    : 0
  if (type === undefined || !allowedComponents.includes(components)) {
    const got = `${String(entry.type).slice(0, 20)} of component type ${entry.componentType}`
    throw new FormatError(
      'Invalid',
      path,
      `expected ${allowedComponents.join(' or ')} components of a known type, got ${got}`,
    )
  }
  const count = wholeAt(entry, 'count', path)
  const { entry: view, path: viewPath } = entryAt(json, 'bufferViews', entry.bufferView, `${path}.bufferView`)
  const { entry: buffer, path: bufferPath } = entryAt(json, 'buffers', view.buffer, `${viewPath}.buffer`)
  if (view.buffer !== 0 || buffer.uri !== undefined)
    throw new FormatError(
      'Unsupported',
      bufferPath,
      'expected the buffer inside of the file, got another one',
    )
  const [viewOffset, viewBytes] = [
    wholeAt(view, 'byteOffset', viewPath, 0),
    wholeAt(view, 'byteLength', viewPath),
  ]
  if (viewOffset + viewBytes > bufferBytes)
    throw new FormatError(
      'Corrupt',
      viewPath,
      `expected bytes inside of the buffer of ${bufferBytes}, got ${viewOffset} to ${viewOffset + viewBytes}`,
    )
  const elementBytes = components * scalarSizeBytes(type)
  const strideBytes = wholeAt(view, 'byteStride', viewPath, elementBytes)
  if (strideBytes < elementBytes || strideBytes > longestStride) {
    const expected = `expected ${elementBytes} to ${longestStride}`
    throw new FormatError('Corrupt', `${viewPath}.byteStride`, `${expected}, got ${strideBytes}`)
  }
  const start = wholeAt(entry, 'byteOffset', path, 0)
  const neededBytes = count === 0 ? 0 : start + (count - 1) * strideBytes + elementBytes
  if (neededBytes > viewBytes)
    throw new FormatError(
      'Corrupt',
      path,
      `expected elements inside of its view of ${viewBytes} bytes, got ${neededBytes} bytes of them`,
    )
  const scale = entry.normalized === true ? 1 / (largest[type] ?? 1) : 1
  return { count, type, components, offset: bufferOffset + viewOffset + start, strideBytes, scale }
}

function wholeAt(object: JsonObject, key: string, path: string, absent?: number): number {
  if (absent !== undefined && object[key] === undefined) return absent
  const value = integerAt(object, key, path)
  if (value < 0)
    throw new FormatError('Invalid', `${path}.${key}`, `expected a number from 0 on, got ${value}`)
  return value
}

/** Elements `first` to `first + count`, their first components as columns. */
export async function readAccessor(
  source: ByteSource,
  { type, components, offset, strideBytes, scale }: GlbAccessor,
  first: number,
  count: number,
  into: readonly Float64Array[],
): Promise<void> {
  if (count === 0) return
  const sizeBytes = scalarSizeBytes(type)
  const view = dataView(
    await source.read(offset + first * strideBytes, (count - 1) * strideBytes + components * sizeBytes),
  )
  for (const [i, column] of into.entries()) {
    readColumn(view, type, true, i * sizeBytes, strideBytes, count, column)
    if (scale !== 1) for (let k = 0; k < count; k++) column[k]! *= scale
  }
}

// Writes binary PLY files point by point, in constant memory, from the raw records of a LAS file.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { scalarSizeBytes } from './las-extra-bytes.ts'
import type { LasHeader } from './las-header.ts'
import type { ExtraColumns, LasWriter, NewExtraBytes } from './las-writer.ts'
import { rgbOffset } from './las-point-formats.ts'
import { dataView } from './little-endian.ts'
import { plyPropertiesOf, plySetters, plySizes, plyTypes } from './ply-properties.ts'
import type { ColourStep, VertexProperty } from './ply-properties.ts'

export type PlyWriterOptions = {
  /** What the records that are appended are made of. */
  readonly like: LasHeader
  /** Columns that become properties behind those of the records. */
  readonly extraBytes?: readonly NewExtraBytes[]
}

/**
 * Starts a little-endian PLY file at `path`, replacing what is there: x, y and z as doubles, then every other dimension of
 * the records by its name, and the new columns. Colours have 8 bits, as readers of PLY expect. It begins with zeros until it is closed, and passes for no PLY file.
 */
export async function createPlyWriter(path: string, options: PlyWriterOptions): Promise<LasWriter> {
  const { like, extraBytes = [] } = options
  const colourStep: ColourStep = { value: 1 }
  const properties = withFreeNames([...plyPropertiesOf(like, colourStep), ...extraBytes.map(newProperty)])
  const fixed = properties.slice(0, properties.length - extraBytes.length)
  const rowBytes = properties.reduce((sum, { type }) => sum + plySizes[type], 0)
  const headerBytes = encodeHeader(properties, Number.MAX_SAFE_INTEGER, 0).length
  const handle = await open(path, 'w+')
  let [pointCount, sizeBytes, isOpen] = [0, headerBytes, true]
  let rows = new Uint8Array(0)
  try {
    await writeFully(handle, new Uint8Array(headerBytes), 0)
  } catch (error) {
    await handle.close()
    throw error
  }
  return {
    inputRecordLength: like.pointRecordLength,
    outputRecordLength: rowBytes,
    async append(records, count, extraColumns = {}) {
      if (records.length < count * like.pointRecordLength) {
        const got = `${records.length} bytes for ${count} records`
        throw new RangeError(`expected records of ${like.pointRecordLength} bytes, got ${got}`)
      }
      const columns = extraBytes.map((column) => checkedColumn(extraColumns, column, count))
      if (colourStep.value === 1 && hasLongColour(records, count, like)) {
        await shortenColours(handle, headerBytes, sizeBytes, rowBytes)
        colourStep.value = 257
      }
      if (rows.length < count * rowBytes) rows = new Uint8Array(count * rowBytes)
      encodeRows(dataView(records), like.pointRecordLength, count, fixed, columns, dataView(rows), rowBytes)
      await writeFully(handle, rows.subarray(0, count * rowBytes), sizeBytes)
      sizeBytes += count * rowBytes
      pointCount += count
    },
    async close() {
      isOpen = false
      try {
        // The points first: a header without them would promise what is not on the disk yet.
        await handle.sync()
        await writeFully(handle, encodeHeader(properties, pointCount, headerBytes), 0)
        await handle.sync()
        return { pointCount, sizeBytes }
      } finally {
        await handle.close()
      }
    },
    async abandon() {
      if (!isOpen) return
      isOpen = false
      await handle.close()
    },
  }
}

function newProperty({ name, type }: NewExtraBytes): VertexProperty {
  return { name, type: plyTypes[type], read: () => 0 }
}

/** Names without blanks, each once. */
function withFreeNames(properties: readonly VertexProperty[]): VertexProperty[] {
  const taken = new Set<string>()
  return properties.map((property) => {
    const plain = property.name.replace(/[^\x21-\x7e]+/g, '_') || 'unnamed'
    let name = plain
    for (let n = 2; taken.has(name); n++) name = `${plain}_${n}`
    taken.add(name)
    return { ...property, name }
  })
}

/** Padded to `sizeBytes` by a comment, so that the count can be put in when it is known. */
function encodeHeader(
  properties: readonly VertexProperty[],
  pointCount: number,
  sizeBytes: number,
): Uint8Array {
  const lines = (padding: string) => [
    'ply',
    'format binary_little_endian 1.0',
    `comment Alidade${padding}`,
    `element vertex ${pointCount}`,
    ...properties.map(({ name, type }) => `property ${type} ${name}`),
    'end_header',
    '',
  ]
  const bare = lines('').join('\n').length
  return Buffer.from(lines(' '.repeat(Math.max(0, sizeBytes - bare))).join('\n'), 'latin1')
}

type Column = { readonly values: ArrayLike<number>; readonly type: NewExtraBytes['type'] }

function checkedColumn(columns: ExtraColumns, { name, type }: NewExtraBytes, count: number): Column {
  const values = columns[name]
  if (values && values.length >= count && values.BYTES_PER_ELEMENT === scalarSizeBytes(type))
    return { values, type }
  const got = values ? `${values.constructor.name} of ${values.length}` : 'none'
  throw new RangeError(`expected ${count} values of ${type} for column ${name}, got ${got}`)
}

function encodeRows(
  records: DataView,
  recordBytes: number,
  count: number,
  fixed: readonly VertexProperty[],
  columns: readonly Column[],
  rows: DataView,
  rowBytes: number,
): void {
  let start = 0
  for (const { type, read } of fixed) {
    const set = plySetters[type]
    for (let i = 0, from = 0, to = start; i < count; i++, from += recordBytes, to += rowBytes)
      set(rows, to, read(records, from))
    start += plySizes[type]
  }
  for (const { values, type } of columns) {
    const set = plySetters[plyTypes[type]]
    for (let i = 0, to = start; i < count; i++, to += rowBytes) set(rows, to, values[i]!)
    start += plySizes[plyTypes[type]]
  }
}

/** Whether a colour takes more than 8 of its 16 bits. */
function hasLongColour(
  records: Uint8Array,
  count: number,
  { pointFormat, pointRecordLength }: LasHeader,
): boolean {
  const at = rgbOffset(pointFormat)
  if (at === undefined) return false
  for (let i = 0, high = at + 1; i < count; i++, high += pointRecordLength)
    if (records[high]! + records[high + 2]! + records[high + 4]! > 0) return true
  return false
}

const coloursAt = 24

/** Rows that were written while all colours seemed to have 8 bits: they were dark ones of 16. */
async function shortenColours(handle: FileHandle, from: number, to: number, rowBytes: number): Promise<void> {
  const chunk = Buffer.alloc(rowBytes * 16_384)
  for (let at = from; at < to; at += chunk.length) {
    const bytes = chunk.subarray(0, Math.min(chunk.length, to - at))
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at + done)
      if (bytesRead === 0) throw new Error('the file was cut while it was written')
      done += bytesRead
    }
    for (let row = coloursAt; row < bytes.length; row += rowBytes)
      for (let band = row; band < row + 3; band++) bytes[band] = Math.round(bytes[band]! / 257)
    await writeFully(handle, bytes, at)
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

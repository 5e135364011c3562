// Records of a binary PLY element. Without lists all are of one length; with them each has to be walked.
import { setImmediate } from 'node:timers/promises'
import type { ByteSource } from './byte-source.ts'
import { cloudBatchPoints } from './foreign-cloud.ts'
import { corrupt } from './format-error.ts'
import { scalarSizeBytes } from './las-extra-bytes.ts'
import type { PlyElement, PlyHeader } from './ply-header.ts'
import { longestPlyList } from './ply-wanted.ts'
import type { PlyPosition, PlyRows, PlyWanted } from './ply-wanted.ts'
import { readColumn, readScalar } from './scalar-columns.ts'
import { dataView } from './little-endian.ts'

const windowBytes = 1024 * 1024

export function readPlyBinaryRows(
  source: ByteSource,
  header: PlyHeader,
  position: PlyPosition,
  element: PlyElement,
  wanted: PlyWanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlyRows, void, undefined> {
  const hasLists = element.properties.some(({ countType }) => countType !== undefined)
  const read = hasLists ? readWalkedRows : readFixedRows
  return read(source, header.encoding === 'little', position, element, wanted, signal)
}

async function* readFixedRows(
  source: ByteSource,
  little: boolean,
  position: PlyPosition,
  { name, count: total, properties }: PlyElement,
  { scalars }: PlyWanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlyRows, void, undefined> {
  const sizes = properties.map(({ type }) => scalarSizeBytes(type))
  const stride = sizes.reduce((sum, size) => sum + size, 0)
  const offsets = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0))
  const end = position.offset + total * stride
  if (end > source.sizeBytes) {
    throw corrupt(
      `element ${name}`,
      `${total * stride} bytes from byte ${position.offset} on`,
      `${source.sizeBytes - position.offset}`,
    )
  }
  const columns = scalars.map(() => new Float64Array(cloudBatchPoints))
  for (let first = 0; first < total; first += cloudBatchPoints) {
    const count = Math.min(cloudBatchPoints, total - first)
    if (scalars.length > 0) {
      const view = dataView(await source.read(position.offset, count * stride))
      for (const [i, property] of scalars.entries())
        readColumn(view, properties[property]!.type, little, offsets[property]!, stride, count, columns[i]!)
    }
    await setImmediate()
    signal?.throwIfAborted()
    position.offset += count * stride
    yield { count, columns }
  }
}

async function* readWalkedRows(
  source: ByteSource,
  little: boolean,
  position: PlyPosition,
  element: PlyElement,
  wanted: PlyWanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlyRows, void, undefined> {
  const columns = wanted.scalars.map(() => new Float64Array(cloudBatchPoints))
  const walk = rowWalker(little, element, wanted, columns)
  let [done, size] = [0, windowBytes]
  while (done < element.count) {
    const length = Math.min(size, source.sizeBytes - position.offset)
    const view = dataView(await source.read(position.offset, length))
    await setImmediate()
    signal?.throwIfAborted()
    let [at, count] = [0, 0]
    while (done + count < element.count && count < cloudBatchPoints) {
      const next = walk(view, at, count, position.offset)
      if (next === undefined) break
      at = next
      count++
    }
    if (count === 0) {
      if (length < size) {
        const place = `element ${element.name} ${done + 1}`
        throw corrupt(place, `more than ${length} bytes`, 'the end of the file')
      }
      // A list longer than the window: it is bounded, so is this.
      size *= 2
      continue
    }
    size = windowBytes
    position.offset += at
    done += count
    yield { count, columns }
  }
}

/** Reads the row at a byte of the view; where it ends, or undefined where the view ends before. */
function rowWalker(
  little: boolean,
  { name, properties }: PlyElement,
  { scalars, list }: PlyWanted,
  columns: readonly Float64Array[],
) {
  const columnOf = properties.map((_, index) => columns[scalars.indexOf(index)])
  let values = new Float64Array(16)
  return (view: DataView, start: number, row: number, viewOffset: number): number | undefined => {
    let at = start
    let found = 0
    for (let index = 0; index < properties.length; index++) {
      const { type, countType } = properties[index]!
      const first = countType ?? type
      if (at + scalarSizeBytes(first) > view.byteLength) return undefined
      const value = readScalar(view, first, little, at)
      const place = at
      at += scalarSizeBytes(first)
      if (countType === undefined) {
        const column = columnOf[index]
        if (column) column[row] = value
        continue
      }
      if (value < 0 || value > longestPlyList) {
        throw corrupt(
          `byte ${viewOffset + place}`,
          `a list of 0 to ${longestPlyList} values in ${name}`,
          value,
        )
      }
      const size = scalarSizeBytes(type)
      if (at + value * size > view.byteLength) return undefined
      if (list?.property === index) {
        if (values.length < value) values = new Float64Array(value)
        readColumn(view, type, little, at, size, value, values)
        found = value
      }
      at += value * size
    }
    // Not before the whole row is there: it would be taken twice.
    list?.take(values, found)
    return at
  }
}

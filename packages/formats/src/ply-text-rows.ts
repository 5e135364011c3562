// Records of an element of a PLY file in text: a line for each.
import type { ByteSource } from './byte-source.ts'
import { cloudBatchPoints } from './foreign-cloud.ts'
import { corrupt } from './format-error.ts'
import type { ScalarType } from './las-extra-bytes.ts'
import type { PlyElement, PlyHeader } from './ply-header.ts'
import { longestPlyList } from './ply-wanted.ts'
import type { PlyPosition, PlyRows, PlyWanted } from './ply-wanted.ts'
import { isNaNText } from './decimal.ts'
import { LineCursor } from './line-cursor.ts'
import { readLineBlocks } from './text-lines.ts'

export async function* readPlyTextRows(
  source: ByteSource,
  _: PlyHeader,
  position: PlyPosition,
  element: PlyElement,
  wanted: PlyWanted,
  signal: AbortSignal | undefined,
): AsyncGenerator<PlyRows, void, undefined> {
  if (element.count === 0) return
  const row = textRow(element, wanted)
  let [done, count] = [0, 0]
  for await (const block of readLineBlocks(source, position.offset, position.line, signal)) {
    const cursor = new LineCursor(block)
    while (done < element.count && cursor.nextLine()) {
      if (!cursor.hasWord()) continue
      row.take(cursor, count++)
      done++
      if (count < cloudBatchPoints && done < element.count) continue
      Object.assign(position, cursor.next)
      yield { count, columns: row.columns }
      count = 0
    }
    if (done === element.count) return
  }
  if (count > 0) yield { count, columns: row.columns }
  throw corrupt(`element ${element.name}`, `${element.count} lines`, `the end of the file after ${done}`)
}

const wholeRanges: Partial<Readonly<Record<ScalarType, readonly [number, number]>>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
}

/** Takes one line apart by the properties of its element. */
function textRow({ properties, name }: PlyElement, { scalars, list }: PlyWanted) {
  const columns = scalars.map(() => new Float64Array(cloudBatchPoints))
  const columnOf = properties.map((_, index) => columns[scalars.indexOf(index)])
  let values = new Float64Array(16)
  const number = (cursor: LineCursor, property: string, type: ScalarType): number => {
    const value = cursor.number()
    const range = wholeRanges[type]
    if (range ? Number.isInteger(value) && value >= range[0] && value <= range[1] : !Number.isNaN(value))
      return value
    const word = cursor.lastWord()
    if (!range && isNaNText(word)) return value
    const got = word === '' ? 'the end of the line' : JSON.stringify(word.slice(0, 40))
    throw corrupt(`line ${cursor.line}`, `a value of type ${type} for ${property} of ${name}`, got)
  }
  const take = (cursor: LineCursor, row: number) => {
    for (let index = 0; index < properties.length; index++) {
      const property = properties[index]!
      const value = number(cursor, property.name, property.countType ?? property.type)
      if (property.countType === undefined) {
        const column = columnOf[index]
        if (column) column[row] = value
        continue
      }
      if (value < 0 || value > longestPlyList)
        throw corrupt(`line ${cursor.line}`, `a list of 0 to ${longestPlyList} values`, value)
      if (values.length < value) values = new Float64Array(value)
      for (let i = 0; i < value; i++) values[i] = number(cursor, property.name, property.type)
      if (list?.property === index) list.take(values, value)
    }
    if (cursor.hasWord())
      throw corrupt(`line ${cursor.line}`, `${properties.length} properties of ${name}`, 'more')
  }
  return { columns, take }
}

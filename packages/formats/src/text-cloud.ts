// Points in text (XYZ, CSV, PTS): a line for each, columns by a line of names or by their places.
import type { ByteSource } from './byte-source.ts'
import { isNaNText } from './decimal.ts'
import { corrupt, FormatError } from './format-error.ts'
import { allocateBatch, cloudBatchPoints } from './foreign-cloud.ts'
import type { ForeignCloud } from './foreign-cloud.ts'
import { LineCursor } from './line-cursor.ts'
import { layOutText, remark } from './text-columns.ts'
import type { TextLayout } from './text-columns.ts'
import { readLineBlocks } from './text-lines.ts'

const sniffedBytes = 64 * 1024

export async function openText(source: ByteSource): Promise<ForeignCloud> {
  const head = await source.read(0, Math.min(source.sizeBytes, sniffedBytes))
  const start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0
  const lines = Buffer.from(head.subarray(start)).toString('latin1').split(/\r?\n/)
  // The last line may be cut.
  const layout = layOutText(head.length < source.sizeBytes ? lines.slice(0, -1) : lines)
  if (layout === undefined) {
    const got = head.length === 0 ? 'an empty file' : `none in ${head.length} bytes`
    throw new FormatError('NotAPointCloud', 'line 1', `expected a line of numbers, got ${got}`)
  }
  return { columns: layout.columns, batches: (signal) => readText(source, start, layout, signal) }
}

const mayBeRemark = new Uint8Array(256)
for (const mark of '#/%') mayBeRemark[mark.charCodeAt(0)] = 1

async function* readText(
  source: ByteSource,
  start: number,
  layout: TextLayout,
  signal: AbortSignal | undefined,
) {
  const batch = allocateBatch(layout.columns.length)
  const into: (Float64Array | undefined)[] = []
  for (const [axis, index] of layout.places.entries()) into[index] = [batch.x, batch.y, batch.z][axis]
  for (const [i, { index }] of layout.columns.entries()) into[index] = batch.columns[i]
  let [count, total] = [0, 0]
  for await (const block of readLineBlocks(source, start, 1, signal)) {
    const cursor = new LineCursor(block, layout.separators)
    while (cursor.nextLine()) {
      if (cursor.line < layout.firstLine || !cursor.hasWord()) continue
      if (mayBeRemark[cursor.firstByte()] === 1 && remark.test(cursor.lineText())) continue
      readPoint(cursor, into, count++, layout.columnCount)
      total++
      if (count < cloudBatchPoints) continue
      yield { ...batch, count, share: cursor.next.offset / source.sizeBytes }
      count = 0
    }
  }
  if (layout.statedCount !== undefined && layout.statedCount !== total)
    throw corrupt('line 1', `the number of points, ${total}`, layout.statedCount)
  yield { ...batch, count, share: 1 }
}

function readPoint(
  cursor: LineCursor,
  into: readonly (Float64Array | undefined)[],
  i: number,
  columnCount: number,
): void {
  for (let index = 0; index < columnCount; index++) {
    const value = cursor.number()
    into[index]![i] = value
    if (!Number.isNaN(value) || isNaNText(cursor.lastWord())) continue
    const word = cursor.lastWord()
    if (word === '') throw corrupt(`line ${cursor.line}`, `${columnCount} numbers`, index)
    throw corrupt(`line ${cursor.line}`, 'a number', JSON.stringify(word.slice(0, 40)))
  }
  if (cursor.hasWord()) throw corrupt(`line ${cursor.line}`, `${columnCount} numbers`, 'more')
}

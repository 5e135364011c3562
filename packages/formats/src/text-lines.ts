// Texts of any size in blocks of whole lines.
import type { ByteSource } from './byte-source.ts'
import { readChunks } from './byte-chunks.ts'
import { corrupt } from './format-error.ts'

export type LineBlock = {
  /** Whole lines; all but the last line of the file end with a line feed. */
  readonly bytes: Uint8Array
  /** Number of the first of them, counted from `firstLine` on. */
  readonly firstLine: number
  /** Where the block ends in the source. */
  readonly end: number
}

const longestLineBytes = 1024 * 1024
const lineFeed = 10

export async function* readLineBlocks(
  source: ByteSource,
  from: number,
  firstLine: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LineBlock, void, undefined> {
  let rest = new Uint8Array(0)
  let line = firstLine
  for await (const { offset, bytes } of readChunks(source, from, source.sizeBytes, signal)) {
    const end = offset + bytes.length
    const last = end === source.sizeBytes ? bytes.length : bytes.lastIndexOf(lineFeed) + 1
    const tooLong = last === 0 ? rest.length + bytes.length : rest.length + bytes.indexOf(lineFeed)
    if (tooLong > longestLineBytes) {
      throw corrupt(`line ${line}`, `a line of at most ${longestLineBytes} bytes`, 'a longer one')
    }
    const whole = joined(rest, bytes.subarray(0, last))
    rest = last === 0 ? whole : bytes.slice(last)
    if (last === 0) continue
    yield { bytes: whole, firstLine: line, end: offset + last }
    for (let at = whole.indexOf(lineFeed); at >= 0; at = whole.indexOf(lineFeed, at + 1)) line++
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first)
  bytes.set(second, first.length)
  return bytes
}

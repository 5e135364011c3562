// Lines of an OBJ file, as far as they are about points and surfaces.
import type { ByteSource } from './byte-source.ts'
import { corrupt, FormatError } from './format-error.ts'
import { LineCursor } from './line-cursor.ts'
import { readLineBlocks } from './text-lines.ts'

/** Looks at one line behind its first word; the cursor is good until it returns. */
export type ObjHandlers = Partial<Readonly<Record<'v' | 'vn' | 'f', (cursor: LineCursor) => void>>>

/** Everything else that may begin a line: it has no points that the vertices have not. */
const passedOver = new Set(
  (
    'vt vp l p g o s mg usemtl mtllib usemap maplib lod bevel c_interp d_interp shadow_obj trace_obj ' +
    'cstype deg bmat step parm trim hole scrv sp end con call csh ctech stech res cdc cdp bzp bsp'
  ).split(' '),
)
/** Surfaces that are no polygons. */
const curved = new Set(['curv', 'curv2', 'surf', 'fo'])

const backslash = 0x5c

/** Calls the handlers line by line and yields after each stretch of the file with the share of it that is done. */
export async function* readObjLines(
  source: ByteSource,
  handlers: ObjHandlers,
  signal: AbortSignal | undefined,
): AsyncGenerator<number, void, undefined> {
  for await (const block of readLineBlocks(source, 0, 1, signal)) {
    const cursor = new LineCursor(block)
    while (cursor.nextLine()) {
      if (!cursor.hasWord() || cursor.startsWith('#')) continue
      const word = cursor.word()
      const place = `line ${cursor.line}`
      if (cursor.endsWith(backslash))
        throw new FormatError('Unsupported', place, 'expected a line that ends in itself, got one that is continued') // biome-ignore format: one line
      if (word === 'v' || word === 'vn' || word === 'f') handlers[word]?.(cursor)
      else if (curved.has(word))
        throw new FormatError('Unsupported', place, `expected surfaces made of faces (f), got ${word}`)
      else if (!passedOver.has(word))
        throw new FormatError('NotAPointCloud', place, `expected a line of an OBJ file, got ${JSON.stringify(word.slice(0, 40))}`) // biome-ignore format: one line
    }
    yield block.end / source.sizeBytes
  }
}

/** Reads as many numbers as `into` has places for; the line may have no more than `most`. */
export function readObjNumbers(cursor: LineCursor, into: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    into[i] = cursor.number()
    if (!Number.isNaN(into[i]!)) continue
    const got = cursor.lastWord() === '' ? `${i}` : JSON.stringify(cursor.lastWord().slice(0, 40))
    throw corrupt(`line ${cursor.line}`, `${count} numbers`, got)
  }
  if (cursor.hasWord()) throw corrupt(`line ${cursor.line}`, `${count} numbers`, 'more')
}

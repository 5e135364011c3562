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
/** By the bytes of the word. */
const handled = new Map<number, 'v' | 'vn' | 'f'>([
  [0x76, 'v'],
  [0x766e, 'vn'],
  [0x66, 'f'],
])

/**
 * Calls the handlers line by line. Yields after each stretch of the file, and whenever `isFull`, with the share of it that is
 * done.
 */
export async function* readObjLines(
  source: ByteSource,
  handlers: ObjHandlers,
  signal: AbortSignal | undefined,
  isFull: () => boolean = () => false,
): AsyncGenerator<number, void, undefined> {
  for await (const block of readLineBlocks(source, 0, 1, signal)) {
    const cursor = new LineCursor(block)
    while (cursor.nextLine()) {
      if (!cursor.hasWord()) continue
      const name = handled.get(cursor.shortWord())
      if (name === undefined) checkPassedOver(cursor)
      if (cursor.endsWith(backslash) && !cursor.lastWord().startsWith('#')) {
        const problem = 'expected a line that ends in itself, got one that is continued'
        throw new FormatError('Unsupported', `line ${cursor.line}`, problem)
      }
      if (name === undefined) continue
      handlers[name]?.(cursor)
      if (isFull()) yield cursor.next.offset / source.sizeBytes
    }
    yield block.end / source.sizeBytes
  }
}

function checkPassedOver(cursor: LineCursor): void {
  const word = cursor.lastWord()
  const place = `line ${cursor.line}`
  if (word.startsWith('#') || passedOver.has(word)) return
  if (curved.has(word))
    throw new FormatError('Unsupported', place, `expected surfaces made of faces (f), got ${word}`)
  const got = JSON.stringify(word.slice(0, 40))
  throw new FormatError('NotAPointCloud', place, `expected a line of an OBJ file, got ${got}`)
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

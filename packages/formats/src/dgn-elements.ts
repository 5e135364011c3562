// Elements of a design file as bytes (Intergraph Standard File Formats; the sections are named where they are used).
import { setLong, setRangeLong } from './dgn-numbers.ts'

/** A place in units of resolution: whole numbers. */
export type DesignPlace = readonly [x: number, y: number, z: number]

/** What all elements of one thing share. */
export interface DesignLook {
  /** 1 to 63. */
  level: number
  /** 0 to 254. */
  color: number
  /** Elements with the same one other than 0 belong together. */
  group: number
}

export const elementType = {
  groupData: 5,
  digitizer: 8,
  header: 9,
  levelSymbology: 10,
  lineString: 4,
  shape: 6,
  complexChain: 12,
  complexShape: 14,
} as const

export const mostLevel = 63
/** Of every element, and of those that are displayed. */
const headBytes = 28
export const displayHeadBytes = 36
const mostVertices = 101
/** A complex element with all that it is made of has at most so many words. */
const mostWords = 65_535
const partOfComplex = 0x80
const isNew = 0x0200
const hole = 0x8000

/** An element of so many bytes, all zero but its type, level and length ("Element header"). */
export function emptyElement(type: number, level: number, bytes: number): DataView {
  const view = new DataView(new ArrayBuffer(bytes))
  view.setUint8(0, level)
  view.setUint8(1, type)
  view.setUint16(2, bytes / 2 - 2, true)
  // Where attributes would begin, counted from behind this word.
  if (bytes >= displayHeadBytes) view.setInt16(30, (bytes - 32) / 2, true)
  return view
}

/** A line along the places, in pieces where they are more than one element holds. */
export function* lineElements(places: readonly DesignPlace[], look: DesignLook): Generator<DataView> {
  const step = mostVertices - 1
  const pieces = Math.ceil((places.length - 1) / step)
  const piecesOfOne = Math.floor(mostWords / (wordsOf(mostVertices) + 2)) - 1
  for (let first = 0; first < pieces; first += piecesOfOne) {
    const end = Math.min(pieces, first + piecesOfOne)
    yield* wholeOrComplex(places.slice(first * step, end * step + 1), look, {
      ...{ simple: elementType.lineString, complex: elementType.complexChain, flags: 0 },
    })
  }
}

/** A closed area whose first place is its last one too. RangeError for one with more corners than a complex element holds. */
export function shapeElements(
  ring: readonly DesignPlace[],
  look: DesignLook,
  { isHole = false } = {},
): Generator<DataView> {
  const flags = isHole ? hole : 0
  const types = { simple: elementType.shape, complex: elementType.complexShape }
  return wholeOrComplex(ring, look, { ...types, flags })
}

interface Kinds {
  simple: number
  complex: number
  flags: number
}

/** "Line String (Type 4), Shape (Type 6)", "Complex Chain Headers (Type 12) and Complex Shape Headers (Type 14)". */
function* wholeOrComplex(
  places: readonly DesignPlace[],
  look: DesignLook,
  { simple, complex, flags }: Kinds,
): Generator<DataView> {
  if (places.length <= mostVertices) {
    yield vertices(simple, places, look, flags)
    return
  }
  const step = mostVertices - 1
  const parts: DataView[] = []
  for (let from = 0; from < places.length - 1; from += step) {
    const part = vertices(elementType.lineString, places.slice(from, from + mostVertices), look, 0)
    part.setUint8(0, part.getUint8(0) | partOfComplex)
    parts.push(part)
  }
  const attributesBytes = 8
  const head = emptyElement(complex, look.level, displayHeadBytes + 4 + attributesBytes)
  display(head, places, look, flags)
  const partBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0)
  // All words that follow this one.
  const words = (head.byteLength - displayHeadBytes - 2 + partBytes) / 2
  if (words > mostWords) throw new RangeError(`expected at most ${mostWords} words in a shape, got ${words}`)
  head.setUint16(displayHeadBytes, words, true)
  head.setUint16(displayHeadBytes + 2, parts.length, true)
  head.setInt16(30, (displayHeadBytes + 4 - 32) / 2, true)
  yield head
  yield* parts
}

function vertices(type: number, places: readonly DesignPlace[], look: DesignLook, flags: number): DataView {
  const view = emptyElement(type, look.level, displayHeadBytes + 2 + 12 * places.length)
  display(view, places, look, flags)
  view.setUint16(displayHeadBytes, places.length, true)
  for (const [i, place] of places.entries()) setPlace(view, displayHeadBytes + 2 + 12 * i, place)
  return view
}

function wordsOf(count: number): number {
  return (displayHeadBytes + 2 + 12 * count) / 2
}

/** Range, graphic group, properties and symbology. */
function display(
  view: DataView,
  places: readonly DesignPlace[],
  { color, group }: DesignLook,
  flags: number,
): void {
  for (const axis of [0, 1, 2] as const) {
    let [low, high] = [Infinity, -Infinity]
    for (const place of places) {
      low = Math.min(low, place[axis])
      high = Math.max(high, place[axis])
    }
    setRangeLong(view, 4 + 4 * axis, low)
    setRangeLong(view, 16 + 4 * axis, high)
  }
  view.setUint16(headBytes, group, true)
  view.setUint16(32, isNew | flags, true)
  view.setUint8(35, color)
}

export function setPlace(view: DataView, at: number, place: DesignPlace): void {
  for (const [axis, value] of place.entries()) setLong(view, at + 4 * axis, value)
}

// Elements of a design file and where their vertices are in the world, by the published layout alone.

export interface ReadElement {
  type: number
  level: number
  group: number
  isPartOfComplex: boolean
  isHole: boolean
  /** As the header of the element says, in units of the file. */
  low: number[]
  high: number[]
  /** Of lines, line strings and shapes. */
  vertices: number[][]
}

const withVertices = [4, 6]

/** Throws where elements do not follow upon each other to the mark at the end. */
export function readDgn(bytes: Uint8Array): ReadElement[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const long = (at: number) => view.getInt16(at, true) * 65_536 + view.getUint16(at + 2, true)
  const perUnit = long(1112) * long(1116)
  const origin = [0, 1, 2].map((axis) => dFloat(view, 1240 + 8 * axis) / perUnit)
  const place = (at: number) => origin.map((value, axis) => long(at + 4 * axis) / perUnit - value)
  const elements: ReadElement[] = []
  let at = 0
  while (view.getUint16(at, true) !== 0xffff) {
    const end = at + 4 + 2 * view.getUint16(at + 2, true)
    if (end + 2 > bytes.length) throw new RangeError(`an element at byte ${at} ends beyond the file`)
    const type = view.getUint8(at + 1) & 0x7f
    const count = withVertices.includes(type) ? view.getUint16(at + 36, true) : 0
    // Counted from the lowest place of the plane: the sign is the other way round.
    const range = (from: number) => place(from).map((value) => value - 2 ** 31 / perUnit)
    const isSigned = (from: number) => long(from) < 0
    elements.push({
      type,
      level: view.getUint8(at) & 0x3f,
      group: view.getUint16(at + 28, true),
      isPartOfComplex: (view.getUint8(at) & 0x80) !== 0,
      isHole: (view.getUint16(at + 32, true) & 0x8000) !== 0,
      low: range(at + 4).map((value, axis) => value + (isSigned(at + 4 + 4 * axis) ? 2 ** 32 / perUnit : 0)),
      high: range(at + 16).map(
        (value, axis) => value + (isSigned(at + 16 + 4 * axis) ? 2 ** 32 / perUnit : 0),
      ),
      vertices: Array.from({ length: count }, (_, i) => place(at + 38 + 12 * i)),
    })
    at = end
  }
  if (at + 2 !== bytes.length) throw new RangeError(`the end is marked at byte ${at} of ${bytes.length}`)
  return elements
}

/** Sign, 8 bits of exponent with a bias of 128, and a fraction from 1/2 whose first bit is left out. */
export function dFloat(view: DataView, at: number): number {
  const words = [0, 2, 4, 6].map((offset) => view.getUint16(at + offset, true))
  const exponent = (words[0]! >> 7) & 0xff
  if (exponent === 0) return 0
  const fraction = [words[0]! & 0x7f, ...words.slice(1)].reduce(
    (sum, word, i) => sum + word / 2 ** (8 + 16 * i),
    0.5,
  )
  return (words[0]! & 0x8000 ? -1 : 1) * fraction * 2 ** (exponent - 128)
}

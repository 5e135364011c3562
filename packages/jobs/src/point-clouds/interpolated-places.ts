// Places in another system by interpolation between exact ones, where that is as good.

/** Writes where a place lies into the first two numbers of `into`. */
export type PlaceInto = (x: number, y: number, into: Float64Array) => void
type Place = (x: number, y: number) => readonly [number, number]

export interface InterpolateOptions {
  /** In the middle of all places: cells are as large there as they can be. */
  middle: readonly [x: number, y: number]
  /** In the unit of the places; cells are no larger. */
  largestCell: number
  /** How far from the exact place, in the unit of the other system. */
  tolerance: number
}

/** Cells that are halved so often have too few points each for this to be worth it. */
const mostHalvings = 7

/**
 * By parabolas along both axes, within cells that lie at multiples of their size, so that neither the order nor the number of
 * places matters. Each cell is held against exact places where it strays most from a smooth function; one that strays
 * farther than the tolerance is not interpolated.
 */
export function interpolatePlaces(
  place: Place,
  { middle, largestCell, tolerance }: InterpolateOptions,
): PlaceInto {
  let size = largestCell
  const cellAt = (x: number, y: number): Cell | undefined => {
    try {
      return interpolatedCell(place, x, y, size, tolerance)
    } catch {
      // A corner that the other system does not reach says nothing of the places within.
      return undefined
    }
  }
  const inMiddle = () => cellAt(Math.floor(middle[0] / size) * size, Math.floor(middle[1] / size) * size)
  for (let halved = 0; halved < mostHalvings && inMiddle() === undefined; halved++) size /= 2
  const columns = new Map<number, Map<number, Cell | undefined>>()
  let [lastColumn, lastRow] = [Number.NaN, Number.NaN]
  let cell: Cell | undefined
  return (x, y, into) => {
    const [column, row] = [Math.floor(x / size), Math.floor(y / size)]
    if (column !== lastColumn || row !== lastRow) {
      const rows = columns.get(column) ?? new Map<number, Cell | undefined>()
      columns.set(column, rows)
      if (!rows.has(row)) rows.set(row, cellAt(column * size, row * size))
      cell = rows.get(row)
      lastColumn = column
      lastRow = row
    }
    if (cell === undefined) into.set(place(x, y))
    else interpolate(cell, x / size - column, y / size - row, into)
  }
}

/** Both coordinates of three times three places: corners, middles of the edges, and the middle. */
type Cell = Float64Array

function interpolatedCell(
  place: Place,
  x: number,
  y: number,
  size: number,
  tolerance: number,
): Cell | undefined {
  const at = (a: number, b: number) => place(x + a * size, y + b * size)
  const cell = Float64Array.from([0, 0.5, 1].flatMap((b) => [0, 0.5, 1].flatMap((a) => at(a, b))))
  const found = new Float64Array(2)
  const isClose = farthest.every((a) =>
    farthest.every((b) => {
      const exact = at(a, b)
      interpolate(cell, a, b, found)
      return exact.every((value, axis) => Math.abs(found[axis]! - value) <= tolerance)
    }),
  )
  return isClose ? cell : undefined
}

/** Where parabolas through three places at equal distances stray most from a smooth curve: (1 +- 1/sqrt 3) / 2. */
const farthest = [0.5 - Math.sqrt(1 / 12), 0.5 + Math.sqrt(1 / 12)]

function interpolate(cell: Cell, a: number, b: number, into: Float64Array): void {
  const [left, middle, right] = [(1 - a) * (1 - 2 * a), 4 * a * (1 - a), a * (2 * a - 1)]
  const [below, between, above] = [(1 - b) * (1 - 2 * b), 4 * b * (1 - b), b * (2 * b - 1)]
  for (let axis = 0; axis < 2; axis++) {
    into[axis] =
      below * (left * cell[axis]! + middle * cell[axis + 2]! + right * cell[axis + 4]!) +
      between * (left * cell[axis + 6]! + middle * cell[axis + 8]! + right * cell[axis + 10]!) +
      above * (left * cell[axis + 12]! + middle * cell[axis + 14]! + right * cell[axis + 16]!)
  }
}

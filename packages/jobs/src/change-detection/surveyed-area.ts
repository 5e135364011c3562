// Where a survey has looked. What one survey has beyond the edge of the other is unseen rather than changed; a hole in
// the midst of it is where something stood or stands.
import { type Pace, paceSteps, type PointArrays } from '@alidade/analysis'

export interface SurveyedArea {
  /** Whether a place in plan lies beyond the edge of the survey, or in the outermost cells within it. */
  isBeyond(x: number, y: number): boolean
}

/** An empty space of more cells than this is not looked through any further: nothing encloses it. */
const largestHoleCells = 250_000

/**
 * Takes the cells that hold points, in one pass over them. `cellSize` of some four point spacings: a cell within a survey
 * is then hardly ever empty (e^-16 for points scattered at random). An empty space that cells with points enclose is a
 * hole, every other one is beyond the edge; gaps narrower than three cells open nothing. Cost: the cells with points,
 * and the empty ones around the places asked for. `pace` hears of every point once.
 */
export async function surveyedArea(
  { x, y }: PointArrays,
  cellSize: number,
  pace: Pace = async () => {},
): Promise<SurveyedArea> {
  const column = (value: number) => Math.floor(value / cellSize)
  const occupied = new Set<number>()
  const bounds: CellBounds = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity }
  let last = Number.NaN
  let counted = 0
  for (let k = 0; k < x.length; k++) {
    if (k % paceSteps === 0) {
      await pace(k - counted)
      counted = k
    }
    const [i, j] = [column(x[k]!), column(y[k]!)]
    const key = cellKey(i, j)
    if (key === last) continue // neighbours in a file mostly share a cell
    last = key
    occupied.add(key)
    bounds.left = Math.min(bounds.left, i)
    bounds.right = Math.max(bounds.right, i)
    bounds.bottom = Math.min(bounds.bottom, j)
    bounds.top = Math.max(bounds.top, j)
  }
  await pace(x.length - counted)
  const spaces = new EmptySpaces(occupied, bounds)
  return { isBeyond: (placeX, placeY) => spaces.isNearOutside(column(placeX), column(placeY)) }
}

/** Cells of both axes as one number: exact while both stay within 2^26 of zero, and only a set of cells beyond that. */
function cellKey(i: number, j: number): number {
  return i * rowStep + j
}
const rowStep = 2 ** 27

interface CellBounds {
  left: number
  right: number
  bottom: number
  top: number
}

const besideOccupied = 1
const enclosed = 2
const outside = 3

/** Cells that hold no points and touch none that do, by the connected space they belong to. */
class EmptySpaces {
  readonly #occupied: ReadonlySet<number>
  readonly #bounds: CellBounds
  readonly #kind = new Map<number, typeof besideOccupied | typeof enclosed | typeof outside>()
  /** Cells asked for. */
  readonly #near = new Map<number, boolean>()

  constructor(occupied: ReadonlySet<number>, bounds: CellBounds) {
    this.#occupied = occupied
    this.#bounds = bounds
  }

  /** The edge runs through a cell two away from the nearest one that is outside. */
  isNearOutside(i: number, j: number): boolean {
    const cell = cellKey(i, j)
    const known = this.#near.get(cell)
    if (known !== undefined) return known
    let near = false
    for (let k = 0; k < 25 && !near; k++) {
      near = this.#kindOf(cell + ((k % 5) - 2) * rowStep + Math.floor(k / 5) - 2) === outside
    }
    this.#near.set(cell, near)
    return near
  }

  #kindOf(cell: number): number {
    const known = this.#kind.get(cell)
    if (known !== undefined) return known
    if (this.#touchesOccupied(cell)) {
      this.#kind.set(cell, besideOccupied)
      return besideOccupied
    }
    return this.#exploreFrom(cell)
  }

  /** Looks through the space of an empty cell, side by side, until it ends, or turns out to be outside. */
  #exploreFrom(start: number): number {
    const space = [start]
    const found = new Set(space)
    let kind: typeof enclosed | typeof outside = this.#isOutOfBounds(start) ? outside : enclosed
    for (let at = 0; at < space.length && kind === enclosed; at++) {
      for (const step of [rowStep, -rowStep, 1, -1]) {
        const cell = space[at]! + step
        if (found.has(cell)) continue
        const known = this.#kind.get(cell)
        if (known === outside || space.length > largestHoleCells || this.#isOutOfBounds(cell)) kind = outside
        if (kind === outside) break
        if (known !== undefined) continue
        if (this.#touchesOccupied(cell)) this.#kind.set(cell, besideOccupied)
        else {
          found.add(cell)
          space.push(cell)
        }
      }
    }
    for (const cell of space) this.#kind.set(cell, kind)
    return kind
  }

  #isOutOfBounds(cell: number): boolean {
    const { left, right, bottom, top } = this.#bounds
    const i = Math.round(cell / rowStep)
    const j = cell - i * rowStep
    return i < left || i > right || j < bottom || j > top
  }

  #touchesOccupied(cell: number): boolean {
    for (let k = 0; k < 9; k++) {
      if (this.#occupied.has(cell + ((k % 3) - 1) * rowStep + Math.floor(k / 3) - 1)) return true
    }
    return false
  }
}

// Where a survey has looked. What one survey has beyond the edge of the other is unseen rather than changed; a hole in
// the midst of it is where something stood or stands.
import { CellIndex, type Pace, paceSteps, type PointArrays } from '@alidade/analysis'

/** Of `findChanges` over the points of both surveys: where they have looked, which groups lie there, and grouping anew. */
export const seenPasses = 3

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
  const occupied = new OccupiedCells(cellSize)
  for (let from = 0; from < x.length; from += paceSteps) {
    const to = Math.min(x.length, from + paceSteps)
    occupied.add(x.subarray(from, to), y.subarray(from, to))
    await pace(to - from)
  }
  return occupied.area()
}

/** The cells in plan that hold points of a survey: the same whichever of its points come first. */
export class OccupiedCells {
  readonly #cellSize: number
  readonly #cells = new CellIndex()
  readonly #bounds: CellBounds = { left: Infinity, right: -Infinity, bottom: Infinity, top: -Infinity }

  constructor(cellSize: number) {
    this.#cellSize = cellSize
  }

  add(x: Float64Array, y: Float64Array): void {
    let [lastI, lastJ] = [Number.NaN, Number.NaN]
    for (let k = 0; k < x.length; k++) {
      const [i, j] = [this.#step(x[k]!), this.#step(y[k]!)]
      // Neighbours in a file mostly share a cell.
      if (i === lastI && j === lastJ) continue
      lastI = i
      lastJ = j
      this.#addCell(i, j)
    }
  }

  /** Both steps of each cell, in order of first sight. */
  steps(): Int32Array {
    return this.#cells.planSteps()
  }

  addSteps(steps: Int32Array): void {
    for (let at = 0; at < steps.length; at += 2) this.#addCell(steps[at]!, steps[at + 1]!)
  }

  area(): SurveyedArea {
    const spaces = new EmptySpaces(this.#cells, this.#bounds)
    return { isBeyond: (x, y) => spaces.isNearOutside(this.#step(x), this.#step(y)) }
  }

  #step(value: number): number {
    return Math.floor(value / this.#cellSize)
  }

  #addCell(i: number, j: number): void {
    this.#cells.add(i, j, 0)
    const bounds = this.#bounds
    bounds.left = Math.min(bounds.left, i)
    bounds.right = Math.max(bounds.right, i)
    bounds.bottom = Math.min(bounds.bottom, j)
    bounds.top = Math.max(bounds.top, j)
  }
}

/** Cells of both axes as one number: exact while both stay within 2^26 of zero, and only a set of cells beyond that. */
function cellKey(i: number, j: number): number {
  return i * rowStep + j
}
const rowStep = 2 ** 27

function stepsOfKey(cell: number): [i: number, j: number] {
  const i = Math.round(cell / rowStep)
  return [i, cell - i * rowStep]
}

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
  readonly #occupied: CellIndex
  readonly #bounds: CellBounds
  readonly #kind = new Map<number, typeof besideOccupied | typeof enclosed | typeof outside>()
  /** Cells asked for. */
  readonly #near = new Map<number, boolean>()

  constructor(occupied: CellIndex, bounds: CellBounds) {
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
    const [i, j] = stepsOfKey(cell)
    return i < left || i > right || j < bottom || j > top
  }

  #touchesOccupied(cell: number): boolean {
    const [i, j] = stepsOfKey(cell)
    for (let k = 0; k < 9; k++) {
      if (this.#occupied.find(i + (k % 3) - 1, j + Math.floor(k / 3) - 1, 0) >= 0) return true
    }
    return false
  }
}

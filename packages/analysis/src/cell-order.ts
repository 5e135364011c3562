/**
 * The points of two surveys in the order of the cells of a cubic grid: by step on the first axis, then the second, then the
 * third, within a cell the first survey before the second, each in its own order. What is beside each other in the grid
 * then lies close in memory, and a walk over it needs no table of places.
 *
 * Points are first dealt out to bands of whole steps on the first axis, then sorted band by band, so that threads can share
 * the work; the result does not depend on how they did.
 */
import { cellStep } from './cell-index.ts'
import type { PointArrays } from './point-arrays.ts'

export type CellGrid = {
  readonly cellSize: number
  /** Where the cells (0, 0, 0) begin, for each survey: different, the second one is taken as if it were moved. */
  readonly origins: readonly [Place, Place]
  /** The first step of each band but the first one, ascending. */
  readonly bandEdges: Int32Array
}
export type Place = readonly [number, number, number]

/** Points of both surveys have one numbering: those of the second one follow those of the first. */
export type Surveys = readonly [PointArrays, PointArrays]

/** Their moments fit the cache that a thread has to itself, and take some tens of milliseconds. */
export const pointsPerBand = 1 << 16
/** Cells are measured with two steps around them, which neighbouring bands have to look at as well. */
const fewestSteps = 8

/** Bands of about as many points each, by a sample: no outlier can make them uneven. */
export function chooseBands(surveys: Surveys, origin: Place, cellSize: number): Int32Array {
  const count = surveys[0].x.length + surveys[1].x.length
  const bands = Math.max(1, Math.ceil(count / pointsPerBand))
  const stride = Math.max(1, Math.floor(count / (64 * bands)))
  const sample: number[] = []
  for (const { x } of surveys) {
    for (let i = 0; i < x.length; i += stride) sample.push(cellStep((x[i]! - origin[0]) / cellSize, 0, 1))
  }
  sample.sort((one, other) => one - other)
  const edges: number[] = []
  for (let band = 1; band < bands; band++) {
    const edge = sample[Math.floor((band * sample.length) / bands)]!
    if (edge >= (edges.at(-1) ?? sample[0]!) + fewestSteps) edges.push(edge)
  }
  return Int32Array.from(edges)
}

/** Of some points of one survey, how many fall in each band: added to `counts` from `at` on. */
export function countBands(
  grid: CellGrid,
  { x }: PointArrays,
  epoch: 0 | 1,
  [from, to]: readonly [number, number],
  counts: Uint32Array,
  at: number,
): void {
  const [originX] = grid.origins[epoch]
  const { cellSize, bandEdges } = grid
  let band = 0
  for (let i = from; i < to; i++) {
    band = bandOf(bandEdges, cellStep((x[i]! - originX) / cellSize, 0, 1), band)
    counts[at + band]!++
  }
}

/** Deals the same points out: `places` says from `at` on where the next point of each band belongs, and moves on. */
export function dealToBands(
  grid: CellGrid,
  { x }: PointArrays,
  epoch: 0 | 1,
  [from, to]: readonly [number, number],
  firstNumber: number,
  places: Uint32Array,
  at: number,
  order: Uint32Array,
): void {
  const [originX] = grid.origins[epoch]
  const { cellSize, bandEdges } = grid
  let band = 0
  for (let i = from; i < to; i++) {
    band = bandOf(bandEdges, cellStep((x[i]! - originX) / cellSize, 0, 1), band)
    order[places[at + band]!++] = firstNumber + i
  }
}

/** Neighbours in a file mostly share a band: the last one is tried first. */
function bandOf(edges: Int32Array, step: number, last: number): number {
  const isIn = (last === 0 || step >= edges[last - 1]!) && (last === edges.length || step < edges[last]!)
  if (isIn) return last
  let [low, high] = [0, edges.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (edges[middle]! <= step) low = middle + 1
    else high = middle
  }
  return low
}

const digitBits = 11
const digits = 1 << digitBits

/** Sorts stretch after stretch of an order by cell; keeps the arrays that it works in. */
export class CellSorter {
  readonly #grid: CellGrid
  readonly #surveys: Surveys
  #steps: [Int32Array, Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0), new Int32Array(0)]
  #points = new Uint32Array(0)
  #sorted = new Uint32Array(0)
  #unsorted = new Uint32Array(0)
  readonly #starts = new Uint32Array(digits + 1)

  constructor(grid: CellGrid, surveys: Surveys) {
    this.#grid = grid
    this.#surveys = surveys
  }

  /** Sorts `order` from `from` to before `to`, stably, and returns how many cells these points lie in. */
  sort(order: Uint32Array, from: number, to: number): number {
    const n = to - from
    if (n === 0) return 0
    this.#reserve(n)
    const points = this.#points
    points.set(order.subarray(from, to))
    stepsOfPoints(this.#grid, this.#surveys, points, n, this.#steps)
    for (let p = 0; p < n; p++) this.#sorted[p] = p
    // The last axis first: each pass keeps the order of the one before within equals (LSD radix sort).
    for (let axis = 2; axis >= 0; axis--) this.#sortBy(this.#steps[axis]!, n)
    const [i, j, k] = this.#steps
    const sorted = this.#sorted
    let [cells, last] = [1, sorted[0]!]
    for (let p = 0; p < n; p++) {
      const point = sorted[p]!
      order[from + p] = points[point]!
      if (i[point] !== i[last] || j[point] !== j[last] || k[point] !== k[last]) cells++
      last = point
    }
    return cells
  }

  #sortBy(steps: Int32Array, n: number): void {
    let [low, high] = [steps[0]!, steps[0]!]
    for (let p = 1; p < n; p++) {
      const step = steps[p]!
      if (step < low) low = step
      else if (step > high) high = step
    }
    // Steps are below 2^30, so that their range has 31 bits.
    for (let shift = 0; shift < 31 && (high - low) >>> shift > 0; shift += digitBits)
      this.#pass(steps, n, low, shift)
  }

  #pass(steps: Int32Array, n: number, low: number, shift: number): void {
    const [starts, from, into] = [this.#starts, this.#sorted, this.#unsorted]
    starts.fill(0)
    for (let p = 0; p < n; p++) starts[(((steps[p]! - low) >>> shift) & (digits - 1)) + 1]!++
    for (let digit = 0; digit < digits; digit++) starts[digit + 1]! += starts[digit]!
    for (let p = 0; p < n; p++) {
      const point = from[p]!
      into[starts[((steps[point]! - low) >>> shift) & (digits - 1)]!++] = point
    }
    this.#sorted = into
    this.#unsorted = from
  }

  #reserve(n: number): void {
    if (n <= this.#points.length) return
    const size = Math.ceil(1.25 * n)
    this.#steps = [new Int32Array(size), new Int32Array(size), new Int32Array(size)]
    this.#points = new Uint32Array(size)
    this.#sorted = new Uint32Array(size)
    this.#unsorted = new Uint32Array(size)
  }
}

function stepsOfPoints(
  { origins, cellSize }: CellGrid,
  surveys: Surveys,
  points: Uint32Array,
  n: number,
  [i, j, k]: readonly [Int32Array, Int32Array, Int32Array],
): void {
  const ofFirst = surveys[0].x.length
  for (let p = 0; p < n; p++) {
    const number = points[p]!
    const epoch = number < ofFirst ? 0 : 1
    const point = epoch === 0 ? number : number - ofFirst
    const { x, y, z } = surveys[epoch]
    const origin = origins[epoch]
    i[p] = cellStep((x[point]! - origin[0]) / cellSize, 0, 1)
    j[p] = cellStep((y[point]! - origin[1]) / cellSize, 0, 1)
    k[p] = cellStep((z[point]! - origin[2]) / cellSize, 0, 1)
  }
}

/** Sorted points, cell by cell. */
export type CellTable = {
  /** Three for each cell. */
  readonly steps: Int32Array
  /** Where the points of each cell begin in the order, and behind the last one their number. */
  readonly start: Uint32Array
}

/** Enters the cells of a sorted stretch of the order from cell number `firstCell` on. */
export function listCells(
  { origins, cellSize }: CellGrid,
  surveys: Surveys,
  order: Uint32Array,
  [from, to]: readonly [number, number],
  { steps, start }: CellTable,
  firstCell: number,
): void {
  const ofFirst = surveys[0].x.length
  let at = firstCell - 1
  let [lastI, lastJ, lastK] = [0, 0, 0]
  for (let p = from; p < to; p++) {
    const number = order[p]!
    const epoch = number < ofFirst ? 0 : 1
    const point = epoch === 0 ? number : number - ofFirst
    const { x, y, z } = surveys[epoch]
    const origin = origins[epoch]
    const i = cellStep((x[point]! - origin[0]) / cellSize, 0, 1)
    const j = cellStep((y[point]! - origin[1]) / cellSize, 0, 1)
    const k = cellStep((z[point]! - origin[2]) / cellSize, 0, 1)
    if (p > from && i === lastI && j === lastJ && k === lastK) continue
    at++
    lastI = steps[3 * at] = i
    lastJ = steps[3 * at + 1] = j
    lastK = steps[3 * at + 2] = k
    start[at] = p
  }
}

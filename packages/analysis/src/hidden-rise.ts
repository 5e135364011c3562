/** The rise of a surface where crowns or a lack of points hide it: between what is known around it. */
import { type PlanGrid, planNeighbours } from './plan-surface.ts'

/** So many cells a change is followed beyond its footprint where nothing can be seen of it. */
const hiddenRings = 3
const sweeps = 40

/**
 * Hidden cells of a change, and those beside it. Each takes the mean of its neighbours, over and over: the smoothest surface
 * between what is known (the discrete Laplace equation). What is truly there may be anything that is seen around
 * a hidden place, all over that place at once.
 */
export class HiddenRise {
  readonly #grid: PlanGrid
  readonly #rise: Map<number, number>
  readonly #hidden: Set<number>
  readonly #riseBeside: (cell: number) => number

  /** `rise` holds what is known, and gets what is interpolated; known cells that it lacks have `riseBeside`. */
  constructor(
    grid: PlanGrid,
    rise: Map<number, number>,
    hidden: readonly number[],
    { isHidden, riseBeside }: { isHidden: (cell: number) => boolean; riseBeside: (cell: number) => number },
  ) {
    this.#grid = grid
    this.#rise = rise
    this.#hidden = new Set(hidden)
    this.#riseBeside = riseBeside
    let edge = [...rise.keys(), ...hidden]
    for (let ring = 0; ring < hiddenRings; ring++) {
      const next = new Set<number>()
      for (const cell of edge) {
        for (const beside of this.#neighbours(cell))
          if (!this.#hidden.has(beside) && !rise.has(beside) && isHidden(beside)) next.add(beside)
      }
      for (const cell of next) this.#hidden.add(cell)
      edge = [...next]
    }
  }

  interpolate(): void {
    const cells = [...this.#hidden]
    const places = new Map(cells.map((cell, place) => [cell, place]))
    const known = [...this.#rise.values()]
    const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length)
    // Looked up once: a sweep then is sums over arrays.
    const knownBeside = new Float64Array(cells.length)
    const hiddenBeside = cells.map((cell, place) => {
      const hidden: number[] = []
      for (const beside of this.#neighbours(cell)) {
        const at = places.get(beside)
        if (at === undefined) knownBeside[place]! += this.#valueOf(beside)
        else hidden.push(at)
      }
      return hidden
    })
    const values = new Float64Array(cells.length).fill(mean)
    for (let sweep = 0; sweep < sweeps; sweep++) {
      for (let place = 0; place < values.length; place++) {
        let sum = knownBeside[place]!
        for (const at of hiddenBeside[place]!) sum += values[at]!
        values[place] = sum / planNeighbours.length
      }
    }
    for (const [place, cell] of cells.entries()) this.#rise.set(cell, values[place]!)
  }

  /** Of the sum over all hidden cells: for each place that is hidden by itself, that of what is known around it. */
  variance(): number {
    const open = new Set(this.#hidden)
    let variance = 0
    for (const first of this.#hidden) {
      if (!open.delete(first)) continue
      const place = [first]
      let [count, sum, squares] = [0, 0, 0]
      // Grows while it is walked.
      for (const cell of place) {
        for (const beside of this.#neighbours(cell)) {
          if (open.delete(beside)) place.push(beside)
          if (this.#hidden.has(beside)) continue
          const value = this.#valueOf(beside)
          count++
          sum += value
          squares += value * value
        }
      }
      if (count > 0) variance += Math.max(0, squares / count - (sum / count) ** 2) * place.length ** 2
    }
    return variance
  }

  #valueOf(cell: number): number {
    return this.#rise.get(cell) ?? (cell < 0 ? 0 : this.#riseBeside(cell))
  }

  /** -1 for cells that nobody knows. */
  #neighbours(cell: number): number[] {
    return planNeighbours.map(([di, dj]) => this.#grid.cells.findBeside(cell, di, dj, 0))
  }
}

/** Numbers the occupied cells of an endless grid: memory follows the occupied cells, not the space they span. */

/** A cell number further out than this would no longer be a 32-bit whole number. */
const farthestCell = 2 ** 30

/** Cells of a cubic grid, numbered from 0 in order of first sight. For a grid in plan, leave `k` at 0. */
export class CellIndex {
  /** Three steps for each cell, beside each other: a look at a cell is one look at memory. */
  #steps = new Int32Array(3 * 64)
  /** Open addressing: cell number + 1, or 0 for a free place. At most half full. */
  #places = new Uint32Array(128)
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Number of the cell, which is new if it was never seen. */
  add(i: number, j: number, k: number): number {
    const place = this.#placeOf(i, j, k)
    const known = this.#places[place]!
    if (known !== 0) return known - 1
    const cell = this.#count++
    if (3 * cell === this.#steps.length) this.#grow()
    this.#steps[3 * cell] = i
    this.#steps[3 * cell + 1] = j
    this.#steps[3 * cell + 2] = k
    this.#places[this.#placeOf(i, j, k)] = cell + 1
    return cell
  }

  /** Number of the cell, or -1 if it was never seen. */
  find(i: number, j: number, k: number): number {
    return this.#places[this.#placeOf(i, j, k)]! - 1
  }

  /** Number of the cell that lies so many steps from a known cell, or -1. */
  findBeside(cell: number, di: number, dj: number, dk: number): number {
    const steps = this.#steps
    return this.find(steps[3 * cell]! + di, steps[3 * cell + 1]! + dj, steps[3 * cell + 2]! + dk)
  }

  /** The same, but the cell is added if it was never seen. */
  addBeside(cell: number, di: number, dj: number, dk: number): number {
    const steps = this.#steps
    return this.add(steps[3 * cell]! + di, steps[3 * cell + 1]! + dj, steps[3 * cell + 2]! + dk)
  }

  /** The first two steps of each cell, in order of number. */
  planSteps(): Int32Array {
    const steps = new Int32Array(2 * this.#count)
    for (let cell = 0; cell < this.#count; cell++) {
      steps[2 * cell] = this.#steps[3 * cell]!
      steps[2 * cell + 1] = this.#steps[3 * cell + 1]!
    }
    return steps
  }

  #placeOf(i: number, j: number, k: number): number {
    const places = this.#places
    const steps = this.#steps
    const mask = places.length - 1
    // Large odd factors (Teschner et al. 2003, "Optimized spatial hashing"), then the high bits folded down.
    let hash = Math.imul(i, 73856093) ^ Math.imul(j, 19349663) ^ Math.imul(k, 83492791)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    let place = (hash ^ (hash >>> 13)) & mask
    while (true) {
      const at = 3 * (places[place]! - 1)
      if (at < 0 || (steps[at] === i && steps[at + 1] === j && steps[at + 2] === k)) return place
      place = (place + 1) & mask
    }
  }

  #grow(): void {
    const steps = new Int32Array(2 * this.#steps.length)
    steps.set(this.#steps)
    this.#steps = steps
    this.#places = new Uint32Array(2 * this.#places.length)
    for (let cell = 0; cell < this.#count - 1; cell++) {
      this.#places[this.#placeOf(steps[3 * cell]!, steps[3 * cell + 1]!, steps[3 * cell + 2]!)] = cell + 1
    }
  }
}

/** Which step of a grid of this cell size a coordinate falls in. Throws RangeError where that is too far out. */
export function cellStep(value: number, origin: number, cellSize: number): number {
  const step = Math.floor((value - origin) / cellSize)
  if (!(Math.abs(step) < farthestCell)) {
    throw new RangeError(
      `cells of ${cellSize} are too small for a coordinate ${value - origin} from the origin`,
    )
  }
  return step
}

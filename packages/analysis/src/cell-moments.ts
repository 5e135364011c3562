/** How the points of two epochs lie in the cells of one cubic grid: counts, sums and sums of products. */
import { CellIndex, cellStep } from './cell-index.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'

/** For each epoch: count, x, y, z, xx, xy, xz, yy, yz, zz. */
export const momentsPerEpoch = 10
const momentsPerCell = 2 * momentsPerEpoch
/** In blocks, so that a growing table is never copied as a whole. */
const blockBits = 15
const blockCells = 1 << blockBits

/**
 * 80 bytes for each occupied cell. Inside, lengths are in cell edges and count from the middle of the cell, so that 32 bits
 * are precise enough.
 */
export class CellMoments {
  readonly cells = new CellIndex()
  readonly cellSize: number
  readonly #origin: readonly [number, number, number]
  readonly #blocks: Float32Array[] = []

  constructor(cellSize: number, origin: readonly [number, number, number]) {
    if (!(cellSize > 0)) throw new RangeError(`cellSize must be positive, got ${cellSize}`)
    this.cellSize = cellSize
    this.#origin = origin
  }

  /** Adds the points of an epoch as if they were moved by `shift`. */
  async add(
    points: PointArrays,
    epoch: 0 | 1,
    pace: Pace,
    shift: readonly [number, number, number] = [0, 0, 0],
  ): Promise<void> {
    const { x, y, z } = points
    const ox = this.#origin[0] - shift[0]
    const oy = this.#origin[1] - shift[1]
    const oz = this.#origin[2] - shift[2]
    const size = this.cellSize
    let unpaced = 0
    for (let i = 0; i < x.length; i++) {
      const u = (x[i]! - ox) / size
      const v = (y[i]! - oy) / size
      const w = (z[i]! - oz) / size
      const ci = cellStep(u, 0, 1)
      const cj = cellStep(v, 0, 1)
      const ck = cellStep(w, 0, 1)
      this.#addPoint(this.cells.add(ci, cj, ck), epoch, u - ci - 0.5, v - cj - 0.5, w - ck - 0.5)
      if (++unpaced === paceSteps) {
        await pace(unpaced)
        unpaced = 0
      }
    }
    await pace(unpaced)
  }

  #addPoint(cell: number, epoch: 0 | 1, u: number, v: number, w: number): void {
    // Cells are numbered from 0 on, so that blocks are needed one after the other.
    if (cell >>> blockBits === this.#blocks.length) {
      this.#blocks.push(new Float32Array(momentsPerCell * blockCells))
    }
    const block = this.#blocks[cell >>> blockBits]!
    const at = (cell & (blockCells - 1)) * momentsPerCell + epoch * momentsPerEpoch
    block[at]! += 1
    block[at + 1]! += u
    block[at + 2]! += v
    block[at + 3]! += w
    block[at + 4]! += u * u
    block[at + 5]! += u * v
    block[at + 6]! += u * w
    block[at + 7]! += v * v
    block[at + 8]! += v * w
    block[at + 9]! += w * w
  }

  /** Number of the cell of a place, or -1. */
  cellAt(x: number, y: number, z: number): number {
    const [ox, oy, oz] = this.#origin
    const size = this.cellSize
    return this.cells.find(
      cellStep((x - ox) / size, 0, 1),
      cellStep((y - oy) / size, 0, 1),
      cellStep((z - oz) / size, 0, 1),
    )
  }

  /** Middle of a cell, in the unit of the coordinates. */
  middleOf(cell: number): [number, number, number] {
    const steps = this.cells.stepsOf(cell)
    return steps.map((step, axis) => this.#origin[axis]! + (step + 0.5) * this.cellSize) as [
      number,
      number,
      number,
    ]
  }

  /** Moments of all cells within so many steps on each axis, about the middle of this cell. */
  gather(cell: number, reach: number, into: Float64Array): void {
    into.fill(0)
    const { cells } = this
    for (let di = -reach; di <= reach; di++) {
      for (let dj = -reach; dj <= reach; dj++) {
        for (let dk = -reach; dk <= reach; dk++) {
          const beside = di === 0 && dj === 0 && dk === 0 ? cell : cells.findBeside(cell, di, dj, dk)
          if (beside >= 0) this.#addMoved(beside, di, dj, dk, into)
        }
      }
    }
  }

  /** Frees what only `gather` needs; the cells stay known. */
  forget(): void {
    this.#blocks.length = 0
  }

  #addMoved(cell: number, di: number, dj: number, dk: number, into: Float64Array): void {
    const block = this.#blocks[cell >>> blockBits]!
    let at = (cell & (blockCells - 1)) * momentsPerCell
    for (let to = 0; to < momentsPerCell; to += momentsPerEpoch, at += momentsPerEpoch) {
      const n = block[at]!
      if (n === 0) continue
      const x = block[at + 1]!
      const y = block[at + 2]!
      const z = block[at + 3]!
      into[to]! += n
      into[to + 1]! += x + n * di
      into[to + 2]! += y + n * dj
      into[to + 3]! += z + n * dk
      into[to + 4]! += block[at + 4]! + di * (2 * x + n * di)
      into[to + 5]! += block[at + 5]! + di * y + dj * (x + n * di)
      into[to + 6]! += block[at + 6]! + di * z + dk * (x + n * di)
      into[to + 7]! += block[at + 7]! + dj * (2 * y + n * dj)
      into[to + 8]! += block[at + 8]! + dj * z + dk * (y + n * dj)
      into[to + 9]! += block[at + 9]! + dk * (2 * z + n * dk)
    }
  }
}

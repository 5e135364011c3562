/** How far apart the samples of each class lie, of as many as tell it: the same for a cloud as a whole and for who deals it out. */
import { cellHash } from './cell-sample.ts'
import type { PointArrays } from './point-arrays.ts'
import { pointSpacing } from './point-spacing.ts'
import { PointVoxels, type VoxelGrid } from './point-voxels.ts'
import type { SegmentOptions } from './segment-options.ts'

/** So many tell how far apart they lie: all of some squares, with edges in the reach of neighbours. */
const mostSamples = 200_000
const squareInReaches = 6

export class ClassSpacings {
  readonly #samples: (SquareSamples | undefined)[] = []

  /** `origin`: below all points. Of other codes nothing is kept. */
  constructor(codes: Iterable<number>, origin: readonly number[], options: SegmentOptions) {
    for (const code of codes) this.#samples[code] = new SquareSamples(origin, options)
  }

  add(code: number, x: number, y: number, z: number): void {
    this.#samples[code]?.add(x, y, z)
  }

  /** 0 for classes of next to no points. */
  of(code: number): number {
    return pointSpacing(this.#samples[code]?.places ?? nowhere) || 0
  }
}

const nowhere: PointArrays = { x: new Float64Array(0), y: new Float64Array(0), z: new Float64Array(0) }

/** The first point of each cube, in squares by their hash: the more points there are, the fewer squares. */
class SquareSamples {
  readonly #side: number
  #voxels: PointVoxels
  #every = 1

  constructor(origin: readonly number[], { sampleSize: size, neighbourReach }: SegmentOptions) {
    const corner = origin.slice(0, 3).map((low) => low - size) as unknown as VoxelGrid['origin']
    this.#voxels = new PointVoxels({ origin: corner, size: [size, size, size] })
    this.#side = squareInReaches * neighbourReach
  }

  add(x: number, y: number, z: number): void {
    if (!this.#isIn(x, y)) return
    this.#voxels.add(x, y, z)
    while (this.#voxels.count > mostSamples) this.#halve()
  }

  get places(): PointArrays {
    const { grid, count } = this.#voxels
    const column = (axis: 0 | 1 | 2) =>
      Float64Array.from({ length: count }, (_, i) => grid.origin[axis] + this.#voxels.offset(i, axis))
    return { x: column(0), y: column(1), z: column(2) }
  }

  #isIn(x: number, y: number): boolean {
    if (this.#every === 1) return true
    return cellHash(Math.floor(x / this.#side), Math.floor(y / this.#side), 0) % this.#every === 0
  }

  /** Squares of more are among those of fewer. */
  #halve(): void {
    const { x, y, z } = this.places
    this.#every *= 2
    this.#voxels = new PointVoxels(this.#voxels.grid)
    for (let i = 0; i < x.length; i++) if (this.#isIn(x[i]!, y[i]!)) this.#voxels.add(x[i]!, y[i]!, z[i]!)
  }
}

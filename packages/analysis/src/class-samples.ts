/** Points of some classes as they come, each class thinned by itself to the mean of each small cube of space. */
import type { PointArrays } from './point-arrays.ts'
import { PointVoxels, type VoxelGrid } from './point-voxels.ts'

/** While they are gathered, at most, as tables double: places and counts twice, a hash. Later 24 for coordinates. */
export const gatheredBytesPerSample = 2 * (24 + 4) + 16

export type SamplesOfClass = {
  readonly points: PointArrays
  /** The mean of what was said of the points of each; undefined where nothing was. */
  readonly confidence: Float32Array | undefined
}

export type ClassSamplesOptions = {
  /** Of a cube, in the unit of the coordinates. */
  readonly size: number
  /** Below all points. */
  readonly origin: readonly number[]
  /** Of other classes nothing is kept. */
  readonly codes: Iterable<number>
  readonly withConfidence?: boolean
}

export class ClassSamples {
  readonly #gathered: (GatheredClass | undefined)[] = []

  constructor({ size, origin, codes, withConfidence = false }: ClassSamplesOptions) {
    // At whole multiples of the size: the same cubes for any part of a cloud.
    const corner = origin.slice(0, 3).map((low) => (Math.floor(low / size) - 1) * size)
    const grid: VoxelGrid = { origin: corner as unknown as VoxelGrid['origin'], size: [size, size, size] }
    for (const code of codes) this.#gathered[code] = new GatheredClass(grid, withConfidence)
  }

  get count(): number {
    return this.#gathered.reduce((sum, gathered) => sum + (gathered?.count ?? 0), 0)
  }

  countOf(code: number): number {
    return this.#gathered[code]?.count ?? 0
  }

  /** RangeError for a point that is too far from the others. */
  add(code: number, x: number, y: number, z: number, confidence = 0): void {
    this.#gathered[code]?.add(x, y, z, confidence)
  }

  /** Hands over the samples of some classes, in their order, each in that of its first points; they are kept no more. */
  take(codes: readonly number[]): SamplesOfClass {
    const count = codes.reduce((sum, code) => sum + this.countOf(code), 0)
    const column = () => new Float64Array(new SharedArrayBuffer(8 * count))
    const points = { x: column(), y: column(), z: column() }
    const known = codes.flatMap((code) => this.#gathered[code] ?? [])
    const confidence = known[0]?.confidence && new Float32Array(count)
    let at = 0
    for (const code of codes) {
      const gathered = this.#gathered[code]
      if (gathered === undefined) continue
      gathered.copy(points, at)
      confidence?.set(gathered.confidence!.subarray(0, gathered.count), at)
      at += gathered.count
      this.#gathered[code] = undefined
    }
    return { points, confidence }
  }
}

class GatheredClass {
  readonly #voxels: PointVoxels
  #pointCounts = new Uint32Array(1024)
  confidence: Float32Array | undefined

  constructor(grid: VoxelGrid, withConfidence: boolean) {
    this.#voxels = new PointVoxels(grid)
    if (withConfidence) this.confidence = new Float32Array(1024)
  }

  get count(): number {
    return this.#voxels.count
  }

  add(x: number, y: number, z: number, confidence: number): void {
    const voxels = this.#voxels
    const before = voxels.count
    const at = voxels.add(x, y, z)
    if (at === before && at === this.#pointCounts.length) this.#grow()
    const count = ++this.#pointCounts[at]!
    if (this.confidence !== undefined) this.confidence[at]! += (confidence - this.confidence[at]!) / count
    if (at === before) return
    const { cells, fractions, grid } = voxels
    const { origin, size } = grid
    const i = 3 * at
    fractions[i]! += ((x - origin[0]) / size[0] - cells[i]! - fractions[i]!) / count
    fractions[i + 1]! += ((y - origin[1]) / size[1] - cells[i + 1]! - fractions[i + 1]!) / count
    fractions[i + 2]! += ((z - origin[2]) / size[2] - cells[i + 2]! - fractions[i + 2]!) / count
  }

  copy({ x, y, z }: PointArrays, from: number): void {
    const { origin } = this.#voxels.grid
    for (let i = 0; i < this.count; i++) {
      x[from + i] = origin[0] + this.#voxels.offset(i, 0)
      y[from + i] = origin[1] + this.#voxels.offset(i, 1)
      z[from + i] = origin[2] + this.#voxels.offset(i, 2)
    }
  }

  #grow(): void {
    const counts = new Uint32Array(2 * this.#pointCounts.length)
    counts.set(this.#pointCounts)
    this.#pointCounts = counts
    if (this.confidence === undefined) return
    const confidence = new Float32Array(counts.length)
    confidence.set(this.confidence)
    this.confidence = confidence
  }
}

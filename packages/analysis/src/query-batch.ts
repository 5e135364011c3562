/** A few queries against a tree, in the memory of that tree. */
import type { PointArrays } from './point-arrays.ts'
import type { PointTree } from './point-tree.ts'
import { instantiateTreeKernels, kernelPoints, pageBytes, type TreeKernels } from './tree-kernels.ts'

/** As the kernel has them: eight numbers of the box, columns of `kernelPoints`, then its stack. */
const boxNumbers = 8
const columns = { x: 0, y: 1, z: 2, exact: 7 } as const

const batches = new WeakMap<PointTree, QueryBatch>()

/** Searches one tree again and again; a thread has one for each tree. */
export class QueryBatch {
  static of(reference: PointTree): QueryBatch {
    let batch = batches.get(reference)
    if (batch === undefined) {
      batch = new QueryBatch(reference)
      batches.set(reference, batch)
    }
    return batch
  }

  readonly #reference: PointTree
  readonly #kernels: TreeKernels
  readonly #address: number
  readonly #box: Float32Array
  readonly #x: Float32Array
  readonly #y: Float32Array
  readonly #z: Float32Array
  readonly #squared: Float64Array

  private constructor(reference: PointTree) {
    const { memory } = reference
    this.#reference = reference
    this.#kernels = instantiateTreeKernels(memory)
    // Other threads search the same tree: this page is nobody else's.
    this.#address = memory.grow(1) * pageBytes
    const column = (number: number) => this.#address + 4 * (boxNumbers + number * kernelPoints)
    this.#box = new Float32Array(memory.buffer, this.#address, boxNumbers)
    this.#x = new Float32Array(memory.buffer, column(columns.x), kernelPoints)
    this.#y = new Float32Array(memory.buffer, column(columns.y), kernelPoints)
    this.#z = new Float32Array(memory.buffer, column(columns.z), kernelPoints)
    this.#squared = new Float64Array(memory.buffer, column(columns.exact), kernelPoints)
  }

  /** Finds the distances of `count` points of a leaf from `first` on, at most `kernelPoints`. */
  search(query: PointTree, leaf: number, first: number, count: number): void {
    const reference = this.#reference
    if (reference.nodeCount === 0) {
      this.#squared.fill(Infinity)
      return
    }
    for (let k = 0; k < boxNumbers; k++) this.#box[k] = query.box[boxNumbers * leaf + k]!
    // The kernel takes four queries at once: the last one fills up.
    const filled = (count + 3) & -4
    if (query.points === undefined) this.#copy(query, first, count, filled)
    else this.#gather(query, query.points, leaf, first, count, filled)
    const address = this.#address
    this.#kernels.searchBatch(
      address,
      count,
      reference.box.byteOffset,
      reference.x.byteOffset,
      reference.y.byteOffset,
      reference.z.byteOffset,
    )
  }

  #copy(query: PointTree, first: number, count: number, filled: number): void {
    const [x, y, z] = [this.#x, this.#y, this.#z]
    for (let k = 0; k < filled; k++) {
      const at = first + Math.min(k, count - 1)
      x[k] = query.x[at]!
      y[k] = query.y[at]!
      z[k] = query.z[at]!
    }
  }

  /** The same where the offsets were not kept. */
  #gather(
    { index, box, frame }: PointTree,
    points: PointArrays,
    leaf: number,
    first: number,
    count: number,
    filled: number,
  ): void {
    const [x, y, z] = [this.#x, this.#y, this.#z]
    const [fromX, fromY, fromZ] = [points.x, points.y, points.z]
    const [cx, cy, cz] = frame.centre
    const { quantum } = frame
    // A power of two: nothing is lost by the factor.
    const perUnit = 1 / quantum
    const at = boxNumbers * leaf
    const [lowX, lowY, lowZ] = [box[at]!, box[at + 1]!, box[at + 2]!]
    for (let k = 0; k < filled; k++) {
      const i = index[first + Math.min(k, count - 1)]!
      x[k] = Math.round((fromX[i]! - cx) * perUnit) * quantum - lowX
      y[k] = Math.round((fromY[i]! - cy) * perUnit) * quantum - lowY
      z[k] = Math.round((fromZ[i]! - cz) * perUnit) * quantum - lowZ
    }
  }

  /** Of the `k`th of them; Infinity where the tree is empty. */
  distance(k: number): number {
    return Math.sqrt(this.#squared[k]!)
  }
}

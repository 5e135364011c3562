/** A few queries against a tree, in the memory of that tree. */
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
    const [x, y, z] = [this.#x, this.#y, this.#z]
    // The kernel takes four queries at once: the last one fills up.
    for (let k = 0; k < ((count + 3) & -4); k++) {
      const point = first + Math.min(k, count - 1)
      x[k] = query.x[point]!
      y[k] = query.y[point]!
      z[k] = query.z[point]!
    }
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

  /** Of the `k`th of them; Infinity where the tree is empty. */
  distance(k: number): number {
    return Math.sqrt(this.#squared[k]!)
  }
}

/** Leaves of a tree against another tree in the same memory: the kernel sees both, and nothing is copied to it. */
import type { PointTree } from './point-tree.ts'
import { instantiateTreeKernels, pageBytes, type TreeKernels } from './tree-kernels.ts'

const searches = new WeakMap<PointTree, LeafSearch>()

/** For the one thread that has both trees. */
export class LeafSearch {
  static of(query: PointTree, reference: PointTree): LeafSearch {
    let search = searches.get(query)
    if (search === undefined || search.#reference !== reference) {
      search = new LeafSearch(query, reference)
      searches.set(query, search)
    }
    return search
  }

  readonly #query: PointTree
  readonly #reference: PointTree
  readonly #kernels: TreeKernels
  readonly #batchAt: number
  /** Bits of distances, in the leaf order of the queries. */
  readonly #found: Int32Array

  private constructor(query: PointTree, reference: PointTree) {
    const { memory } = reference
    this.#query = query
    this.#reference = reference
    this.#kernels = instantiateTreeKernels(memory)
    // A page for the batch, as `QueryBatch` has it.
    this.#batchAt = memory.grow(1) * pageBytes
    const bytes = 4 * query.pointCount
    const foundAt =
      bytes <= query.spare.bytes ? query.spare.at : memory.grow(Math.ceil(bytes / pageBytes)) * pageBytes
    this.#found = new Int32Array(memory.buffer, foundAt, query.pointCount)
  }

  /** As `nearestDistancesOfNodes`. */
  search(distance: Float32Array, fromNode: number, toNode: number): number {
    const [query, reference, found] = [this.#query, this.#reference, this.#found]
    const { link, index } = query
    this.#kernels.searchLeaves(
      this.#batchAt,
      query.box.byteOffset + 32 * fromNode,
      query.box.byteOffset + 32 * toNode,
      query.x.byteOffset,
      query.y.byteOffset,
      query.z.byteOffset,
      found.byteOffset,
      reference.box.byteOffset,
      reference.x.byteOffset,
      reference.y.byteOffset,
      reference.z.byteOffset,
    )
    // As whole numbers: until this loop is compiled, each number that is not one is put on the heap.
    const into = new Int32Array(distance.buffer, distance.byteOffset, distance.length)
    let done = 0
    for (let node = fromNode; node < toNode; node++) {
      const count = Math.abs(link[8 * node + 7]!)
      if (count === 0) continue
      const first = link[8 * node + 3]!
      for (let place = first; place < first + count; place++) into[index[place]!] = found[place]!
      done += count
    }
    return done
  }
}

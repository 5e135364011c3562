/** The k nearest points of one cloud, by its tree. */
import type { PointTree } from './point-tree.ts'

/** Searches one tree again and again; keeps the array that it sorts in. */
export class NeighbourSearch {
  readonly #tree: PointTree
  readonly #own: Float64Array
  /** Squared distances, ascending; the last one is the bound beyond which nothing matters. */
  #nearest: Float64Array
  #x = 0
  #y = 0
  #z = 0

  constructor(tree: PointTree, neighbours: number) {
    this.#tree = tree
    this.#own = new Float64Array(neighbours)
    this.#nearest = this.#own
  }

  /**
   * Squared distance to the k-th nearest point from a place relative to the tree's centre. Copies of the place itself do not
   * count. Infinity where the cloud has fewer points.
   */
  squaredDistance(x: number, y: number, z: number): number {
    this.#own.fill(Infinity)
    this.take(x, y, z, this.#own)
    return this.#own[this.#own.length - 1]!
  }

  /** The same where some of the cloud lies in other trees: takes what is nearer into `nearest`, squared and ascending. */
  take(x: number, y: number, z: number, nearest: Float64Array): void {
    this.#x = x
    this.#y = y
    this.#z = z
    this.#nearest = nearest
    if (this.#tree.nodeCount > 0 && this.#squaredGap(0) < nearest[nearest.length - 1]!) this.#visit(0)
  }

  #visit(node: number): void {
    const { link } = this.#tree
    const [first, count] = [link[8 * node + 3]!, link[8 * node + 7]!]
    const last = this.#nearest.length - 1
    if (count !== 0) {
      // Points that coincide are as many neighbours: whether a leaf has only such ones depends on what else is in the tree.
      this.#lookAt(node, first, first + (count < 0 ? Math.min(-count, last + 1) : count))
      return
    }
    const [left, right] = [this.#squaredGap(first), this.#squaredGap(first + 1)]
    const leftIsNearer = left <= right
    if ((leftIsNearer ? left : right) < this.#nearest[last]!) this.#visit(leftIsNearer ? first : first + 1)
    if ((leftIsNearer ? right : left) < this.#nearest[last]!) this.#visit(leftIsNearer ? first + 1 : first)
  }

  #lookAt(leaf: number, first: number, end: number): void {
    const tree = this.#tree
    const nearest = this.#nearest
    const last = nearest.length - 1
    const [ox, oy, oz] = [
      tree.box[8 * leaf]! - this.#x,
      tree.box[8 * leaf + 1]! - this.#y,
      tree.box[8 * leaf + 2]! - this.#z,
    ]
    for (let i = first; i < end; i++) {
      const [dx, dy, dz] = [ox + tree.x[i]!, oy + tree.y[i]!, oz + tree.z[i]!]
      const squared = dx * dx + dy * dy + dz * dz
      if (squared === 0 || squared >= nearest[last]!) continue
      let place = last
      for (; place > 0 && nearest[place - 1]! > squared; place--) nearest[place] = nearest[place - 1]!
      nearest[place] = squared
    }
  }

  #squaredGap(node: number): number {
    const { box } = this.#tree
    const b = 8 * node
    const dx = Math.max(box[b]! - this.#x, this.#x - box[b + 4]!, 0)
    const dy = Math.max(box[b + 1]! - this.#y, this.#y - box[b + 5]!, 0)
    const dz = Math.max(box[b + 2]! - this.#z, this.#z - box[b + 6]!, 0)
    return dx * dx + dy * dy + dz * dz
  }
}

/** Which points of a cloud are nearest to a place, by its tree. */
import type { PointTree } from './point-tree.ts'

/** Searches one tree again and again. Afterwards `places` has the first `found` in ascending distance. */
export class NearestPlaces {
  /** In the leaf order of the tree. */
  readonly places: Int32Array
  readonly squared: Float64Array
  found = 0
  readonly #tree: PointTree
  readonly #squaredReach: number
  #x = 0
  #y = 0
  #z = 0

  constructor(tree: PointTree, count: number, reach: number) {
    this.#tree = tree
    this.#squaredReach = reach * reach
    this.places = new Int32Array(count)
    this.squared = new Float64Array(count)
  }

  /** `x`, `y`, `z` relative to the tree's centre. A point at the place itself counts. */
  search(x: number, y: number, z: number): void {
    this.#x = x
    this.#y = y
    this.#z = z
    this.found = 0
    if (this.#tree.nodeCount > 0) this.#visit(0)
  }

  get #bound(): number {
    return this.found < this.places.length ? this.#squaredReach : this.squared[this.found - 1]!
  }

  #visit(node: number): void {
    const { link } = this.#tree
    const [first, count] = [link[8 * node + 3]!, link[8 * node + 7]!]
    if (count !== 0) {
      this.#lookAt(node, first, first + Math.abs(count))
      return
    }
    const [left, right] = [this.#squaredGap(first), this.#squaredGap(first + 1)]
    const nearer = left <= right ? first : first + 1
    if (Math.min(left, right) < this.#bound) this.#visit(nearer)
    if (Math.max(left, right) < this.#bound) this.#visit(nearer === first ? first + 1 : first)
  }

  #lookAt(leaf: number, first: number, end: number): void {
    const { box, x, y, z } = this.#tree
    const { places, squared } = this
    const ox = box[8 * leaf]! - this.#x
    const oy = box[8 * leaf + 1]! - this.#y
    const oz = box[8 * leaf + 2]! - this.#z
    for (let i = first; i < end; i++) {
      const [dx, dy, dz] = [ox + x[i]!, oy + y[i]!, oz + z[i]!]
      const distance = dx * dx + dy * dy + dz * dz
      if (distance >= this.#bound) continue
      if (this.found < places.length) this.found++
      let at = this.found - 1
      for (; at > 0 && squared[at - 1]! > distance; at--) {
        squared[at] = squared[at - 1]!
        places[at] = places[at - 1]!
      }
      squared[at] = distance
      places[at] = i
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

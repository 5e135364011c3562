/** The nodes of a tree while it is built, at the end of its memory, which grows with them. */
import { pageBytes, type TreeMemory } from './tree-kernels.ts'

/** Eight numbers of 32 bits; see `PointTree`. */
export const nodeBytes = 32

export class TreeNodes {
  readonly #memory: TreeMemory
  readonly #from: number
  #count = 0
  #room = 0
  #box: Float32Array = new Float32Array()
  #link: Int32Array = new Int32Array()

  /** From an address to the end of the memory. */
  constructor(memory: TreeMemory, from: number) {
    this.#memory = memory
    this.#from = from
    this.#lookAnew()
  }

  /** Room for `count` nodes that follow each other; returns the first. */
  add(count: number): number {
    const first = this.#count
    this.#count += count
    if (this.#count > this.#room) {
      this.#memory.grow(Math.ceil((nodeBytes * this.#room) / (2 * pageBytes)))
      this.#lookAnew()
    }
    return first
  }

  addChildren(node: number): number {
    const first = this.add(2)
    this.#link[8 * node + 3] = first
    return first
  }

  addressOf(node: number): number {
    return this.#from + nodeBytes * node
  }

  /** Of a leaf whose points all coincide. */
  setCoinciding(leaf: number, points: number): void {
    this.#link[8 * leaf + 7] = -points
  }

  /** Boxes of inner nodes from their children, and both tables cut to size. */
  finish(): { nodeCount: number; box: Float32Array; link: Int32Array } {
    const nodeCount = this.#count
    const box = this.#box.subarray(0, 8 * nodeCount)
    const link = this.#link.subarray(0, 8 * nodeCount)
    for (let node = nodeCount - 1; node >= 0; node--) {
      if (link[8 * node + 7] !== 0) continue
      const a = 8 * link[8 * node + 3]!
      for (let k = 0; k < 3; k++) {
        box[8 * node + k] = Math.min(box[a + k]!, box[a + 8 + k]!)
        box[8 * node + 4 + k] = Math.max(box[a + 4 + k]!, box[a + 12 + k]!)
      }
    }
    return { nodeCount, box, link }
  }

  #lookAnew(): void {
    const { buffer } = this.#memory
    this.#room = Math.floor((buffer.byteLength - this.#from) / nodeBytes)
    this.#box = new Float32Array(buffer, this.#from, 8 * this.#room)
    this.#link = new Int32Array(buffer, this.#from, 8 * this.#room)
  }
}

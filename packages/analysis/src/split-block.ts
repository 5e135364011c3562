/** The lower levels of a tree where points lie too close or too far for a key: blocks that are split by looking at them. */

/** Coordinates, and which point of the cloud each is; all are moved together. */
export type Block = {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  readonly index: Uint32Array
}

export function newBlock(size: number): Block {
  return {
    x: new Float64Array(size),
    y: new Float64Array(size),
    z: new Float64Array(size),
    index: new Uint32Array(size),
  }
}

/**
 * Halves `size` points of a block across the longest side of their box, and the halves again (sliding midpoint), until `onLeaf`
 * takes them: it gets all points that coincide, and may decline others. `addChildren` makes two nodes of one; returns the first.
 */
export function splitBlock(
  block: Block,
  size: number,
  root: number,
  addChildren: (node: number) => number,
  onLeaf: (node: number, first: number, end: number, coincide: boolean) => boolean,
): void {
  const { x, y, z, index } = block
  const open = [{ node: root, first: 0, end: size }]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { node, first, end } = part
    const [x0, x1] = rangeOf(x, first, end)
    const [y0, y1] = rangeOf(y, first, end)
    const [z0, z1] = rangeOf(z, first, end)
    const extent = Math.max(x1 - x0, y1 - y0, z1 - z0)
    if (onLeaf(node, first, end, extent === 0)) continue
    let middle: number
    if (extent === x1 - x0) middle = partition(x, y, z, index, first, end, halfway(x0, x1))
    else if (extent === y1 - y0) middle = partition(y, x, z, index, first, end, halfway(y0, y1))
    else middle = partition(z, x, y, index, first, end, halfway(z0, z1))
    const child = addChildren(node)
    // The first child comes first: leaves are in the order of nodes.
    open.push({ node: child + 1, first: middle, end }, { node: child, first, end: middle })
  }
}

function rangeOf(values: Float64Array, first: number, end: number): [number, number] {
  let low = values[first]!
  let high = low
  for (let i = first + 1; i < end; i++) {
    const value = values[i]!
    if (value < low) low = value
    else if (value > high) high = value
  }
  return [low, high]
}

/** The middle of two different doubles, or the upper one where there is nothing between them. */
function halfway(low: number, high: number): number {
  const middle = low + (high - low) / 2
  return middle > low ? middle : high
}

/** Moves points with `key` below `split` to the front; returns where the others begin. */
function partition(
  key: Float64Array,
  second: Float64Array,
  third: Float64Array,
  index: Uint32Array,
  first: number,
  end: number,
  split: number,
): number {
  let low = first
  let high = end - 1
  while (true) {
    while (key[low]! < split) low++
    while (key[high]! >= split) high--
    if (low > high) return low
    swap(key, low, high)
    swap(second, low, high)
    swap(third, low, high)
    swap(index, low, high)
    low++
    high--
  }
}

function swap(values: Float64Array | Uint32Array, one: number, other: number): void {
  const value = values[one]!
  values[one] = values[other]!
  values[other] = value
}

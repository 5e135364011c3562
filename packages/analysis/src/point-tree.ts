/**
 * A spatial index over one cloud: a binary tree of tight boxes, halved across their longest side (the
 * sliding midpoint rule of Maneewongvatana & Mount 1999, "It's okay to be skinny, if your friends are fat",
 * here on tight boxes). It follows the density of the points wherever they lie, so that neither outliers
 * nor a very uneven scan cost memory or time, which a uniform grid cannot promise.
 *
 * Where points lie evenly, halvings are those of one box around the bulk of the points, which makes them a counting sort
 * by a key of interleaved bits; only what crowds within a key, or lies far out, is split by looking at it.
 */
import { keyLayout, pointKeys } from './bulk-key.ts'
import { type CloudFrame, leafSteps } from './cloud-frame.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'
import { type Block, newBlock, splitBlock } from './split-block.ts'
import {
  instantiateTreeKernels,
  kernelPoints,
  reserveTreeMemory,
  type TreeKernels,
  type TreeMemory,
} from './tree-kernels.ts'
import { nodeBytes, TreeNodes } from './tree-nodes.ts'

/** Plain data over shared memory, so that every thread can read the same tree. */
export type PointTree = {
  /** Boxes and origins are relative to its centre, in the unit of the coordinates. */
  readonly frame: CloudFrame
  readonly pointCount: number
  readonly nodeCount: number
  /** What `box`, `link`, `x`, `y` and `z` lie in, so that kernels can search there. */
  readonly memory: TreeMemory
  /** Eight per node: lowest x, y, z and a part of `link`, then highest likewise; never inside the true box. */
  readonly box: Float32Array
  /**
   * The same eight per node. Leaf: its first point in the 4th and its number of points in the 8th (negative where they all
   * coincide). Inner node: its first child (the second one follows it) and 0. Node 0 is the root; children come after their
   * parents, and leaves in ascending order of node hold neighbouring points.
   */
  readonly link: Int32Array
  /** Coordinates in leaf order, relative to the lowest corner of the box of the point's leaf. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  /** Which point of the cloud stands at this place of the leaf order. */
  readonly index: Uint32Array
}

/** A leaf has so many points at most, or more that coincide. */
const leafPoints = 48
/** Keys are so fine that few of them have more points than a leaf. */
const pointsPerKey = 8
/** Usual clouds have a node for 11 or 12 points. What is reserved and never touched takes no memory. */
const pointsPerReservedNode = 8
/** The memory of a tree begins with the points of the leaf that is being made. */
const blockBytes = 3 * 8 * kernelPoints

/**
 * Builds the tree of a cloud, in linear time for any usual cloud; memory is 16 bytes per point and 32 per node
 * (about one node for 11 points). Trees that are compared must share the frame, which should be that of all their points.
 * `onIndexed` gets the number of points put in their place since its last call.
 * Throws RangeError for a coordinate that is not finite, and for more points than 4 GiB hold: some 250 million.
 */
export function buildPointTree(
  points: PointArrays,
  frame: CloudFrame,
  onIndexed: (points: number) => void = () => {},
): PointTree {
  const n = countPoints(points)
  const layout = keyLayout(points, Math.ceil(n / pointsPerKey))
  // Leaves are written in fours: the last one of them reaches beyond the points.
  const columnBytes = 16 * (Math.ceil(n / 4) + 1)
  const nodesAt = blockBytes + 3 * columnBytes
  const memory = reserveTreeMemory(nodesAt + nodeBytes * (Math.ceil(n / pointsPerReservedNode) + 1))
  const column = (axis: number) => new Float32Array(memory.buffer, blockBytes + axis * columnBytes, n)
  const order = {
    x: column(0),
    y: column(1),
    z: column(2),
    index: new Uint32Array(new SharedArrayBuffer(4 * n)),
  }
  // The keys lie where the offsets will be: a leaf's keys are not needed any more when it is written.
  const keys = pointKeys(points, layout, new Uint32Array(memory.buffer, blockBytes, n))
  const starts = sortByKey(keys, layout.keyCount, order.index)
  const nodes = new TreeNodes(memory, nodesAt)
  const builder = new TreeBuilder(points, frame, order, memory, starts, nodes, onIndexed)
  if (n > 0) builder.splitKeys(0, layout.keyCount, nodes.add(1))
  return { frame, pointCount: n, memory, ...nodes.finish(), ...order }
}

/** Counting sort: fills `index` in order of key and returns where each key's points begin. */
function sortByKey(keys: Uint32Array, keyCount: number, index: Uint32Array): Uint32Array {
  const starts = new Uint32Array(keyCount + 1)
  for (let i = 0; i < keys.length; i++) starts[keys[i]!]!++
  let sum = 0
  for (let key = 0; key <= keyCount; key++) {
    const count = starts[key]!
    starts[key] = sum
    sum += count
  }
  for (let i = 0; i < keys.length; i++) index[starts[keys[i]!]!++] = i
  // Filling has moved every start to the start of the next key.
  starts.copyWithin(1, 0, keyCount)
  starts[0] = 0
  return starts
}

type LeafOrder = { x: Float32Array; y: Float32Array; z: Float32Array; index: Uint32Array }

class TreeBuilder {
  readonly #points: PointArrays
  readonly #frame: CloudFrame
  readonly #order: LeafOrder
  readonly #starts: Uint32Array
  readonly #nodes: TreeNodes
  readonly #kernels: TreeKernels
  readonly #onIndexed: (points: number) => void
  /** The points of one leaf, where the kernel takes them from. */
  readonly #leaf: Omit<Block, 'index'>
  #block = newBlock(1024)

  constructor(
    points: PointArrays,
    frame: CloudFrame,
    order: LeafOrder,
    memory: TreeMemory,
    starts: Uint32Array,
    nodes: TreeNodes,
    onIndexed: (points: number) => void,
  ) {
    this.#points = points
    this.#frame = frame
    this.#order = order
    this.#starts = starts
    this.#nodes = nodes
    this.#kernels = instantiateTreeKernels(memory)
    this.#onIndexed = onIndexed
    const column = (axis: number) => new Float64Array(memory.buffer, 8 * axis * kernelPoints, kernelPoints)
    this.#leaf = { x: column(0), y: column(1), z: column(2) }
  }

  /** Upper levels: halves a range of keys, which is to halve the box they stand for. */
  splitKeys(fromKey: number, toKey: number, node: number): void {
    const starts = this.#starts
    let from = fromKey
    let to = toKey
    while (to - from > 1 && starts[to]! - starts[from]! > leafPoints) {
      const middle = (from + to) >>> 1
      if (starts[middle]! === starts[from]!) from = middle
      else if (starts[middle]! === starts[to]!) to = middle
      else {
        const child = this.#nodes.addChildren(node)
        this.splitKeys(from, middle, child)
        this.splitKeys(middle, to, child + 1)
        return
      }
    }
    this.#place(starts[from]!, starts[to]! - starts[from]!, node)
    this.#onIndexed(starts[to]! - starts[from]!)
  }

  #place(start: number, size: number, node: number): void {
    if (size <= leafPoints) {
      gather(this.#points, this.#frame, this.#order.index, start, size, this.#leaf)
      if (this.#writeLeaf(start, size, node)) return
    }
    this.#split(start, size, node)
  }

  #split(start: number, size: number, root: number): void {
    if (size > this.#block.x.length) this.#block = newBlock(2 * size)
    const block = this.#block
    const { index } = this.#order
    const { x, y, z } = this.#leaf
    gather(this.#points, this.#frame, index, start, size, block)
    for (let k = 0; k < size; k++) block.index[k] = index[start + k]!
    splitBlock(
      block,
      size,
      root,
      (node) => this.#nodes.addChildren(node),
      (node, first, end, coincide) => {
        if (!coincide && end - first > leafPoints) return false
        const count = coincide ? 1 : end - first
        for (let k = 0; k < count; k++) {
          x[k] = block.x[first + k]!
          y[k] = block.y[first + k]!
          z[k] = block.z[first + k]!
        }
        if (!this.#writeLeaf(start + first, count, node)) return false
        for (let k = first; k < end; k++) index[start + k] = block.index[k]!
        if (coincide) this.#repeat(node, start + first, start + end)
        return true
      },
    )
  }

  /** Makes a node the leaf of the points in `#leaf`, unless they lie too far apart. */
  #writeLeaf(first: number, count: number, node: number): boolean {
    const { x, y, z } = this.#leaf
    // The kernel takes them in fours: the last one fills up.
    for (let k = count; k < ((count + 3) & -4); k++) {
      x[k] = x[count - 1]!
      y[k] = y[count - 1]!
      z[k] = z[count - 1]!
    }
    const order = this.#order
    const written = this.#kernels.writeLeaf(
      x.byteOffset,
      count,
      first,
      this.#nodes.addressOf(node),
      order.x.byteOffset,
      order.y.byteOffset,
      order.z.byteOffset,
      leafSteps * this.#frame.quantum,
    )
    return written !== 0
  }

  /** All points of a leaf are where its first one is. */
  #repeat(leaf: number, first: number, end: number): void {
    const { x, y, z } = this.#order
    for (const column of [x, y, z]) column.fill(column[first]!, first + 1, end)
    this.#nodes.setCoinciding(leaf, end - first)
  }
}

/** About the centre, in whole steps. */
function gather(
  points: PointArrays,
  { centre: [cx, cy, cz], quantum }: CloudFrame,
  index: Uint32Array,
  start: number,
  size: number,
  { x, y, z }: Omit<Block, 'index'>,
): void {
  const [fromX, fromY, fromZ] = [points.x, points.y, points.z]
  // A power of two: nothing is lost by the factor.
  const perUnit = 1 / quantum
  for (let k = 0; k < size; k++) {
    const i = index[start + k]!
    x[k] = Math.round((fromX[i]! - cx) * perUnit) * quantum
    y[k] = Math.round((fromY[i]! - cy) * perUnit) * quantum
    z[k] = Math.round((fromZ[i]! - cz) * perUnit) * quantum
  }
}

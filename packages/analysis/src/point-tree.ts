/**
 * A spatial index over one cloud: a binary tree of tight boxes, halved across their longest side (the
 * sliding midpoint rule of Maneewongvatana & Mount 1999, "It's okay to be skinny, if your friends are fat",
 * here on tight boxes). It follows the density of the points wherever they lie, so that neither outliers
 * nor a very uneven scan cost memory or time, which a uniform grid cannot promise.
 *
 * The upper levels are halvings of one box around the bulk of the points, which makes them a counting sort
 * by a key of interleaved bits; only blocks of a few dozen points are split by looking at them.
 */
import { keyLayout, pointKeys } from './bulk-key.ts'
import { type CloudFrame, leafSteps } from './cloud-frame.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'

/** Plain data over shared memory, so that every thread can read the same tree. */
export type PointTree = {
  /** Boxes and origins are relative to its centre, in the unit of the coordinates. */
  readonly frame: CloudFrame
  readonly pointCount: number
  readonly nodeCount: number
  /** Six per node: lowest x, y, z, then highest; never inside the true box. */
  readonly box: Float32Array
  /**
   * Two per node. Leaf: its first point and its number of points (negative where they all coincide).
   * Inner node: its first child (the second one follows it) and 0. Node 0 is the root; children come after
   * their parents, and leaves in ascending order of node hold neighbouring points.
   */
  readonly link: Int32Array
  /** Coordinates in leaf order, relative to the lowest corner of the box of the point's leaf. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  /** Which point of the cloud stands at this place of the leaf order. */
  readonly index: Uint32Array
}

const leafPoints = 24
/** Most points in one block, usually: enough to fill the lower levels, few enough for the fastest cache. */
const blockPoints = 128
/** Usual clouds have a node for 7 to 10 points. What is reserved and never touched takes no memory. */
const pointsPerReservedNode = 5

/**
 * Builds the tree of a cloud, in linear time for any usual cloud; memory is 16 bytes per point and 32 per node
 * (about one node for 9 points). Trees that are compared must share the frame, which should be that of all their points. `onIndexed` gets the number of points put in their place since its last call.
 * Throws RangeError for a coordinate that is not finite.
 */
export function buildPointTree(
  points: PointArrays,
  frame: CloudFrame,
  onIndexed: (points: number) => void = () => {},
): PointTree {
  const n = countPoints(points)
  const layout = keyLayout(points, Math.ceil(n / blockPoints))
  // The keys lie where the offsets will be: a block's keys are not needed any more when it is written.
  const x = new Float32Array(new SharedArrayBuffer(4 * n))
  const keys = pointKeys(points, layout, new Uint32Array(x.buffer))
  const index = new Uint32Array(new SharedArrayBuffer(4 * n))
  const starts = sortByKey(keys, layout.keyCount, index)
  const y = new Float32Array(new SharedArrayBuffer(4 * n))
  const z = new Float32Array(new SharedArrayBuffer(4 * n))
  const builder = new TreeBuilder(points, frame, { x, y, z, index }, starts, onIndexed)
  if (n > 0) builder.splitKeys(0, layout.keyCount, builder.addNodes(1))
  return { frame, pointCount: n, ...builder.finish(), x, y, z, index }
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
type Block = { x: Float64Array; y: Float64Array; z: Float64Array; index: Uint32Array }

class TreeBuilder {
  readonly #points: PointArrays
  readonly #frame: CloudFrame
  readonly #order: LeafOrder
  readonly #starts: Uint32Array
  readonly #onIndexed: (points: number) => void
  #nodeCount = 0
  #box: Float32Array
  #link: Int32Array
  #block: Block = newBlock(1024)
  #stack = new Int32Array(3 * 64)

  constructor(
    points: PointArrays,
    frame: CloudFrame,
    order: LeafOrder,
    starts: Uint32Array,
    onIndexed: (points: number) => void,
  ) {
    this.#points = points
    this.#frame = frame
    this.#order = order
    this.#starts = starts
    this.#onIndexed = onIndexed
    const nodes = Math.ceil(order.x.length / pointsPerReservedNode) + 1
    this.#box = new Float32Array(new SharedArrayBuffer(24 * nodes))
    this.#link = new Int32Array(new SharedArrayBuffer(8 * nodes))
  }

  /** Room for `count` nodes that follow each other; returns the first. */
  addNodes(count: number): number {
    const first = this.#nodeCount
    this.#nodeCount += count
    if (6 * this.#nodeCount > this.#box.length) {
      const box = new Float32Array(new SharedArrayBuffer(2 * this.#box.byteLength))
      box.set(this.#box)
      this.#box = box
      const link = new Int32Array(new SharedArrayBuffer(2 * this.#link.byteLength))
      link.set(this.#link)
      this.#link = link
    }
    return first
  }

  /** Upper levels: halves a range of keys, which is to halve the box they stand for. */
  splitKeys(fromKey: number, toKey: number, node: number): void {
    const starts = this.#starts
    let from = fromKey
    let to = toKey
    while (to - from > 1 && starts[to]! - starts[from]! > blockPoints) {
      const middle = (from + to) >>> 1
      if (starts[middle]! === starts[from]!) from = middle
      else if (starts[middle]! === starts[to]!) to = middle
      else {
        const child = this.addNodes(2)
        this.#link[2 * node] = child
        this.splitKeys(from, middle, child)
        this.splitKeys(middle, to, child + 1)
        return
      }
    }
    this.#splitBlock(starts[from]!, starts[to]!, node)
    this.#onIndexed(starts[to]! - starts[from]!)
  }

  /** Lower levels: looks at the points, in doubles, until leaves are small. */
  #splitBlock(start: number, stop: number, root: number): void {
    const size = stop - start
    if (size > this.#block.x.length) this.#block = newBlock(2 * size)
    const block = this.#block
    gather(this.#points, this.#frame, this.#order.index, start, size, block)
    const { x, y, z } = block
    const leafExtent = leafSteps * this.#frame.quantum
    this.#stack[0] = root
    this.#stack[1] = 0
    this.#stack[2] = size
    for (let top = 3; top > 0; ) {
      if (top + 6 > this.#stack.length) this.#growStack()
      const stack = this.#stack
      top -= 3
      const node = stack[top]!
      const first = stack[top + 1]!
      const end = stack[top + 2]!
      let x0 = x[first]!
      let x1 = x0
      let y0 = y[first]!
      let y1 = y0
      let z0 = z[first]!
      let z1 = z0
      for (let i = first + 1; i < end; i++) {
        const px = x[i]!
        const py = y[i]!
        const pz = z[i]!
        if (px < x0) x0 = px
        else if (px > x1) x1 = px
        if (py < y0) y0 = py
        else if (py > y1) y1 = py
        if (pz < z0) z0 = pz
        else if (pz > z1) z1 = pz
      }
      const dx = x1 - x0
      const dy = y1 - y0
      const dz = z1 - z0
      const extent = Math.max(dx, dy, dz)
      if (extent === 0 || (end - first <= leafPoints && extent <= leafExtent)) {
        this.#link[2 * node] = start + first
        this.#link[2 * node + 1] = extent === 0 ? first - end : end - first
        writeBox(this.#box, 6 * node, x0, y0, z0, x1, y1, z1)
        writeOffsets(block, first, end, this.#box, 6 * node, this.#order, start)
        continue
      }
      let middle: number
      if (extent === dx) middle = partition(x, y, z, block.index, first, end, halfway(x0, x1))
      else if (extent === dy) middle = partition(y, x, z, block.index, first, end, halfway(y0, y1))
      else middle = partition(z, x, y, block.index, first, end, halfway(z0, z1))
      const child = this.addNodes(2)
      this.#link[2 * node] = child
      stack[top++] = child + 1
      stack[top++] = middle
      stack[top++] = end
      stack[top++] = child
      stack[top++] = first
      stack[top++] = middle
    }
  }

  #growStack(): void {
    const stack = new Int32Array(2 * this.#stack.length)
    stack.set(this.#stack)
    this.#stack = stack
  }

  /** Boxes of inner nodes from their children, and both tables cut to size. */
  finish(): { nodeCount: number; box: Float32Array; link: Int32Array } {
    const nodeCount = this.#nodeCount
    const box = this.#box.subarray(0, 6 * nodeCount)
    const link = this.#link.subarray(0, 2 * nodeCount)
    for (let node = nodeCount - 1; node >= 0; node--) {
      if (link[2 * node + 1] !== 0) continue
      const a = 6 * link[2 * node]!
      for (let k = 6 * node; k < 6 * node + 3; k++) {
        const b = a + k - 6 * node
        box[k] = Math.min(box[b]!, box[b + 6]!)
        box[k + 3] = Math.max(box[b + 3]!, box[b + 9]!)
      }
    }
    return { nodeCount, box, link }
  }
}

function newBlock(size: number): Block {
  return {
    x: new Float64Array(size),
    y: new Float64Array(size),
    z: new Float64Array(size),
    index: new Uint32Array(size),
  }
}

function gather(
  points: PointArrays,
  { centre: [cx, cy, cz], quantum }: CloudFrame,
  index: Uint32Array,
  start: number,
  size: number,
  block: Block,
): void {
  const { x, y, z } = block
  // A power of two: nothing is lost by the factor.
  const perUnit = 1 / quantum
  for (let k = 0; k < size; k++) {
    const i = index[start + k]!
    block.index[k] = i
    x[k] = Math.round((points.x[i]! - cx) * perUnit) * quantum
    y[k] = Math.round((points.y[i]! - cy) * perUnit) * quantum
    z[k] = Math.round((points.z[i]! - cz) * perUnit) * quantum
  }
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
    const a = key[low]!
    key[low] = key[high]!
    key[high] = a
    const b = second[low]!
    second[low] = second[high]!
    second[high] = b
    const c = third[low]!
    third[low] = third[high]!
    third[high] = c
    const d = index[low]!
    index[low] = index[high]!
    index[high] = d
    low++
    high--
  }
}

function writeBox(
  box: Float32Array,
  at: number,
  x0: number,
  y0: number,
  z0: number,
  x1: number,
  y1: number,
  z1: number,
): void {
  box[at] = below(x0)
  box[at + 1] = below(y0)
  box[at + 2] = below(z0)
  box[at + 3] = above(x1)
  box[at + 4] = above(y1)
  box[at + 5] = above(z1)
}

function writeOffsets(
  block: Block,
  first: number,
  end: number,
  box: Float32Array,
  at: number,
  order: LeafOrder,
  start: number,
): void {
  const ox = box[at]!
  const oy = box[at + 1]!
  const oz = box[at + 2]!
  for (let i = first; i < end; i++) {
    order.x[start + i] = block.x[i]! - ox
    order.y[start + i] = block.y[i]! - oy
    order.z[start + i] = block.z[i]! - oz
    order.index[start + i] = block.index[i]!
  }
}

/** The largest 32-bit value not above a multiple of the quantum, hence one itself; `above` is one not below it. */
function below(value: number): number {
  const nearest = Math.fround(value)
  return nearest <= value ? nearest : Math.fround(value - Math.abs(value) * 2 ** -23)
}

function above(value: number): number {
  const nearest = Math.fround(value)
  return nearest >= value ? nearest : Math.fround(value + Math.abs(value) * 2 ** -23)
}

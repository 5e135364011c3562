/**
 * A spatial index over one cloud: a binary tree of tight boxes, halved across their longest side (the
 * sliding midpoint rule of Maneewongvatana & Mount 1999, "It's okay to be skinny, if your friends are fat",
 * here on tight boxes). It follows the density of the points wherever they lie, so that neither outliers
 * nor a very uneven scan cost memory or time, which a uniform grid cannot promise.
 *
 * Where points lie evenly, halvings are those of one box around the bulk of the points, which makes them a counting sort
 * by a key of interleaved bits; only what crowds within a key, or lies far out, is split by looking at it.
 */
import { type KeyLayout, keyLayout } from './bulk-key.ts'
import { type CloudFrame, leafSteps } from './cloud-frame.ts'
import { countPoints, type PointArrays, requireFinite } from './point-arrays.ts'
import { instantiateTreeBuilding, pageBytes, reserveTreeMemory, type TreeMemory } from './tree-kernels.ts'

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
  /** Coordinates in leaf order, relative to the lowest corner of the box of the point's leaf. Empty where `points` is there. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  /** Which point of the cloud stands at this place of the leaf order. */
  readonly index: Uint32Array
  /** A stretch of the memory that nobody needs once the tree is built, for those who use one tree after the other. */
  readonly spare: { readonly at: number; readonly bytes: number }
  /** The cloud, if the tree is for queries alone: their offsets are found again when they are asked for. */
  readonly points?: PointArrays
}

export type PointTreeOptions = {
  /** Gets the number of points put in their place since its last call. */
  readonly onIndexed?: (points: number) => void
  /** Nothing can be searched for in the tree, and memory is 4 bytes per point and its nodes. Default false. */
  readonly forQueries?: boolean
  /** A tree that this one shall share the memory of: one kernel then sees both. Not while anybody uses that one. */
  readonly beside?: PointTree | undefined
}

/** Keys are so fine that few of them have more points than a leaf. */
const pointsPerKey = 8
/** Usual clouds have a node for 11 or 12 points. What is reserved and never touched takes no memory. */
const pointsPerReservedNode = 8
const nodeBytes = 32
/** Points are shown to the kernel by so many, or all of the fullest key. */
const windowPoints = 4096
/** A cloud of so many is copied to the kernel as a whole, which takes it from there sooner than by the window. */
const mostHeld = 1 << 17
/** Kernels take points in fours: the last one of them reaches beyond the points. */
const pointsBeyond = 4
/** As the kernel has an axis: three doubles, and an address. */
const axisBytes = 32

/**
 * Builds the tree of a cloud, in linear time for any usual cloud; memory is 16 bytes per point and 32 per node
 * (about one node for 11 points), for small clouds 24 more per point. Trees that are compared must share the frame, which should
 * be that of all their points.
 * Throws RangeError for a coordinate that is not finite, and for more points than 4 GiB hold: some 200 million.
 */
export function buildPointTree(
  points: PointArrays,
  frame: CloudFrame,
  { onIndexed = () => {}, forQueries = false, beside }: PointTreeOptions = {},
): PointTree {
  const n = countPoints(points)
  const layout = keyLayout(points, Math.ceil(n / pointsPerKey))
  const columnBytes = 16 * (Math.ceil(n / 4) + 1)
  const axesAt = beside?.memory.buffer.byteLength ?? 0
  const columnsAt = axesAt + 3 * axisBytes
  const column = (number: number) => columnsAt + number * columnBytes
  const heldBytes = n <= mostHeld ? 3 * 8 * (n + pointsBeyond) : 0
  const isSpare = beside !== undefined && heldBytes <= beside.spare.bytes
  const spare = isSpare
    ? beside.spare
    : { at: column(forQueries ? 1 : 4), bytes: 16 * Math.ceil(heldBytes / 16) }
  // Starts are behind a 0, as filling moves each to the start of the next key.
  const startsAt = column(forQueries ? 1 : 4) + (isSpare ? 0 : spare.bytes)
  const countsAt = startsAt + 4
  const windowAt = startsAt + 16 * Math.ceil((layout.keyCount + 1) / 4)
  const nodesFrom = (room: number) => windowAt + 3 * 8 * (room + pointsBeyond)
  let nodesAt = nodesFrom(windowPoints)
  // Keys and the bits of steps lie where offsets or nodes will be, which are written when neither is needed any more.
  const keysAt = forQueries ? nodesAt : column(1)
  const bitsAt = keysAt + columnBytes
  const reservedNodes = Math.ceil(n / pointsPerReservedNode) + 1
  const memory = reserveTreeMemory(
    Math.max(nodesAt + nodeBytes * reservedNodes, bitsAt + columnBytes),
    beside?.memory,
  )
  const offsets = (axis: number) =>
    new Float32Array(memory.buffer, forQueries ? 0 : column(1 + axis), forQueries ? 0 : n)
  const order = {
    index: new Uint32Array(memory.buffer, column(0), n),
    x: offsets(0),
    y: offsets(1),
    z: offsets(2),
  }
  let window = windowOver(memory, windowAt, windowPoints)
  let indexed = 0
  const kernels = instantiateTreeBuilding(memory, {
    loadPoints: (first) => {
      onIndexed(first - indexed)
      indexed = first
      return gather(points, order.index, first, window)
    },
    growNodes: () => {
      memory.grow(Math.ceil((memory.buffer.byteLength - nodesAt) / (2 * pageBytes)))
    },
  })
  layAxes(memory, layout, axesAt, bitsAt)
  const held = heldBytes > 0 ? windowOver(memory, spare.at, n) : undefined
  if (held !== undefined) {
    copy(points, 0, n, held)
    kernels.holdPoints(spare.at, held.x.byteLength, n)
  }
  for (let first = 0; first < n; first += windowPoints) {
    const count = Math.min(windowPoints, n - first)
    if (held === undefined) copy(points, first, count, window)
    const at = held === undefined ? windowAt : spare.at + 8 * first
    const columnBytes = (held ?? window).x.byteLength
    if (kernels.countKeys(axesAt, at, columnBytes, count, keysAt + 4 * first, countsAt) < count)
      requireFinite(points)
  }
  const room = Math.max(windowPoints, kernels.startKeys(countsAt, layout.keyCount))
  kernels.sortByKey(keysAt, n, countsAt, column(0))
  if (room > windowPoints) {
    memory.grow(Math.ceil((nodesFrom(room) - nodesAt) / pageBytes))
    nodesAt = nodesFrom(room)
    window = windowOver(memory, windowAt, room)
  }
  const offsetsAt = forQueries ? ([0, 0, 0] as const) : ([column(1), column(2), column(3)] as const)
  const nodeCount =
    n === 0
      ? 0
      : kernels.buildNodes(
          ...offsetsAt,
          column(0),
          startsAt,
          layout.keyCount,
          windowAt,
          window.x.byteLength,
          nodesAt,
          ...frame.centre,
          frame.quantum,
          leafSteps * frame.quantum,
        )
  onIndexed(n - indexed)
  const box = new Float32Array(memory.buffer, nodesAt, 8 * nodeCount)
  const link = new Int32Array(memory.buffer, nodesAt, 8 * nodeCount)
  return {
    frame,
    pointCount: n,
    memory,
    nodeCount,
    box,
    link,
    ...order,
    spare,
    ...(forQueries && { points }),
  }
}

/** Three columns in the memory of the kernel. */
function windowOver({ buffer }: TreeMemory, at: number, room: number): PointArrays {
  const column = (axis: number) =>
    new Float64Array(buffer, at + axis * 8 * (room + pointsBeyond), room + pointsBeyond)
  return { x: column(0), y: column(1), z: column(2) }
}

function layAxes({ buffer }: TreeMemory, { axes }: KeyLayout, axesAt: number, bitsAt: number): void {
  let at = bitsAt
  for (const [axis, { low, stepsPerUnit, bitsOfStep }] of axes.entries()) {
    new Float64Array(buffer, axesAt + axis * axisBytes, 3).set([low, stepsPerUnit, bitsOfStep.length - 1])
    new Uint32Array(buffer, axesAt + axis * axisBytes + 24, 1)[0] = at
    new Uint32Array(buffer, at, bitsOfStep.length).set(bitsOfStep)
    at += bitsOfStep.byteLength
  }
}

function copy(points: PointArrays, first: number, count: number, window: PointArrays): void {
  for (const axis of ['x', 'y', 'z'] as const) window[axis].set(points[axis].subarray(first, first + count))
}

/** As many points as there is room for, in the order of `index` from `first` on; returns how many. */
function gather(points: PointArrays, index: Uint32Array, first: number, { x, y, z }: PointArrays): number {
  const [fromX, fromY, fromZ] = [points.x, points.y, points.z]
  const count = Math.min(x.length - pointsBeyond, index.length - first)
  for (let k = 0; k < count; k++) {
    const i = index[first + k]!
    x[k] = fromX[i]!
    y[k] = fromY[i]!
    z[k] = fromZ[i]!
  }
  return count
}

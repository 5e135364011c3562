// Puts the points of a cloud in leaf order and makes the nodes above them. AssemblyScript: `npm run build:kernels`.
//
// All runs in the memory of one tree, which `point-tree.ts` lays out. The cloud itself lies elsewhere: points come through a window,
// three columns of doubles, that the caller fills. It is the same tree whatever the size of the window.

/** A leaf has so many points at most, or more that coincide. */
const leafPoints: u32 = 48
/** The window is by so many longer than what it has room for. */
const pointsBeyond: u32 = 4
/** As in `point-arrays.ts`. */
const largestCoordinate: f64 = 1e15

/** Fills the window with the points from this place of the order on, as many as there is room for; returns how many. */
declare function loadPoints(first: u32): u32
/** Makes the memory, at whose end nodes are, half as large again. */
declare function growNodes(): void

/** The whole cloud, where it lies in the memory as well. */
let cloud: usize = 0
let cloudStride: usize = 0
let cloudCount: u32 = 0

let xs: usize = 0
let ys: usize = 0
let zs: usize = 0
let index: usize = 0
let starts: usize = 0
let window: usize = 0
/** Of a column of the window, in bytes. */
let stride: usize = 0
let windowFirst: u32 = 0
let windowEnd: u32 = 0
let nodes: usize = 0
let nodeCount: u32 = 0

/**
 * Keys of `count` points at `points`, in columns that are `column` bytes apart, and how often each key comes, added up behind `counts`.
 * `axes` has for each axis where its steps begin, steps per unit, the last step, and the address of the bits of each step: see
 * `KeyLayout`. Returns the first point that is no place, or `count`.
 */
export function countKeys(
  axes: usize,
  points: usize,
  column: usize,
  count: u32,
  keys: usize,
  counts: usize,
): u32 {
  for (let k: u32 = 0; k < count; k++) {
    const at = points + ((<usize>k) << 3)
    const x = load<f64>(at)
    const y = load<f64>(at + column)
    const z = load<f64>(at + 2 * column)
    if (!(abs(x) + abs(y) + abs(z) < largestCoordinate)) return k
    const key = bitsOf(axes, x) | bitsOf(axes + 32, y) | bitsOf(axes + 64, z)
    store<u32>(keys + ((<usize>k) << 2), key)
    const counted = counts + ((<usize>key) << 2)
    store<u32>(counted, load<u32>(counted) + 1)
  }
  return count
}

function bitsOf(axis: usize, value: f64): u32 {
  const step = (value - load<f64>(axis)) * load<f64>(axis, 8)
  const whole = <u32>max<f64>(0, min<f64>(step, load<f64>(axis, 16)))
  return load<u32>(load<u32>(axis, 24) + (whole << 2))
}

/** Points are taken from columns here, `column` bytes apart, instead of asked for. */
export function holdPoints(points: usize, column: usize, count: u32): void {
  cloud = points
  cloudStride = column
  cloudCount = count
}

/** The most points that one key has. Where each key's points begin takes the place of the counts. */
export function startKeys(counts: usize, keyCount: u32): u32 {
  let most: u32 = 0
  let sum: u32 = 0
  for (let at = counts; at < counts + ((<usize>keyCount) << 2); at += 4) {
    const count = load<u32>(at)
    store<u32>(at, sum)
    sum += count
    if (count > most) most = count
  }
  return most
}

/** Counting sort of the numbers of points. Filling moves every start to the start of the next key. */
export function sortByKey(keys: usize, count: u32, keyStarts: usize, order: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const start = keyStarts + ((<usize>load<u32>(keys + ((<usize>i) << 2))) << 2)
    const place = load<u32>(start)
    store<u32>(start, place + 1)
    store<u32>(order + ((<usize>place) << 2), i)
  }
}

/**
 * Makes all nodes, and puts the points of each leaf in its order; returns the number of nodes. `keyStarts` begins with a
 * 0; columns of points that are at 0 are left out.
 */
export function buildNodes(
  columnX: usize,
  columnY: usize,
  columnZ: usize,
  order: usize,
  keyStarts: usize,
  keyCount: u32,
  windowAt: usize,
  windowStride: usize,
  nodesAt: usize,
  centreX: f64,
  centreY: f64,
  centreZ: f64,
  step: f64,
  widest: f64,
): u32 {
  xs = columnX
  ys = columnY
  zs = columnZ
  index = order
  starts = keyStarts
  window = windowAt
  stride = windowStride
  windowFirst = 0
  windowEnd = 0
  nodes = nodesAt
  nodeCount = 1
  makeRoom()
  cx = centreX
  cy = centreY
  cz = centreZ
  quantum = step
  widestLeaf = widest
  splitKeys(0, keyCount, 0)
  uniteBoxes()
  return nodeCount
}

let cx: f64 = 0
let cy: f64 = 0
let cz: f64 = 0
let quantum: f64 = 0
let widestLeaf: f64 = 0

/** Upper levels: halves a range of keys, which is to halve the box they stand for. */
function splitKeys(from: u32, to: u32, node: u32): void {
  const first = startOf(from)
  const end = startOf(to)
  while (to - from > 1 && end - first > leafPoints) {
    const middle = (from + to) >>> 1
    const between = startOf(middle)
    if (between == first) from = middle
    else if (between == end) to = middle
    else {
      const child = addChildren(node)
      splitKeys(from, middle, child)
      splitKeys(middle, to, child + 1)
      return
    }
  }
  if (end > windowEnd) moveWindow(first)
  splitBlock(first, end - first, node)
}

function startOf(key: u32): u32 {
  return load<u32>(starts + ((<usize>key) << 2))
}

function moveWindow(first: u32): void {
  const count = cloud == 0 ? loadPoints(first) : gatherPoints(first)
  windowFirst = first
  windowEnd = first + count
  toSteps(window, count, cx)
  toSteps(window + stride, count, cy)
  toSteps(window + 2 * stride, count, cz)
}

/** As `loadPoints`, of the cloud that lies here. */
function gatherPoints(first: u32): u32 {
  const count = min(<u32>(stride >> 3) - pointsBeyond, cloudCount - first)
  for (let k: usize = 0; k < <usize>count; k++) {
    const from = cloud + ((<usize>load<u32>(index + ((<usize>first + k) << 2))) << 3)
    const to = window + (k << 3)
    store<f64>(to, load<f64>(from))
    store<f64>(to + stride, load<f64>(from + cloudStride))
    store<f64>(to + 2 * stride, load<f64>(from + 2 * cloudStride))
  }
  return count
}

/** About the centre, in whole steps: halves go up. A step is a power of two, so that nothing is lost by the factors. */
function toSteps(column: usize, count: u32, centre: f64): void {
  const centres = f64x2.splat(centre)
  const perUnit = f64x2.splat(1.0 / quantum)
  const step = f64x2.splat(quantum)
  const half = f64x2.splat(0.5)
  const one = f64x2.splat(1)
  for (let at = column; at < column + ((<usize>count) << 3); at += 16) {
    const value = f64x2.mul(f64x2.sub(v128.load(at), centres), perUnit)
    const up = f64x2.ceil(value)
    const whole = f64x2.sub(up, v128.and(one, f64x2.gt(f64x2.sub(up, half), value)))
    v128.store(at, f64x2.mul(whole, step))
  }
}

/**
 * Lower levels: makes a node the leaf of its points, or halves them across the longest side of their box, and the halves again
 * (sliding midpoint).
 */
function splitBlock(first: u32, count: u32, node: u32): void {
  const x = window + ((<usize>(first - windowFirst)) << 3)
  const y = x + stride
  const z = y + stride
  let lowX = v128.load64_splat(x)
  let lowY = v128.load64_splat(y)
  let lowZ = v128.load64_splat(z)
  let highX = lowX
  let highY = lowY
  let highZ = lowZ
  // In twos; what is left over of an odd number is the first, which is in already, where all are passed over from the end.
  for (let k: usize = (<usize>(count & 1)) << 3; k < (<usize>count) << 3; k += 16) {
    const ofX = v128.load(x + k)
    const ofY = v128.load(y + k)
    const ofZ = v128.load(z + k)
    lowX = f64x2.pmin(lowX, ofX)
    lowY = f64x2.pmin(lowY, ofY)
    lowZ = f64x2.pmin(lowZ, ofZ)
    highX = f64x2.pmax(highX, ofX)
    highY = f64x2.pmax(highY, ofY)
    highZ = f64x2.pmax(highZ, ofZ)
  }
  const x0 = lowest(lowX)
  const y0 = lowest(lowY)
  const z0 = lowest(lowZ)
  const x1 = highest(highX)
  const y1 = highest(highY)
  const z1 = highest(highZ)
  const extent = max(max(x1 - x0, y1 - y0), z1 - z0)
  if (extent == 0 || (count <= leafPoints && extent <= widestLeaf)) {
    const at = nodes + ((<usize>node) << 5)
    const place = (<usize>first) << 2
    store<i32>(at, first, 12)
    store<i32>(at, extent == 0 ? -(<i32>count) : <i32>count, 28)
    store<f32>(at, above(x1), 16)
    store<f32>(at, above(y1), 20)
    store<f32>(at, above(z1), 24)
    const originX = startBox(at, x0)
    const originY = startBox(at + 4, y0)
    const originZ = startBox(at + 8, z0)
    if (xs == 0) return
    writeOffsets(x, count, originX, xs + place)
    writeOffsets(y, count, originY, ys + place)
    writeOffsets(z, count, originZ, zs + place)
    return
  }
  let below: u32
  if (extent == x1 - x0) below = partition(x, y, z, first, count, halfway(x0, x1))
  else if (extent == y1 - y0) below = partition(y, x, z, first, count, halfway(y0, y1))
  else below = partition(z, x, y, first, count, halfway(z0, z1))
  const child = addChildren(node)
  splitBlock(first, below, child)
  splitBlock(first + below, count - below, child + 1)
}

function lowest(lows: v128): f64 {
  return min(f64x2.extract_lane(lows, 0), f64x2.extract_lane(lows, 1))
}

function highest(highs: v128): f64 {
  return max(f64x2.extract_lane(highs, 0), f64x2.extract_lane(highs, 1))
}

/** Where a box begins: the largest 32-bit value not above a multiple of the quantum, hence one itself. */
function startBox(at: usize, low: f64): f32 {
  const nearest = <f32>low
  const start = <f64>nearest <= low ? nearest : <f32>(low - abs(low) * (1.0 / 8388608.0))
  store<f32>(at, start)
  return start
}

/** Likewise, not below it. */
function above(high: f64): f32 {
  const nearest = <f32>high
  return <f64>nearest >= high ? nearest : <f32>(high + abs(high) * (1.0 / 8388608.0))
}

/** In fours: what is written beyond the last one belongs to the next leaf, which comes later. */
function writeOffsets(column: usize, count: u32, origin: f32, to: usize): void {
  const origins = f64x2.splat(<f64>origin)
  for (let k: usize = 0; k < <usize>count; k += 4) {
    const one = f32x4.demote_f64x2_zero(f64x2.sub(v128.load(column + (k << 3)), origins))
    const other = f32x4.demote_f64x2_zero(f64x2.sub(v128.load(column + (k << 3), 16), origins))
    v128.store(to + (k << 2), v128.shuffle<f32>(one, other, 0, 1, 4, 5))
  }
}

/** The middle of two different doubles, or the upper one where there is nothing between them. */
function halfway(low: f64, high: f64): f64 {
  const middle = low + (high - low) / 2
  return middle > low ? middle : high
}

/** Moves points whose `key` is below `split` to the front; returns how many. */
function partition(key: usize, second: usize, third: usize, first: u32, count: u32, split: f64): u32 {
  const numbers = index + ((<usize>first) << 2)
  let low: usize = 0
  let high: usize = count - 1
  while (true) {
    while (load<f64>(key + (low << 3)) < split) low++
    while (load<f64>(key + (high << 3)) >= split) high--
    if (low > high) return <u32>low
    swap(key + (low << 3), key + (high << 3))
    swap(second + (low << 3), second + (high << 3))
    swap(third + (low << 3), third + (high << 3))
    const number = load<u32>(numbers + (low << 2))
    store<u32>(numbers + (low << 2), load<u32>(numbers + (high << 2)))
    store<u32>(numbers + (high << 2), number)
    low++
    high--
  }
}

function swap(one: usize, other: usize): void {
  const value = load<f64>(one)
  store<f64>(one, load<f64>(other))
  store<f64>(other, value)
}

/** The second one follows the first, which is returned. */
function addChildren(node: u32): u32 {
  const first = nodeCount
  nodeCount += 2
  makeRoom()
  const at = nodes + ((<usize>node) << 5)
  store<u32>(at, first, 12)
  store<u32>(at, 0, 28)
  return first
}

function makeRoom(): void {
  if (nodes + ((<usize>nodeCount) << 5) > (<usize>memory.size()) << 16) growNodes()
}

/** Boxes of inner nodes, from their children, which come after them. */
function uniteBoxes(): void {
  for (let at = nodes + ((<usize>nodeCount) << 5); at > nodes; ) {
    at -= 32
    if (load<i32>(at, 28) != 0) continue
    const first = load<i32>(at, 12)
    const child = nodes + ((<usize>first) << 5)
    const low = f32x4.min(v128.load(child), v128.load(child, 32))
    const high = f32x4.max(v128.load(child, 16), v128.load(child, 48))
    v128.store(at, i32x4.replace_lane(low, 3, first))
    v128.store(at, i32x4.replace_lane(high, 3, 0), 16)
  }
}

// Leaves of a tree of points, and the nearest points to a few queries at once. AssemblyScript: `npm run build:kernels`.
//
// All runs in the memory of the tree (`point-tree.ts`), which threads share; `batch` is the address of what the caller has to itself.
// Four queries at once are held against one point after another, in 32 bits. That tells the nearest point, and whether another one
// comes so near to it that 32 bits cannot tell; only then are distances to all that come into question measured in 64 bits. What
// is returned is the exact distance, the same to the last bit whichever way the nearest point was found.

// The batch: lowest x, y, z of the box of the queries and 0, highest likewise, then columns of 64.
const placesX: usize = 32
const placesY: usize = placesX + 256
const placesZ: usize = placesY + 256
/** Squared distance to the nearest point and to the second nearest, as far as 32 bits tell. */
const lowest: usize = placesZ + 256
const second: usize = lowest + 256
/** Where the nearest one is: its leaf, and its address in the column of x. */
const leaf: usize = second + 256
const point: usize = leaf + 256
/** Squared distances, exact. */
const exact: usize = point + 256
const stackAt: usize = exact + 512

/** As in `tree-kernels.ts`. */
const batchPoints: i32 = 64

/** So much more than 32 bits tell a squared length may be, and by the square of the largest number that went into it. */
const likely: f32 = 1.0 + 1.0 / 262144.0
const coarseness: f32 = 1.0 / 4194304.0
/** The most that came of the latter since the search began. */
let blur: f32 = 0

export function searchBatch(batch: usize, count: i32, nodes: usize, xs: usize, ys: usize, zs: usize): void {
  blur = 0
  for (let query = batch; query < batch + ((<usize>count) << 2); query += 16) {
    v128.store(query, f32x4.splat(f32.POSITIVE_INFINITY), lowest)
    v128.store(query, f32x4.splat(f32.POSITIVE_INFINITY), second)
  }
  walk(batch, count, nodes, xs, ys, zs, false, f32.POSITIVE_INFINITY)
  const worst = measureNearest(batch, count, xs, ys, zs)
  if (worst >= 0) walk(batch, count, nodes, xs, ys, zs, true, worst)
}

/**
 * The same for all points of the leaves from `node` to before `end` of a tree of queries in the same memory. Distances go to
 * `distances`, in leaf order.
 */
export function searchLeaves(
  batch: usize,
  node: usize,
  end: usize,
  queryXs: usize,
  queryYs: usize,
  queryZs: usize,
  distances: usize,
  nodes: usize,
  xs: usize,
  ys: usize,
  zs: usize,
): void {
  for (; node < end; node += 32) {
    const points = abs(load<i32>(node, 28))
    // Of an inner node: none.
    if (points == 0) continue
    v128.store(batch, v128.load(node))
    v128.store(batch, v128.load(node, 16), 16)
    const first: usize = load<u32>(node, 12)
    for (let from: i32 = 0; from < points; from += batchPoints) {
      const count = min(batchPoints, points - from)
      const place = (first + from) << 2
      fill(batch + placesX, queryXs + place, count)
      fill(batch + placesY, queryYs + place, count)
      fill(batch + placesZ, queryZs + place, count)
      searchBatch(batch, count, nodes, xs, ys, zs)
      for (let k: usize = 0; k < <usize>count; k++)
        store<f32>(distances + place + (k << 2), <f32>sqrt(load<f64>(batch + (k << 3), exact)))
    }
  }
}

/** Queries are taken in fours: the last one fills up. */
function fill(column: usize, from: usize, count: i32): void {
  const bytes = (<usize>count) << 2
  for (let k: usize = 0; k < bytes; k += 16) v128.store(column + k, v128.load(from + k))
  const last = load<f32>(from + bytes - 4)
  for (let k = bytes; k & 15; k += 4) store<f32>(column + k, last)
}

/** Looks at all leaves that may have something nearer than `worst`, a squared distance, nearer ones first. */
function walk(
  batch: usize,
  count: i32,
  nodes: usize,
  xs: usize,
  ys: usize,
  zs: usize,
  exactly: bool,
  worst: f32,
): void {
  const low = v128.load(batch)
  const high = v128.load(batch, 16)
  const zero = f32x4.splat(0)
  const stack = batch + stackAt
  store<u32>(stack, nodes)
  store<f32>(stack, 0, 4)
  let top = stack + 8
  while (top > stack) {
    top -= 8
    if (load<f32>(top, 4) >= worst) continue
    let node: usize = load<u32>(top)
    while (node != 0 && load<i32>(node, 28) == 0) {
      const left = nodes + ((<usize>load<u32>(node, 12)) << 5)
      const a = gaps(left, low, high)
      const b = gaps(left + 32, low, high)
      const sums = sumsOfThree(squares(f32x4.pmax(a, zero)), squares(f32x4.pmax(b, zero)))
      const toLeft = f32x4.extract_lane(sums, 0)
      const toRight = f32x4.extract_lane(sums, 1)
      let leftFirst = toLeft < toRight
      if (toLeft == toRight) {
        // Where both touch the queries, the one that overlaps them more promises the nearer points.
        const overlaps = sumsOfThree(a, b)
        leftFirst = f32x4.extract_lane(overlaps, 0) < f32x4.extract_lane(overlaps, 1)
      }
      const far = leftFirst ? toRight : toLeft
      if (far < worst) {
        store<u32>(top, leftFirst ? left + 32 : left)
        store<f32>(top, far, 4)
        top += 8
      }
      node = (leftFirst ? toLeft : toRight) < worst ? (leftFirst ? left : left + 32) : 0
    }
    if (node != 0)
      worst = exactly ? lookAtExactly(node, batch, count, xs, ys, zs) : lookAt(node, batch, count, xs, ys, zs)
  }
}

/** On each axis: how far apart the boxes are, negative where they overlap. */
function gaps(node: usize, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.sub(v128.load(node), high), f32x4.sub(low, v128.load(node, 16)))
}

function squares(a: v128): v128 {
  return f32x4.mul(a, a)
}

/** Of the first three lanes of both: in the first two lanes. */
function sumsOfThree(a: v128, b: v128): v128 {
  const firsts = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const thirds = v128.shuffle<f32>(a, b, 2, 6, 2, 6)
  return f32x4.add(f32x4.add(firsts, thirds), v128.shuffle<f32>(firsts, firsts, 2, 3, 2, 3))
}

/** Holds all queries against a leaf; returns what is surely not below the largest squared distance that is left. */
function lookAt(node: usize, batch: usize, count: i32, xs: usize, ys: usize, zs: usize): f32 {
  const origin = v128.load(node)
  const size = f32x4.sub(v128.load(node, 16), origin)
  const low = v128.load(batch)
  const apart = f32x4.sub(low, origin)
  const reach = f32x4.add(f32x4.abs(apart), f32x4.add(size, f32x4.sub(v128.load(batch, 16), low)))
  const reachSquared = squares(reach)
  const leafBlur = coarseness * f32x4.extract_lane(sumsOfThree(reachSquared, reachSquared), 0)
  blur = max(blur, leafBlur)
  const blurs = f32x4.splat(blur)
  const likelies = f32x4.splat(likely)
  const apartX = v128.shuffle<f32>(apart, apart, 0, 0, 0, 0)
  const apartY = v128.shuffle<f32>(apart, apart, 1, 1, 1, 1)
  const apartZ = v128.shuffle<f32>(apart, apart, 2, 2, 2, 2)
  const sizeX = v128.shuffle<f32>(size, size, 0, 0, 0, 0)
  const sizeY = v128.shuffle<f32>(size, size, 1, 1, 1, 1)
  const sizeZ = v128.shuffle<f32>(size, size, 2, 2, 2, 2)
  const first = (<usize>load<u32>(node, 12)) << 2
  // Coinciding points are as near as one of them.
  const end = first + ((<usize>max(1, load<i32>(node, 28))) << 2)
  const one = i32x4.splat(4)
  let worst = f32x4.splat(0)
  for (let query = batch; query < batch + ((<usize>count) << 2); query += 16) {
    const x = f32x4.add(v128.load(query, placesX), apartX)
    const y = f32x4.add(v128.load(query, placesY), apartY)
    const z = f32x4.add(v128.load(query, placesZ), apartZ)
    let nearest = v128.load(query, lowest)
    const bound = f32x4.add(f32x4.mul(nearest, likelies), blurs)
    const gap = sumOfSquares(outside(x, sizeX), outside(y, sizeY), outside(z, sizeZ))
    if (v128.any_true(f32x4.lt(gap, bound))) {
      const before = nearest
      let next = v128.load(query, second)
      let at = v128.load(query, point)
      let address = i32x4.splat(<i32>first)
      for (let i = first; i < end; i += 4) {
        const squared = sumOfSquares(
          f32x4.sub(x, v128.load32_splat(xs + i)),
          f32x4.sub(y, v128.load32_splat(ys + i)),
          f32x4.sub(z, v128.load32_splat(zs + i)),
        )
        at = v128.bitselect(address, at, f32x4.lt(squared, nearest))
        next = f32x4.pmin(next, f32x4.pmax(nearest, squared))
        nearest = f32x4.pmin(nearest, squared)
        address = i32x4.add(address, one)
      }
      v128.store(query, nearest, lowest)
      v128.store(query, next, second)
      v128.store(query, at, point)
      const isNearer = f32x4.lt(nearest, before)
      v128.store(query, v128.bitselect(i32x4.splat(<i32>node), v128.load(query, leaf), isNearer), leaf)
    }
    worst = f32x4.pmax(worst, nearest)
  }
  worst = f32x4.pmax(worst, v128.shuffle<f32>(worst, worst, 2, 3, 0, 1))
  return max(f32x4.extract_lane(worst, 0), f32x4.extract_lane(worst, 1)) * likely + blur
}

/** How far places are out of the span from 0 to `size`. */
function outside(place: v128, size: v128): v128 {
  return f32x4.pmax(f32x4.pmax(f32x4.neg(place), f32x4.sub(place, size)), f32x4.splat(0))
}

function sumOfSquares(x: v128, y: v128, z: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(x, x), f32x4.mul(y, y)), f32x4.mul(z, z))
}

/** Exact squared distances to what was found; returns the largest of those queries that another point comes too near for, or -1. */
function measureNearest(batch: usize, count: i32, xs: usize, ys: usize, zs: usize): f32 {
  let worst: f64 = -1
  for (let k = 0; k < count; k++) {
    const query = batch + ((<usize>k) << 2)
    const node: usize = load<u32>(query, leaf)
    const at: usize = load<u32>(query, point)
    const dx = away(batch, query, placesX, node, 0) - <f64>load<f32>(xs + at)
    const dy = away(batch, query, placesY, node, 4) - <f64>load<f32>(ys + at)
    const dz = away(batch, query, placesZ, node, 8) - <f64>load<f32>(zs + at)
    const squared = dx * dx + dy * dy + dz * dz
    store<f64>(query + ((<usize>k) << 2), squared, exact)
    if (isDoubtful(query)) worst = max(worst, squared)
  }
  return worst < 0 ? -1 : <f32>worst * likely
}

function isDoubtful(query: usize): bool {
  return load<f32>(query, second) <= load<f32>(query, lowest) * likely + blur
}

/** From the lowest corner of a node on one axis; no digit is lost. */
function away(batch: usize, query: usize, places: usize, node: usize, axis: usize): f64 {
  return <f64>load<f32>(batch + axis) + <f64>load<f32>(query + places) - <f64>load<f32>(node + axis)
}

/** The same as `lookAt` for the doubtful queries alone, in 64 bits. */
function lookAtExactly(node: usize, batch: usize, count: i32, xs: usize, ys: usize, zs: usize): f32 {
  const first = (<usize>load<u32>(node, 12)) << 2
  const end = first + ((<usize>max(1, load<i32>(node, 28))) << 2)
  let worst: f64 = 0
  for (let k = 0; k < count; k++) {
    const query = batch + ((<usize>k) << 2)
    if (!isDoubtful(query)) continue
    const x = away(batch, query, placesX, node, 0)
    const y = away(batch, query, placesY, node, 4)
    const z = away(batch, query, placesZ, node, 8)
    let nearest = load<f64>(query + ((<usize>k) << 2), exact)
    for (let i = first; i < end; i += 4) {
      const dx = x - <f64>load<f32>(xs + i)
      const dy = y - <f64>load<f32>(ys + i)
      const dz = z - <f64>load<f32>(zs + i)
      const squared = dx * dx + dy * dy + dz * dz
      if (squared < nearest) nearest = squared
    }
    store<f64>(query + ((<usize>k) << 2), nearest, exact)
    worst = max(worst, nearest)
  }
  return <f32>worst * likely
}

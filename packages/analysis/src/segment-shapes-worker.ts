/** The thread side of `measureShapes`: takes chunks of samples until none is left. */
import { parentPort, workerData } from 'node:worker_threads'
import { NearestPlaces } from './nearest-places.ts'
import { samplesPerChunk, type ShapesReport, type ShapesWorkerData } from './segment-shapes.ts'
import { smallestAxis } from './smallest-axis.ts'

const port = parentPort
if (port === null) throw new Error('segment-shapes-worker.ts must run in a worker thread')
const { tree, reach, shapes, next } = workerData as ShapesWorkerData
const report = (message: ShapesReport) => port.postMessage(message)

/** Coordinates relative to the centre of the tree, in leaf order. */
const [x, y, z] = [0, 1, 2].map((axis) => {
  const column = new Float32Array(tree.pointCount)
  const from = [tree.x, tree.y, tree.z][axis]!
  for (let node = 0; node < tree.nodeCount; node++) {
    const [first, count] = [tree.link[8 * node + 3]!, tree.link[8 * node + 7]!]
    for (let i = first; i < first + Math.abs(count); i++) column[i] = tree.box[8 * node + axis]! + from[i]!
  }
  return column
}) as [Float32Array, Float32Array, Float32Array]

const nearest = new NearestPlaces(tree, shapes.neighbours + 1, reach)
const axis = new Float64Array(4)
/** Fewer make no plane. */
const fewest = 5

port.on('message', () => {
  for (;;) {
    const from = Atomics.add(next, 0, samplesPerChunk)
    if (from >= tree.pointCount) break
    const to = Math.min(from + samplesPerChunk, tree.pointCount)
    for (let place = from; place < to; place++) measure(place)
    report({ kind: 'done', samples: to - from })
  }
  report({ kind: 'idle' })
})

function measure(place: number): void {
  const sample = tree.index[place]!
  nearest.search(x[place]!, y[place]!, z[place]!)
  const { places, found, squared } = nearest
  let [sx, sy, sz, xx, xy, xz, yy, yz, zz] = [0, 0, 0, 0, 0, 0, 0, 0, 0]
  let at = sample * shapes.neighbours
  const end = at + shapes.neighbours
  for (let k = 0; k < found; k++) {
    const other = places[k]!
    const [dx, dy, dz] = [x[other]! - x[place]!, y[other]! - y[place]!, z[other]! - z[place]!]
    sx += dx
    sy += dy
    sz += dz
    xx += dx * dx
    xy += dx * dy
    xz += dx * dz
    yy += dy * dy
    yz += dy * dz
    zz += dz * dz
    if (other !== place && at < end) shapes.near[at++] = tree.index[other]!
  }
  shapes.near.fill(-1, at, end)
  shapes.reach[sample] = found > 0 ? Math.sqrt(squared[found - 1]!) : 0
  if (found < fewest) return
  xx -= (sx * sx) / found
  xy -= (sx * sy) / found
  xz -= (sx * sz) / found
  yy -= (sy * sy) / found
  yz -= (sy * sz) / found
  zz -= (sz * sz) / found
  smallestAxis(xx, xy, xz, yy, yz, zz, axis)
  const [a, b, c, middle] = axis as unknown as [number, number, number, number]
  const least = Math.max(0, xx * a * a + yy * b * b + zz * c * c + 2 * (xy * a * b + xz * a * c + yz * b * c))
  shapes.normal.set([a, b, c], 3 * sample)
  shapes.thickness[sample] = Math.sqrt(least / found)
  shapes.breadth[sample] = Math.sqrt(middle / found)
  shapes.length[sample] = Math.sqrt(Math.max(0, xx + yy + zz - least - middle) / found)
}

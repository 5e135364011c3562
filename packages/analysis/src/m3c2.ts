/**
 * Distances between two surveys along the normal of the surface, with what can be seen of them: M3C2 (Lague, Brodu & Leroux
 * 2013, "Accurate 3D comparison of complex topography with terrestrial laser scanner"). Around each core point the normal
 * is that of the best plane through the first survey within `normalRadius`; the distance is that of the means of both
 * surveys in a cylinder along it.
 */
import { atOnce, type Pace } from './pace.ts'
import { bulkCentre, countPoints, type PointArrays, requireFinite } from './point-arrays.ts'
import { PointGrid } from './point-grid.ts'
import type { Vector } from './rigid-motion.ts'
import { smallestAxis } from './smallest-axis.ts'

export type M3c2Options = {
  /** Of the ball that a normal is taken from. */
  readonly normalRadius: number
  /** Of the cylinder. */
  readonly projectionRadius: number
  /** How far the cylinder reaches from the core point, either way. */
  readonly halfLength: number
  /** Standard deviation of one survey's place against the other. Default 0. */
  readonly registrationError?: number
}

/** One value for each core point; NaN where there is none. */
export type M3c2Distances = {
  /** From the first survey to the second, along the normal. */
  readonly distance: Float64Array
  /** What a distance has to pass to be seen at 95 %: 1.96 (sqrt(sd1^2 / n1 + sd2^2 / n2) + registration error). */
  readonly detection: Float64Array
  /** Three numbers each, with z not negative. */
  readonly normal: Float64Array
  /** Points in the cylinder, and their standard deviations along it. */
  readonly countA: Uint32Array
  readonly countB: Uint32Array
  readonly spreadA: Float64Array
  readonly spreadB: Float64Array
}

const fewestForNormal = 3
const cellsAcrossRadius = 1
const corePointsPerPause = 256

/** `pace` hears of core points. RangeError for lengths that are not above 0. */
export async function m3c2Distances(
  core: PointArrays,
  a: PointArrays,
  b: PointArrays,
  { normalRadius, projectionRadius, halfLength, registrationError = 0 }: M3c2Options,
  pace: Pace = atOnce,
): Promise<M3c2Distances> {
  for (const [name, value] of Object.entries({ normalRadius, projectionRadius, halfLength }))
    if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} must be positive, got ${value}`)
  for (const cloud of [core, a, b]) requireFinite(cloud)
  const count = countPoints(core)
  const origin = bulkCentre([a, b])
  const cellSize = Math.max(normalRadius, projectionRadius) / cellsAcrossRadius
  const grids = [new PointGrid(a, origin, cellSize), new PointGrid(b, origin, cellSize)] as const
  const numbers = (each = 1) => new Float64Array(each * count).fill(Number.NaN)
  const found = {
    ...{ distance: numbers(), detection: numbers(), normal: numbers(3) },
    ...{ countA: new Uint32Array(count), countB: new Uint32Array(count) },
    ...{ spreadA: numbers(), spreadB: numbers() },
  }
  const axis = new Float64Array(4)
  let paced = 0
  for (let i = 0; i < count; i++) {
    if (i % corePointsPerPause === 0) {
      await pace(i - paced)
      paced = i
    }
    const place: Vector = [core.x[i]!, core.y[i]!, core.z[i]!]
    if (!normalAround(grids[0], place, normalRadius, axis)) continue
    const normal: Vector = [axis[0]!, axis[1]!, axis[2]!]
    found.normal.set(normal, 3 * i)
    const [inA, inB] = grids.map((grid) => alongCylinder(grid, place, normal, projectionRadius, halfLength))
    found.countA[i] = inA!.count
    found.countB[i] = inB!.count
    found.spreadA[i] = inA!.spread
    found.spreadB[i] = inB!.spread
    if (inA!.count === 0 || inB!.count === 0) continue
    found.distance[i] = inB!.mean - inA!.mean
    const variance = inA!.spread ** 2 / inA!.count + inB!.spread ** 2 / inB!.count
    found.detection[i] = 1.96 * (Math.sqrt(variance) + registrationError)
  }
  await pace(count - paced)
  return found
}

/** False where there are too few points for a plane. */
function normalAround(grid: PointGrid, place: Vector, radius: number, axis: Float64Array): boolean {
  let [n, x, y, z, xx, xy, xz, yy, yz, zz] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  grid.around(place, [radius, radius, radius], (u, v, w) => {
    if (u * u + v * v + w * w > radius * radius) return
    n++
    x += u
    y += v
    z += w
    xx += u * u
    xy += u * v
    xz += u * w
    yy += v * v
    yz += v * w
    zz += w * w
  })
  if (n < fewestForNormal) return false
  const centred = (product: number, one: number, other: number) => product / n - (one / n) * (other / n)
  smallestAxis(
    centred(xx, x, x),
    centred(xy, x, y),
    centred(xz, x, z),
    centred(yy, y, y),
    centred(yz, y, z),
    centred(zz, z, z),
    axis,
  )
  return true
}

/** Mean and standard deviation along the normal, from the core point; NaN for none, and for the deviation of one. */
function alongCylinder(
  grid: PointGrid,
  place: Vector,
  [x, y, z]: Vector,
  radius: number,
  halfLength: number,
) {
  const half = [x, y, z].map(
    (along) => Math.abs(along) * halfLength + Math.sqrt(Math.max(0, 1 - along * along)) * radius,
  ) as unknown as Vector
  let [count, sum, squares] = [0, 0, 0]
  grid.around(place, half, (u, v, w) => {
    const along = u * x + v * y + w * z
    if (Math.abs(along) > halfLength || u * u + v * v + w * w - along * along > radius * radius) return
    count++
    sum += along
    squares += along * along
  })
  const mean = sum / count
  const spread = count > 1 ? Math.sqrt(Math.max(0, squares - count * mean * mean) / (count - 1)) : Number.NaN
  return { count, mean, spread }
}

/** Points thinned to the mean of each small cube of space, so that density beyond need costs nothing and noise is averaged. */
import type { Place } from './cell-order.ts'
import type { PointArrays } from './point-arrays.ts'
import type { Pace } from './pace.ts'
import { paceSteps } from './pace.ts'

export type Samples = {
  readonly points: PointArrays
  /** Which sample each point belongs to; `noSample` for those left out. */
  readonly sampleOf: Uint32Array
}

export const noSample = 0xffffffff

/**
 * `isTaken`: 1 for each point that counts. `origin`: a corner of a cube; by default the lowest of all points that count. Samples
 * stand in the order of the first point of each.
 */
export async function takeSamples(
  { x, y, z }: PointArrays,
  isTaken: Uint8Array,
  size: number,
  pace: Pace,
  origin = lowestCorner({ x, y, z }, isTaken),
): Promise<Samples> {
  const sampleOf = new Uint32Array(x.length).fill(noSample)
  const cubes = new CubeTable()
  for (let i = 0; i < x.length; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (isTaken[i] === 0) continue
    sampleOf[i] = cubes.place(
      Math.floor((x[i]! - origin[0]) / size),
      Math.floor((y[i]! - origin[1]) / size),
      Math.floor((z[i]! - origin[2]) / size),
    )
  }
  const column = () => new Float64Array(new SharedArrayBuffer(8 * cubes.count))
  const points = { x: column(), y: column(), z: column() }
  const counts = new Uint32Array(cubes.count)
  for (let i = 0; i < x.length; i++) {
    const sample = sampleOf[i]!
    if (sample === noSample) continue
    points.x[sample]! += x[i]! - origin[0]
    points.y[sample]! += y[i]! - origin[1]
    points.z[sample]! += z[i]! - origin[2]
    counts[sample]!++
  }
  for (let k = 0; k < counts.length; k++) {
    points.x[k] = points.x[k]! / counts[k]! + origin[0]
    points.y[k] = points.y[k]! / counts[k]! + origin[1]
    points.z[k] = points.z[k]! / counts[k]! + origin[2]
  }
  await pace(x.length % paceSteps)
  return { points, sampleOf }
}

export function lowestCorner({ x, y, z }: PointArrays, isTaken: Uint8Array): Place {
  const low: [number, number, number] = [Infinity, Infinity, Infinity]
  for (let i = 0; i < x.length; i++) {
    if (isTaken[i] === 0) continue
    low[0] = Math.min(low[0], x[i]!)
    low[1] = Math.min(low[1], y[i]!)
    low[2] = Math.min(low[2], z[i]!)
  }
  return low
}

/** Numbers cubes in the order in which they are met: a hash table with linear probing. */
class CubeTable {
  count = 0
  #mask = 1023
  #numbers = new Int32Array(1024).fill(-1)
  #cubes = new Int32Array(3 * 512)

  place(column: number, row: number, level: number): number {
    let slot = hash(column, row, level) & this.#mask
    for (;;) {
      const number = this.#numbers[slot]!
      if (number === -1) break
      const at = 3 * number
      if (this.#cubes[at] === column && this.#cubes[at + 1] === row && this.#cubes[at + 2] === level)
        return number
      slot = (slot + 1) & this.#mask
    }
    if (2 * this.count > this.#mask) {
      this.#grow()
      return this.place(column, row, level)
    }
    this.#cubes.set([column, row, level], 3 * this.count)
    this.#numbers[slot] = this.count
    return this.count++
  }

  #grow(): void {
    this.#mask = 2 * this.#mask + 1
    const cubes = new Int32Array(3 * (this.#mask + 1))
    cubes.set(this.#cubes)
    this.#cubes = cubes
    this.#numbers = new Int32Array(this.#mask + 1).fill(-1)
    for (let number = 0; number < this.count; number++) {
      let slot = hash(cubes[3 * number]!, cubes[3 * number + 1]!, cubes[3 * number + 2]!) & this.#mask
      while (this.#numbers[slot] !== -1) slot = (slot + 1) & this.#mask
      this.#numbers[slot] = number
    }
  }
}

function hash(column: number, row: number, level: number): number {
  let h = Math.imul(column, 0x9e3779b1) ^ Math.imul(row, 0x85ebca77) ^ Math.imul(level, 0xc2b2ae3d)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (h ^ (h >>> 13)) >>> 0
}

/** The shape in which clouds enter the kernels, and the checks that all of them share. */

/** Parallel coordinates of a cloud, all in one unit. Kernels read them and never write. */
export type PointArrays = {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

/** Beyond this a coordinate is a fault, not a place: its square has no digits left for a distance. */
const largestCoordinate = 1e15

/** Number of points. Throws RangeError where the three arrays differ in length. */
export function countPoints(points: PointArrays): number {
  const { x, y, z } = points
  if (x.length !== y.length || x.length !== z.length) {
    throw new RangeError(`x, y and z must be equally long, got ${x.length}, ${y.length} and ${z.length}`)
  }
  return x.length
}

/** Throws RangeError that names the first point with a coordinate that is not a usable number. */
export function requireFinite(points: PointArrays): void {
  const { x, y, z } = points
  for (let i = 0; i < x.length; i++) {
    if (!isUsable(x[i]!, y[i]!, z[i]!)) {
      throw new RangeError(
        `expected finite coordinates below ${largestCoordinate}, got (${x[i]}, ${y[i]}, ${z[i]}) at point ${i}`,
      )
    }
  }
}

/** Written as a sum so that the common case is one comparison; NaN fails it as well. */
function isUsable(x: number, y: number, z: number): boolean {
  return Math.abs(x) + Math.abs(y) + Math.abs(z) < largestCoordinate
}

/** The same cloud over shared memory: itself where it is shared already, otherwise a copy. */
export function sharePoints(points: PointArrays): PointArrays {
  return { x: shareCoordinates(points.x), y: shareCoordinates(points.y), z: shareCoordinates(points.z) }
}

function shareCoordinates(values: Float64Array): Float64Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = new Float64Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

/** Of each cloud about so many points say where its bulk is. */
const bulkSampleSize = 1000

/**
 * A point amid the bulk of the clouds: the median of an even subsample on each axis. Outliers do not
 * move it, so 32-bit offsets from it are finest where the points are. (0, 0, 0) for empty clouds.
 */
export function bulkCentre(clouds: readonly PointArrays[]): [number, number, number] {
  return medianOfColumns(clouds.map(bulkSample))
}

export function bulkSample(points: PointArrays): PointArrays {
  return evenSample(points, bulkStride(points.x.length))
}

/** In a cloud of so many points, every so manieth says where its bulk is. */
export function bulkStride(pointCount: number): number {
  return Math.max(1, Math.floor(pointCount / bulkSampleSize))
}

/** Every `stride`th point, from the first. */
export function evenSample({ x, y, z }: PointArrays, stride: number): PointArrays {
  return { x: everyOf(x, stride), y: everyOf(y, stride), z: everyOf(z, stride) }
}

export function everyOf(values: Float64Array, stride: number): Float64Array {
  const sample = new Float64Array(Math.ceil(values.length / stride))
  for (let k = 0; k < sample.length; k++) sample[k] = values[k * stride]!
  return sample
}

/** The median on each axis, without what is no number: (0, 0, 0) for empty clouds. */
function medianOfColumns(clouds: readonly PointArrays[]): [number, number, number] {
  return [
    medianOf(clouds.map((c) => c.x)),
    medianOf(clouds.map((c) => c.y)),
    medianOf(clouds.map((c) => c.z)),
  ]
}

function medianOf(arrays: readonly Float64Array[]): number {
  return medianOfSorted(sortedNumbers(arrays))
}

/** 0 where there is none. */
export function medianOfSorted(values: Float64Array): number {
  return values[values.length >> 1] ?? 0
}

/** The finite values of all, ascending. */
export function sortedNumbers(arrays: readonly Float64Array[]): Float64Array {
  const values = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0))
  let count = 0
  for (const array of arrays) {
    values.set(array, count)
    count += array.length
  }
  // What is no place comes first, -Infinity, or last: Infinity, then NaN.
  values.sort()
  let [first, end] = [0, count]
  while (values[first] === -Infinity) first++
  while (end > first && !(values[end - 1]! < Infinity)) end--
  return values.subarray(first, end)
}

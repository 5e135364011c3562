// The points of a cloud that a model is shown, one a voxel, with the attributes that it asks for.
import { type PointArrays, PointVoxels, type VoxelGrid } from '@alidade/analysis'
import type { PointFeature } from '@alidade/contract'
import { attributeNames, type Crs } from '@alidade/formats'
import { JobError } from '../../job-error.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'

/** Names of LAS for features that are attributes of points; they are the same. */
const attributes = ['red', 'green', 'blue', 'intensity', 'returnNumber', 'numberOfReturns'] as const
export type Attribute = (typeof attributes)[number]

export function attributesOf(features: readonly PointFeature[]): Attribute[] {
  return attributes.filter((name) => features.includes(name))
}

export function isColour(name: string): boolean {
  return name === 'red' || name === 'green' || name === 'blue'
}

/** Metres in a unit of each axis. A cloud without a system is taken for one in metres. */
export function metresOf(crs: Crs | undefined): [number, number, number] {
  const plan = crs?.linearUnit.metres ?? 1
  return [plan, plan, crs?.verticalUnit?.metres ?? plan]
}

export interface CloudVoxelsOptions {
  voxelSizeMetres: number
  metres: readonly [number, number, number]
  features: readonly PointFeature[]
  /** Lowest corner of all points, as headers say. */
  min: readonly number[]
  memoryLimitMegabytes: number | undefined
  /** About so many voxels; default: nobody knows. */
  expected?: number
}

/** Of a process that decodes, of rasters and engines aside. */
export const otherMegabytes = 400
/** Places, the table, blocks, classes and what growing takes, for each voxel; and for each of its attributes. */
const [voxelBytes, attributeBytes] = [90, 8]
/** Of a voxel with all attributes and a normal. */
export const mostVoxelBytes = voxelBytes + attributes.length * attributeBytes + 12
/** Bounds in headers are rounded; a voxel of room on every side. */
const room = 1

/** At whole multiples of the size, and from the bounds of all points: the same voxels for any part of a cloud. */
export function voxelGridOf({
  voxelSizeMetres,
  metres,
  min,
}: Pick<CloudVoxelsOptions, 'voxelSizeMetres' | 'metres' | 'min'>): VoxelGrid {
  const size = metres.map((one) => voxelSizeMetres / one)
  const origin = size.map((one, axis) => (Math.floor(min[axis]! / one) - room) * one)
  return { size, origin } as { [name in keyof VoxelGrid]: [number, number, number] }
}

export class CloudVoxels {
  readonly voxels: PointVoxels
  readonly #names: readonly Attribute[]
  readonly #columns = new Map<Attribute, Float32Array>()
  readonly #mostVoxels: number
  readonly #limit: number | undefined
  #brightest = 0

  constructor({
    voxelSizeMetres,
    metres,
    features,
    min,
    memoryLimitMegabytes,
    expected,
  }: CloudVoxelsOptions) {
    this.#names = attributesOf(features)
    for (const name of this.#names) this.#columns.set(name, new Float32Array(0))
    this.#limit = memoryLimitMegabytes
    const bytesEach = voxelBytes + attributeBytes * this.#names.length
    const left = memoryLimitMegabytes === undefined ? Infinity : memoryLimitMegabytes - otherMegabytes
    this.#mostVoxels = Math.min(2 ** 30, Math.max(1, (left * 1e6) / bytesEach))
    const grid = voxelGridOf({ voxelSizeMetres, metres, min })
    this.voxels = new PointVoxels(grid, expected && Math.min(expected, this.#mostVoxels))
  }

  /**
   * The first `count` of some points; `valuesOf`: of an attribute, a number for each of them. JobError `OutOfMemory` before there are
   * more voxels than this machine may hold.
   */
  add({ x, y, z }: PointArrays, count: number, valuesOf: (name: Attribute) => ArrayLike<number>): void {
    const { voxels } = this
    const first = voxels.count
    const points: number[] = []
    for (let i = 0; i < count; i++) {
      const before = voxels.count
      voxels.add(x[i]!, y[i]!, z[i]!)
      if (voxels.count > before) points.push(i)
    }
    if (voxels.count > this.#mostVoxels) {
      const limit = String(this.#limit ?? '?')
      throw new JobError('OutOfMemory', [limit, limit])
    }
    for (const name of this.#names) {
      const column = this.#room(name, voxels.count)
      const values = valuesOf(name)
      if (isColour(name))
        for (let i = 0; i < count; i++) this.#brightest = Math.max(this.#brightest, values[i]!)
      points.forEach((point, k) => {
        column[first + k] = values[point]!
      })
    }
  }

  /** A number for each voxel: colours and intensities from 0 to 1, returns as they are. */
  attribute(name: Attribute): Float32Array {
    return this.#columns.get(name)!.subarray(0, this.voxels.count)
  }

  /** Once, when all points are in. `brightest`: the highest number of a colour, where others have seen more of the cloud. */
  scale(brightest = this.#brightest): void {
    // 8 bits in a field of 16, as many programs write them.
    const whole = brightest <= 255 ? 255 : 65_535
    for (const name of this.#names) {
      if (isColour(name)) divide(this.attribute(name), whole)
      else if (name === 'intensity') divide(this.attribute(name), 65_535)
    }
  }

  #room(name: Attribute, count: number): Float32Array {
    const column = this.#columns.get(name)!
    if (column.length >= count) return column
    const larger = new Float32Array(Math.max(count, 2 * column.length))
    larger.set(column)
    this.#columns.set(name, larger)
    return larger
  }
}

function divide(values: Float32Array, by: number): void {
  for (let i = 0; i < values.length; i++) values[i]! /= by
}

export function isAttribute(feature: PointFeature): feature is Attribute {
  return (attributes as readonly string[]).includes(feature)
}

/** JobError for a cloud whose points do not have what the model is to be shown. */
export function requireAttributes({ input, files, headers }: Cloud, features: readonly PointFeature[]): void {
  for (const [i, header] of headers.entries()) {
    const known = new Set(attributeNames(header))
    const missing = features.filter((name) => isAttribute(name) && !known.has(name))
    if (missing.length === 0) continue
    const problem = `the detector looks at ${missing.join(', ')}, which the points of ${files[i]!.name} do not have.`
    throw new JobError('InputData_Invalid', [input, problem])
  }
}

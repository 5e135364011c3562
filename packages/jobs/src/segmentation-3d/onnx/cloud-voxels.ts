// The points of a cloud that a model is shown, one a voxel, with the attributes that it asks for.
import { type PointArrays, PointVoxels } from '@alidade/analysis'
import type { PointFeature } from '@alidade/contract'
import { attributeNames, type Crs, decodeAttribute, type LasHeader, type PointBatch } from '@alidade/formats'
import { JobError } from '../../job-error.ts'
import type { Cloud } from '../../point-clouds/cloud.ts'

/** Names of LAS for features that are attributes of points; they are the same. */
const attributes = ['red', 'green', 'blue', 'intensity', 'returnNumber', 'numberOfReturns'] as const
type Attribute = (typeof attributes)[number]

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
}

/** Of a process that decodes, of rasters and engines aside. */
const otherMegabytes = 400
/** Places, the table, blocks, classes and what growing takes, for each voxel; and for each of its attributes. */
const [voxelBytes, attributeBytes] = [90, 8]
/** Bounds in headers are rounded; a voxel of room on every side. */
const room = 1

export class CloudVoxels {
  readonly voxels: PointVoxels
  readonly #names: readonly Attribute[]
  readonly #columns = new Map<Attribute, Float32Array>()
  readonly #mostVoxels: number
  readonly #limit: number | undefined

  constructor({ voxelSizeMetres, metres, features, min, memoryLimitMegabytes }: CloudVoxelsOptions) {
    const size = metres.map((one) => voxelSizeMetres / one) as [number, number, number]
    // At whole multiples of the size: the same voxels for any part of a cloud.
    const origin = size.map((one, axis) => (Math.floor(min[axis]! / one) - room) * one)
    this.voxels = new PointVoxels({ size, origin: origin as [number, number, number] })
    this.#names = attributes.filter((name) => features.includes(name))
    for (const name of this.#names) this.#columns.set(name, new Float32Array(0))
    this.#limit = memoryLimitMegabytes
    const bytesEach = voxelBytes + attributeBytes * this.#names.length
    const left = memoryLimitMegabytes === undefined ? Infinity : memoryLimitMegabytes - otherMegabytes
    this.#mostVoxels = Math.min(2 ** 30, Math.max(1, (left * 1e6) / bytesEach))
  }

  /** JobError `OutOfMemory` before there are more voxels than this machine may hold. */
  add(batch: PointBatch, header: LasHeader, { x, y, z }: PointArrays): void {
    const { voxels } = this
    const first = voxels.count
    const points: number[] = []
    for (let i = 0; i < batch.count; i++) {
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
      const values = decodeAttribute(batch, header, name)
      points.forEach((point, k) => {
        column[first + k] = values[point]!
      })
    }
  }

  /** A number for each voxel: colours and intensities from 0 to 1, returns as they are. */
  attribute(name: Attribute): Float32Array {
    return this.#columns.get(name)!.subarray(0, this.voxels.count)
  }

  /** Once, when all points are in. */
  scale(): void {
    const colours = (['red', 'green', 'blue'] as const).filter((name) => this.#columns.has(name))
    let highest = 0
    for (const name of colours) for (const value of this.attribute(name)) highest = Math.max(highest, value)
    // 8 bits in a field of 16, as many programs write them.
    const whole = highest <= 255 ? 255 : 65_535
    for (const name of colours) divide(this.attribute(name), whole)
    if (this.#columns.has('intensity')) divide(this.attribute('intensity'), 65_535)
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

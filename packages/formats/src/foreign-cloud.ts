// What every reader of a format other than LAS gives: coordinates and named columns of numbers, batch by batch.
import { FormatError } from './format-error.ts'
import type { ScalarType } from './las-extra-bytes.ts'

export type CloudColumn = {
  /** As the file calls it. */
  readonly name: string
  readonly type: ScalarType
  /** The values that the format says stand for nothing and for all of a colour or an intensity. */
  readonly range?: readonly [number, number]
}

/** Its arrays may be longer than `count`, and are good until the next batch is asked for. */
export type CloudBatch = {
  readonly count: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** In the order of the cloud's columns. */
  readonly columns: readonly Float64Array[]
  /** How much of the work of this pass is done with it, 0 to 1. */
  readonly share: number
}

export interface ForeignCloud {
  readonly columns: readonly CloudColumn[]
  /** The coordinate system, where the file names one. */
  readonly wkt?: string
  /** Whether times are GPS seconds less 1e9; otherwise nobody knows since when they count. */
  readonly standardGpsTime?: boolean
  /** All points in the order of the file. May be called again: whoever writes LAS has to know the extent first. */
  batches(signal: AbortSignal | undefined): AsyncGenerator<CloudBatch, void, undefined>
}

export type OpenCloudOptions = {
  readonly signal?: AbortSignal
  /** Told once about what a reader cannot keep. */
  readonly warn?: (message: string) => void
  /** Turns a surface into points; without it the corners of the surface are the points. */
  readonly sampleMesh?: SampleMesh
  /** Called with the share of the file that has been read while a surface is taken into memory. */
  readonly onShare?: (share: number) => void
}

/** Points of a surface: three coordinates for each corner, three corners for each triangle. */
export type SampleMesh = (positions: Float64Array, triangles: Uint32Array) => MeshSampling

export interface MeshSampling {
  /** About as many. */
  readonly pointCount: number
  /** The same points whenever it is called. */
  batches(): Iterable<MeshSamples>
}

/** Arrays may be longer than `count`, and are good until the next batch is asked for. */
export type MeshSamples = {
  readonly count: number
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
  /** Which triangle each point lies on. */
  readonly triangle: Uint32Array
}

export const cloudBatchPoints = 16_384

/** An empty batch with room for `points`. */
export function allocateBatch(columns: number, points = cloudBatchPoints) {
  const column = () => new Float64Array(points)
  return { x: column(), y: column(), z: column(), columns: Array.from({ length: columns }, column) }
}

/** Beyond any place on Earth in any unit; what is larger is damage. */
export const largestCoordinate = 1e11

/** FormatError `Corrupt` for a point that is nowhere. `place` names point `i` of the batch. */
export function requirePlaces({ count, x, y, z }: CloudBatch, place: (i: number) => string): void {
  for (const [name, values] of [
    ['x', x],
    ['y', y],
    ['z', z],
  ] as const)
    for (let i = 0; i < count; i++) {
      if (Math.abs(values[i]!) <= largestCoordinate) continue
      const problem = `expected a finite ${name} below ${largestCoordinate}, got ${values[i]}`
      throw new FormatError('Corrupt', place(i), problem)
    }
}

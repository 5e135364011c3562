/** The numbers that a model is shown of the points of a block. */
import type { GroundSurface } from './ground-surface.ts'
import { groundHeight } from './ground-height.ts'
import type { PointVoxels } from './point-voxels.ts'

export type FeatureColumn = {
  /** What it is made of: a length along an axis, a height, or a number for each voxel that is known already. */
  readonly of:
    | 'x'
    | 'y'
    | 'z'
    | 'heightAboveLowest'
    | 'heightAboveGround'
    | { readonly values: Float32Array; readonly stride: number; readonly from: number }
  readonly subtract: number
  readonly divide: number
}

export type FeatureOptions = {
  readonly columns: readonly FeatureColumn[]
  /** What a unit of each axis of the voxels is. */
  readonly metres: readonly [number, number, number]
  readonly surface: GroundSurface
  /** Middle of the block, from the origin of the voxels. */
  readonly middle: readonly [number, number]
  /** Mean and lowest height of the block, from the origin of the voxels. */
  readonly meanHeight: number
  readonly lowestHeight: number
  /** Whether all points of a feature lie together, or all features of a point. */
  readonly byFeature: boolean
}

/** `taken`: the voxels, in the order in which they are shown. Heights above ground are 0 where no ground is near. */
export function pointFeatures(
  voxels: PointVoxels,
  taken: Int32Array,
  options: FeatureOptions,
): Float32Array<ArrayBuffer> {
  const { columns, byFeature } = options
  const into = new Float32Array(taken.length * columns.length)
  columns.forEach((column, f) => {
    const value = featureOf(voxels, column.of, options)
    const [from, stride] = byFeature ? [f * taken.length, 1] : [f, columns.length]
    for (let i = 0; i < taken.length; i++)
      into[from + i * stride] = (value(taken[i]!) - column.subtract) / column.divide
  })
  return into
}

/** Mean and lowest height of some voxels, from the origin. */
export function blockHeights(voxels: PointVoxels, of: Int32Array): { mean: number; lowest: number } {
  let [sum, lowest] = [0, Infinity]
  for (const voxel of of) {
    const height = voxels.offset(voxel, 2)
    sum += height
    if (height < lowest) lowest = height
  }
  return { mean: sum / of.length, lowest }
}

function featureOf(
  voxels: PointVoxels,
  of: FeatureColumn['of'],
  { metres, surface, middle, meanHeight, lowestHeight }: FeatureOptions,
): (voxel: number) => number {
  switch (of) {
    case 'x':
      return (voxel) => (voxels.offset(voxel, 0) - middle[0]) * metres[0]
    case 'y':
      return (voxel) => (voxels.offset(voxel, 1) - middle[1]) * metres[1]
    case 'z':
      return (voxel) => (voxels.offset(voxel, 2) - meanHeight) * metres[2]
    case 'heightAboveLowest':
      return (voxel) => (voxels.offset(voxel, 2) - lowestHeight) * metres[2]
    case 'heightAboveGround': {
      const [x0, y0, z0] = voxels.grid.origin
      return (voxel) => {
        const ground = groundHeight(surface, x0 + voxels.offset(voxel, 0), y0 + voxels.offset(voxel, 1))
        const height = (z0 + voxels.offset(voxel, 2) - ground) * metres[2]
        return Number.isFinite(height) ? height : 0
      }
    }
    default:
      return (voxel) => of.values[voxel * of.stride + of.from]!
  }
}

// How many voxels a cloud is going to have, and how many of them a model is shown at a time, as far as headers tell.
import { pointInputDefaults } from '@alidade/contract/jobs'
import type { LasHeader } from '@alidade/formats'
import { metresOf } from './cloud-voxels.ts'
import type { PointModel } from './point-model.ts'

export interface ForeseenVoxels {
  /** Voxels for each point. */
  perPoint: number
  /** Voxels that a model is shown at a time. */
  shown: number
}

type Shown = Pick<PointModel, 'voxelSizeMetres' | 'blockSizeMetres' | 'overlapMetres' | 'points' | 'isFixed'>

/** Points lie on surfaces, of which there are about so many above each other. */
const layers = 2

/** As if the points of each file were spread by chance over its bounds; of common models while none is known. */
export function foreseenVoxels(
  headers: readonly (LasHeader | undefined)[],
  model: Shown = { ...pointInputDefaults, isFixed: false },
): ForeseenVoxels {
  const { voxelSizeMetres, blockSizeMetres, overlapMetres, points, isFixed } = model
  const blockArea = (blockSizeMetres + 2 * overlapMetres) ** 2
  let [all, voxels, inBlocks] = [0, 0, 0]
  for (const header of headers) {
    if (header === undefined || header.pointCount === 0) continue
    const { bounds, pointCount, crs } = header
    const [metres] = metresOf(crs)
    const sides = [0, 1].map((axis) => (bounds.max[axis]! - bounds.min[axis]!) * metres)
    const area = Math.max(sides[0]! * sides[1]!, voxelSizeMetres ** 2)
    const inColumn = (pointCount * voxelSizeMetres ** 2) / area / layers
    const own = (pointCount * -Math.expm1(-inColumn)) / inColumn
    all += pointCount
    voxels += own
    inBlocks += (pointCount * own * Math.min(blockArea, area)) / area
  }
  if (all === 0) return { perPoint: 1, shown: points }
  const inBlock = inBlocks / all
  const pieces = Math.max(1, Math.ceil(inBlock / points))
  return { perPoint: voxels / all, shown: isFixed ? points : Math.max(1, Math.ceil(inBlock / pieces)) }
}

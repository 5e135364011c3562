/** Normals of the surface around the points of voxels. */
import type { Pace } from './pace.ts'
import type { PointVoxels } from './point-voxels.ts'
import { smallestAxis } from './smallest-axis.ts'

/** So many voxels on either side along each axis are the surroundings. */
const reach = 2
const fewestNeighbours = 3
const voxelsInARow = 4096

/**
 * Three numbers a voxel: the unit direction in which the points around it extend least, never downwards; straight up where
 * there are fewer than three of them. Lengths along all axes are told in `metres` each. `pace` hears of voxels done.
 */
export async function voxelNormals(
  voxels: PointVoxels,
  metres: readonly [number, number, number],
  pace: Pace,
): Promise<Float32Array> {
  const normals = new Float32Array(3 * voxels.count)
  const axis = new Float64Array(4)
  const sums = new Float64Array(9)
  for (let voxel = 0; voxel < voxels.count; voxel++) {
    if (voxel > 0 && voxel % voxelsInARow === 0) await pace(voxelsInARow)
    const count = gather(voxels, voxel, metres, sums)
    if (count < fewestNeighbours) {
      normals[3 * voxel + 2] = 1
      continue
    }
    const [x, y, z] = [sums[0]! / count, sums[1]! / count, sums[2]! / count]
    smallestAxis(
      sums[3]! / count - x * x,
      sums[4]! / count - x * y,
      sums[5]! / count - x * z,
      sums[6]! / count - y * y,
      sums[7]! / count - y * z,
      sums[8]! / count - z * z,
      axis,
    )
    for (let k = 0; k < 3; k++) normals[3 * voxel + k] = axis[k]!
  }
  await pace(voxels.count % voxelsInARow || Math.min(voxels.count, voxelsInARow))
  return normals
}

/** Sums and products of the places of the voxels around one, relative to it; returns how many they are. */
function gather(
  voxels: PointVoxels,
  voxel: number,
  metres: readonly [number, number, number],
  sums: Float64Array,
): number {
  const { cells } = voxels
  const [column, row, layer] = [cells[3 * voxel]!, cells[3 * voxel + 1]!, cells[3 * voxel + 2]!]
  const [x0, y0, z0] = [voxels.offset(voxel, 0), voxels.offset(voxel, 1), voxels.offset(voxel, 2)]
  sums.fill(0)
  let count = 0
  for (let i = -reach; i <= reach; i++) {
    for (let j = -reach; j <= reach; j++) {
      for (let k = -reach; k <= reach; k++) {
        const other = voxels.at(column + i, row + j, layer + k)
        if (other < 0) continue
        const x = (voxels.offset(other, 0) - x0) * metres[0]
        const y = (voxels.offset(other, 1) - y0) * metres[1]
        const z = (voxels.offset(other, 2) - z0) * metres[2]
        count++
        sums[0]! += x
        sums[1]! += y
        sums[2]! += z
        sums[3]! += x * x
        sums[4]! += x * y
        sums[5]! += x * z
        sums[6]! += y * y
        sums[7]! += y * z
        sums[8]! += z * z
      }
    }
  }
  return count
}

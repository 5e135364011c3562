// The info VLR of a Cloud Optimized Point Cloud (COPC 1.0): the cube of its octree, and where the hierarchy begins.
import { corrupt } from './format-error.ts'
import type { Vector3 } from './las-coordinates.ts'
import type { LasHeader } from './las-header.ts'
import { findVlr } from './las-vlr.ts'
import { dataView, readUint64 } from './little-endian.ts'

export type CopcInfo = {
  /** Of the cube that all points lie in, in the unit of the CRS. */
  readonly center: Vector3
  readonly halfSize: number
  /** Space between the points of the root node; each level halves it. */
  readonly spacing: number
  readonly rootPage: { readonly offset: number; readonly sizeBytes: number }
}

const infoBytes = 160
const place = 'COPC info VLR'

/** Undefined when the file is not a COPC; FormatError `Corrupt` when the VLR contradicts itself or the header. */
export function readCopcInfo(header: LasHeader): CopcInfo | undefined {
  const data = findVlr(header.vlrs, 'copc', 1)?.data
  if (!data) return undefined
  if (data.length < infoBytes) throw corrupt(place, `at least ${infoBytes} bytes`, data.length)
  const view = dataView(data)
  const [x, y, z, halfSize, spacing] = [0, 8, 16, 24, 32].map((at) => view.getFloat64(at, true)) as Five
  const bad = [x, y, z].find((number) => !Number.isFinite(number))
  if (bad !== undefined) throw corrupt(place, 'a finite center', bad)
  for (const size of [halfSize, spacing]) {
    if (!(size > 0 && Number.isFinite(size))) throw corrupt(place, 'a size above 0', size)
  }
  const info: CopcInfo = {
    center: [x, y, z],
    halfSize,
    spacing,
    rootPage: { offset: readUint64(view, 40, place), sizeBytes: readUint64(view, 48, place) },
  }
  checkCube(info, header)
  return info
}

type Five = [number, number, number, number, number]

/** A box would be answered without the points that lie outside of the cube. */
function checkCube({ center, halfSize }: CopcInfo, { bounds, scale, pointCount }: LasHeader): void {
  if (pointCount === 0) return
  for (let axis = 0; axis < 3; axis++) {
    const beyond = [bounds.min[axis]!, bounds.max[axis]!].find(
      (bound) => Math.abs(bound - center[axis]!) > halfSize + 2 * scale[axis]!,
    )
    if (beyond !== undefined) {
      throw corrupt(place, `a cube that holds the bounds, within ${halfSize} of ${center[axis]}`, beyond)
    }
  }
}

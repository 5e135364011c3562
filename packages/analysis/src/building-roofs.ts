/** Planes of roofs among samples: region growing over neighbours whose planes agree (after Rabbani et al. 2006, "Segmentation of point clouds using smoothness constraint"). */
import { DisjointSets } from './disjoint-sets.ts'
import { type Pace, paceSteps } from './pace.ts'
import type { PointArrays } from './point-arrays.ts'
import type { SegmentOptions } from './segment-options.ts'
import type { Shapes } from './segment-shapes.ts'

/** Of a sample: of something else, of a building but perhaps of its walls, of a roof, of a plane that is one beside a roof only. */
export const [offBuilding, onBuilding, onRoof, onSmallPlane] = [0, 1, 2, 3] as const

export type BuildingSamples = {
  /** One of the kinds above for each sample. */
  readonly kind: Uint8Array
  /** Which samples are of one plane. */
  readonly plane: Uint32Array
}

/** Of the height of a building: a plane's mean. */
const leastMeanHeight = 0.75
/** A small plane has this share of what else is asked of one. */
const smallShare = 0.25

/** `height`: of each sample above the ground. */
export async function buildingSamples(
  points: PointArrays,
  height: Float32Array,
  shapes: Shapes,
  options: SegmentOptions,
  pace: Pace,
): Promise<BuildingSamples> {
  const count = points.x.length
  const { near, neighbours } = shapes
  const isFlat = new Uint8Array(count)
  for (let i = 0; i < count; i++) isFlat[i] = isRoofLike(i, shapes, options) ? 1 : 0
  const planes = new DisjointSets(count)
  const offPlane = 2 * options.roofRoughness
  for (let i = 0; i < count; i++) {
    if (i % paceSteps === paceSteps - 1) await pace(paceSteps)
    if (isFlat[i] === 0) continue
    for (let k = i * neighbours; k < (i + 1) * neighbours; k++) {
      const other = near[k]!
      if (other < 0) break
      if (isFlat[other] === 0 || cosineBetween(shapes, i, other) < options.roofTurn) continue
      if (distanceOff(points, shapes, i, other) > offPlane) continue
      if (distanceOff(points, shapes, other, i) > offPlane) continue
      planes.join(i, other)
    }
  }
  const onPlane = largeAndHigh(planes, isFlat, height, shapes, options)
  return {
    kind: withEdges(onPlane, points, height, shapes, options),
    plane: Uint32Array.from(isFlat, (_, i) => planes.find(i)),
  }
}

function isRoofLike(
  i: number,
  { thickness, breadth, length, normal }: Shapes,
  options: SegmentOptions,
): boolean {
  // A line has a plane as well, and so has a ball of noise that is small.
  return (
    thickness[i]! <= options.roofRoughness &&
    breadth[i]! >= 2 * thickness[i]! &&
    breadth[i]! >= 0.2 * length[i]! &&
    normal[3 * i + 2]! >= options.roofUpward
  )
}

function largeAndHigh(
  planes: DisjointSets,
  isFlat: Uint8Array,
  height: Float32Array,
  shapes: Shapes,
  options: SegmentOptions,
): Uint8Array {
  const area = new Float64Array(isFlat.length)
  const samples = new Uint32Array(isFlat.length)
  const heightTimesArea = new Float64Array(isFlat.length)
  const highest = new Float32Array(isFlat.length)
  for (let i = 0; i < isFlat.length; i++) {
    if (isFlat[i] === 0) continue
    const own = areaInPlan(i, shapes)
    const plane = planes.find(i)
    area[plane]! += own
    samples[plane]!++
    heightTimesArea[plane]! += own * height[i]!
    if (highest[plane]! < height[i]!) highest[plane] = height[i]!
  }
  const kind = new Uint8Array(isFlat.length)
  for (let i = 0; i < isFlat.length; i++) {
    if (isFlat[i] === 0) continue
    const plane = planes.find(i)
    if (highest[plane]! < options.buildingHeight) continue
    // Below a level roof the surface of the ground may climb, from one side where it was seen to one where it was not.
    if (heightTimesArea[plane]! < leastMeanHeight * options.buildingHeight * area[plane]!) continue
    const share = Math.min(area[plane]! / options.planeArea, samples[plane]! / options.planeSamples)
    if (share >= 1) kind[i] = onRoof
    else if (share >= smallShare) kind[i] = onSmallPlane
  }
  return kind
}

/**
 * What is left out along ridges and eaves, of small and steep parts: from the planes outwards over all neighbours whose surroundings
 * are a surface still, if a rougher one, and over those that continue the surface.
 */
function withEdges(
  onPlane: Uint8Array,
  points: PointArrays,
  height: Float32Array,
  shapes: Shapes,
  options: SegmentOptions,
): Uint8Array {
  const { near, neighbours, thickness, breadth, reach, normal } = shapes
  const grown = onPlane.slice()
  const open: number[] = []
  for (let i = 0; i < onPlane.length; i++) if (onPlane[i] === onRoof) open.push(i)
  for (let i = open.pop(); i !== undefined; i = open.pop()) {
    for (let k = i * neighbours; k < (i + 1) * neighbours; k++) {
      const other = near[k]!
      if (other < 0) break
      if (grown[other] === onRoof || grown[other] === onBuilding || height[other]! < options.buildingHeight)
        continue
      const isSurface =
        thickness[other]! <= options.surfaceRoughness + options.surfaceRoughnessPerReach * reach[other]! &&
        thickness[other]! <= options.surfaceFlatness * breadth[other]!
      if (isSurface) open.push(other)
      const continues =
        onPlane[i] === onRoof && distanceOff(points, shapes, i, other) <= 2 * options.roofRoughness
      if (continues || (isSurface && normal[3 * other + 2]! >= options.roofUpward)) grown[other] = onRoof
      else if (isSurface) grown[other] = onBuilding
    }
  }
  return grown
}

/** What a sample stands for of the area in plan, by the density of its neighbours in their plane. */
function areaInPlan(i: number, { near, neighbours, reach, normal }: Shapes): number {
  let found = neighbours
  while (found > 0 && near[i * neighbours + found - 1] === -1) found--
  return (Math.PI * reach[i]! ** 2 * normal[3 * i + 2]!) / (found + 1)
}

function cosineBetween({ normal }: Shapes, a: number, b: number): number {
  return Math.abs(
    normal[3 * a]! * normal[3 * b]! +
      normal[3 * a + 1]! * normal[3 * b + 1]! +
      normal[3 * a + 2]! * normal[3 * b + 2]!,
  )
}

/** Of sample `b` from the plane through sample `a`. */
function distanceOff({ x, y, z }: PointArrays, { normal }: Shapes, a: number, b: number): number {
  return Math.abs(
    normal[3 * a]! * (x[b]! - x[a]!) +
      normal[3 * a + 1]! * (y[b]! - y[a]!) +
      normal[3 * a + 2]! * (z[b]! - z[a]!),
  )
}

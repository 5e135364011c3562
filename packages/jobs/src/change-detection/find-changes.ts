// From distances to changes: thresholds, groups of points, and what both surveys could have seen of them.
import {
  type Change,
  type ChangeClusters,
  type CloudDistances,
  type ClusterOptions,
  clusterChanges,
  describeChanges,
  type PointArrays,
  suggestedLinkDistance,
} from '@alidade/analysis'
import { jobTypes } from '@alidade/contract'
import type { JobContext } from '../job-type.ts'
import { surveyedArea } from './surveyed-area.ts'
import { chooseThresholds } from './thresholds.ts'

export interface FoundByDistance {
  changes: Change[]
  /** The low threshold, in the unit of the coordinates. */
  low: number
  /** Groups of points most of which lie where the other survey has not looked; no part of them is in a change. */
  unseenGroups: number
}

/** A group with a larger share of its points beyond the edge of the other survey is unseen as a whole. */
const mostBeyond = 0.5

/** The points of both surveys are grouped, then described. */
export async function findChanges(
  a: PointArrays,
  b: PointArrays,
  compared: CloudDistances,
  {
    options,
    signal,
    onGrouped,
    beginDescribing,
  }: Pick<JobContext, 'options' | 'signal'> & {
    onGrouped(points: number): void
    beginDescribing(): (points: number) => void
  },
): Promise<FoundByDistance> {
  const { low, high } = chooseThresholds(options, compared)
  // Clouds too small to have a spacing are linked within the threshold.
  const suggested = suggestedLinkDistance(compared.spacingA, compared.spacingB)
  const linkDistance = suggested > 0 ? suggested : high
  const minPoints = Number(options.minPoints ?? jobTypes.changeDetection.options.minPoints.default)
  const clustering: ClusterOptions = { low, high, minPoints, linkDistance }

  let unseenGroups = 0
  const grouped: ChangeClusters[] = []
  for (const [points, distance, other] of [
    [a, compared.distanceA, b],
    [b, compared.distanceB, a],
  ] as const) {
    const all = clusterChanges(points, distance, clustering)
    await turnOfEventLoop(signal)
    const { clusters, unseen } = seenOnly(points, distance, all, other, clustering)
    grouped.push(clusters)
    unseenGroups += unseen
    onGrouped(points.x.length)
    await turnOfEventLoop(signal)
  }
  const onDescribed = beginDescribing()
  const changes = describeChanges(a, grouped[0]!, b, grouped[1]!, { cellSize: linkDistance })
  onDescribed(a.x.length + b.x.length)
  await turnOfEventLoop(signal)
  return { changes, low, unseenGroups }
}

/** The clusters without what lies beyond the edge of the other survey: far from all of it, and yet no change. */
function seenOnly(
  points: PointArrays,
  distance: Float32Array,
  clusters: ChangeClusters,
  other: PointArrays,
  options: ClusterOptions,
): { clusters: ChangeClusters; unseen: number } {
  if (clusters.count === 0) return { clusters, unseen: 0 }
  const area = surveyedArea(other, 2 * options.linkDistance)
  const beyond = new Uint32Array(clusters.count)
  const sizes = new Uint32Array(clusters.count)
  const isBeyond = new Uint8Array(distance.length)
  for (let i = 0; i < distance.length; i++) {
    // Points of no cluster as well: grouped anew, they could make one.
    if (!(distance[i]! > options.low)) continue
    const place = clusters.cluster[i]! - 1
    if (place >= 0) sizes[place]!++
    if (!area.isBeyond(points.x[i]!, points.y[i]!)) continue
    if (place >= 0) beyond[place]!++
    isBeyond[i] = 1
  }
  if (beyond.every((count) => count === 0)) return { clusters, unseen: 0 }
  const isUnseen = beyond.map((count, place) => (count > mostBeyond * sizes[place]! ? 1 : 0))
  // Grouped anew: what is left of a group may have fallen apart, or be too small. A distance of 0 leaves a point out.
  const left = distance.map((metres, i) => {
    const place = clusters.cluster[i]! - 1
    return isBeyond[i] === 1 || isUnseen[place] === 1 ? 0 : metres
  })
  const unseen = isUnseen.reduce((sum, one) => sum + one, 0)
  return { clusters: clusterChanges(points, left, options), unseen }
}

/** Lets messages out and an abort in between two long computations. */
async function turnOfEventLoop(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  signal.throwIfAborted()
}

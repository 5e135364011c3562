// From comparison to changes: evidence of every point, groups of points, and what both surveys could have seen of them.
import {
  type Change,
  type ChangeClusters,
  type CloudDistances,
  type ClusterOptions,
  clusterChanges,
  colourDifferences,
  describeChanges,
  describingPasses,
  groupingPasses,
  type Pace,
  paceByShare,
  paceSteps,
  type PlanRegion,
  type PointArrays,
  type SurfaceOffsets,
  suggestedLinkDistance,
  withColourChanges,
} from '@alidade/analysis'
import { jobTypes } from '@alidade/contract/jobs'
import type { JobContext } from '../job-type.ts'
import { hasColours, type SurveyPoints } from './colours.ts'
import { raiseEvidence } from './raise-evidence.ts'
import { releaseMemory } from '../release-memory.ts'
import { type SurveyedArea, seenPasses, surveyedArea } from './surveyed-area.ts'
import { areThresholdsAsked, chooseColourThresholds, chooseThresholds } from './thresholds.ts'

export interface FoundByEvidence {
  changes: Change[]
  /** Of each point: its distance where thresholds were asked for, otherwise as `raiseByOffsets` of analysis leaves it. */
  evidenceA: Float32Array
  evidenceB: Float32Array
  /** Where evidence begins to count: the low threshold, or 1. */
  low: number
  /** Differences of colour likewise, where they were asked for and both surveys have colours. */
  byColour?: { low: number; evidenceA: Float32Array; evidenceB: Float32Array }
  /** Groups of points most of which lie where the other survey has not looked; no part of them is in a change. */
  unseenGroups: number
}

/** A group with a larger share of its points beyond the edge of the other survey is unseen as a whole. */
const mostBeyond = 0.5
/** Edge of the cells that surfaces are compared in: 1.1 point spacings. Finer ones take more memory and see no more. */
export const cellInLinkDistances = 0.55
/** Evidence of 1 makes a point a candidate, a group of them needs one of 2: five standard deviations of an offset. */
export const derivedThresholds = { low: 1, high: 2 }

/**
 * What `findChanges` counts of `count` points, in order, `colours` of which have their colours compared: four passes put the
 * points in order of cells, and one finds what holds for all before another raises the evidence. Between the two groups of parts the cells of all footprints are counted, as `volumes`.
 */
export function partsOfFindChanges(
  options: JobContext['options'],
  count: number,
  colours: number,
): [before: Record<string, number>, after: Record<string, number>] {
  const surfaces = areThresholdsAsked(options) ? 0 : count
  return [
    {
      cells: 4 * surfaces,
      offsets: surfaces,
      evidence: 2 * surfaces,
      group: groupingPasses * count,
      seen: seenPasses * count,
      outline: describingPasses * count,
    },
    { describe: count, ...(colours > 0 && { colours }) },
  ]
}

/** Every so manieth point tells enough for the percentage. */
const askedEvery = 16

/** Share of the points that how far they lie from the other survey shows as changed, roughly. */
export function shareChanged(compared: CloudDistances, options: JobContext['options']): number {
  const { distanceA, distanceB, absenceA, absenceB } = compared
  const isByDistance = areThresholdsAsked(options)
  const { low } = isByDistance ? chooseThresholds(options, compared) : derivedThresholds
  let [asked, changed] = [0, 0]
  for (const values of isByDistance ? [distanceA, distanceB] : [absenceA, absenceB]) {
    for (let i = 0; i < values.length; i += askedEvery) {
      asked++
      if (values[i]! > low) changed++
    }
  }
  return asked > 0 ? changed / asked : 0
}

export async function findChanges(
  a: SurveyPoints,
  b: SurveyPoints,
  compared: CloudDistances,
  {
    options,
    signal,
    threads,
    onAdvance,
    onGrouped,
    onFootprints = () => () => {},
    shiftDeviation,
    kept,
    withColours = false,
    extent,
  }: Pick<JobContext, 'options' | 'signal' | 'threads' | 'kept'> & {
    /** Adds up to the parts of `partsOfFindChanges`, one after the other. */
    onAdvance(points: number): void
    /** Called with the points of all groups, before it is known which of them are seen by both surveys. */
    onGrouped?(points: number): void
    /** Called with the cells of all footprints, before `describe`; what it returns counts them. */
    onFootprints?(cells: number): (cells: number) => void
    /** Of the place of one survey against the other as a whole, on each axis. */
    shiftDeviation: readonly [number, number, number]
    /** Whether both surveys have colours that are to be compared. */
    withColours?: boolean
    /** Nothing outside of it is a change; undefined: all is looked at. */
    extent?: PlanRegion | undefined
  },
): Promise<FoundByEvidence> {
  const pace = paceOf(signal, onAdvance)
  const { spacingA, spacingB } = compared
  const minPoints = Number(options.minPoints ?? jobTypes.changeDetection.options.minPoints.default)
  const asked = chooseThresholds(options, compared)
  // Clouds too small to have a spacing are linked within the threshold.
  const suggested = suggestedLinkDistance(spacingA, spacingB)
  const linkDistance = suggested > 0 ? suggested : asked.high
  let [evidenceA, evidenceB] = [compared.distanceA, compared.distanceB]
  let surfaces: { offsets: SurfaceOffsets } | undefined
  if (!areThresholdsAsked(options)) {
    ;[evidenceA, evidenceB] = [compared.absenceA, compared.absenceB]
    releaseMemory()
    const offsets = await raiseEvidence(a, b, compared, {
      cellSize: cellInLinkDistances * linkDistance,
      threads,
      signal,
      shiftDeviation,
      kept,
      onAdvance,
      pace,
    })
    surfaces = { offsets }
  }
  releaseMemory()
  const { low, high } = surfaces === undefined ? asked : derivedThresholds
  evidenceA = await insideOnly(a, evidenceA, { extent, low, pace })
  evidenceB = await insideOnly(b, evidenceB, { extent, low, pace })
  const clustering: ClusterOptions = { low, high, minPoints, linkDistance }

  const all = [
    await clusterChanges(a, evidenceA, clustering, pace),
    await clusterChanges(b, evidenceB, clustering, pace),
  ] as const
  const sizeOf = ({ cluster }: ChangeClusters) =>
    cluster.reduce((sum, number) => sum + (number > 0 ? 1 : 0), 0)
  onGrouped?.(sizeOf(all[0]) + sizeOf(all[1]))
  const areaOf = (points: PointArrays) => () => surveyedArea(points, areaCell(linkDistance), pace)
  const seenA = await seenOnly(a, evidenceA, all[0], areaOf(b), clustering, pace)
  if (all[0].count === 0) await pace(b.x.length)
  const seenB = await seenOnly(b, evidenceB, all[1], areaOf(a), clustering, pace)
  if (all[1].count === 0) await pace(a.x.length)
  const unseenGroups = seenA.unseen + seenB.unseen
  const changes = await describeChanges(a, seenA.clusters, b, seenB.clusters, {
    cellSize: linkDistance,
    ...(surfaces !== undefined && { surfaces: { ...surfaces, evidenceA, evidenceB, minPoints } }),
    registration: Math.hypot(shiftDeviation[2], surfaces?.offsets.registration ?? 0),
    pace,
    onFootprints: (cells) => paceOf(signal, onFootprints(cells)),
  })
  const found = { changes, evidenceA, evidenceB, low, unseenGroups }
  const byColour = chooseColourThresholds(options)
  if (byColour === undefined || !withColours || !hasColours(a) || !hasColours(b)) return found
  const differences = await colourDifferences(a, b, linkDistance, { pace })
  const within = { extent, low: byColour.low, pace }
  const differenceA = await insideOnly(a, differences.differenceA, within)
  const differenceB = await insideOnly(b, differences.differenceB, within)
  const grouping = { ...byColour, minPoints, linkDistance }
  return {
    ...found,
    changes: await withColourChanges(changes, a, differenceA, b, differenceB, grouping, pace),
    byColour: { low: byColour.low, evidenceA: differenceA, evidenceB: differenceB },
  }
}

/** The evidence, none of it outside of the extent. A copy: it may be the distances that results show. */
export async function insideOnly(
  { x, y }: PointArrays,
  evidence: Float32Array,
  { extent, low, pace }: { extent: PlanRegion | undefined; low: number; pace: Pace },
): Promise<Float32Array> {
  if (extent === undefined) return evidence
  const left = evidence.slice()
  for (let i = 0; i < left.length; i++) {
    if (i % paceSteps === 0) await pace(0)
    if (left[i]! > low && !extent.contains(x[i]!, y[i]!)) left[i] = 0
  }
  return left
}

/** Edge of the cells that tell where a survey has looked. */
export function areaCell(linkDistance: number): number {
  return 2 * linkDistance
}

/**
 * The clusters without what lies beyond the edge of the other survey, `areaOfOther`: far from all of it, and yet no change.
 * `pace` hears of the points twice: of the last time while they are grouped anew.
 */
export async function seenOnly(
  points: PointArrays,
  evidence: Float32Array,
  clusters: ChangeClusters,
  areaOfOther: () => Promise<SurveyedArea>,
  options: ClusterOptions,
  pace: Pace,
): Promise<{ clusters: ChangeClusters; unseen: number }> {
  if (clusters.count === 0) {
    await pace(2 * points.x.length)
    return { clusters, unseen: 0 }
  }
  const area = await areaOfOther()
  const beyond = new Uint32Array(clusters.count)
  const sizes = new Uint32Array(clusters.count)
  const isBeyond = new Uint8Array(evidence.length)
  let counted = 0
  for (let i = 0; i < evidence.length; i++) {
    if (i % paceSteps === 0) {
      await pace(i - counted)
      counted = i
    }
    // Points of no cluster as well: grouped anew, they could make one.
    if (!(evidence[i]! > options.low)) continue
    const place = clusters.cluster[i]! - 1
    if (place >= 0) sizes[place]!++
    if (!area.isBeyond(points.x[i]!, points.y[i]!)) continue
    if (place >= 0) beyond[place]!++
    isBeyond[i] = 1
  }
  await pace(evidence.length - counted)
  if (beyond.every((count) => count === 0)) {
    await pace(evidence.length)
    return { clusters, unseen: 0 }
  }
  const isUnseen = beyond.map((count, place) => (count > mostBeyond * sizes[place]! ? 1 : 0))
  // Grouped anew: what is left of a group may have fallen apart, or be too small. Evidence of 0 leaves a point out.
  const left = evidence.map((value, i) => {
    const place = clusters.cluster[i]! - 1
    return isBeyond[i] === 1 || isUnseen[place] === 1 ? 0 : value
  })
  const unseen = isUnseen.reduce((sum, one) => sum + one, 0)
  const regrouping = paceByShare(pace, evidence.length, groupingPasses * evidence.length)
  return { clusters: await clusterChanges(points, left, options, regrouping), unseen }
}

/** Counts, lets messages out, and ends at an abort, between two stretches of computing. */
export function paceOf(signal: AbortSignal, onAdvance: (points: number) => void): Pace {
  return async (points) => {
    if (points > 0) onAdvance(points)
    await new Promise((resolve) => setImmediate(resolve))
    signal.throwIfAborted()
  }
}

/** From changed points of two epochs to changes: what came or went, where, and how much. */
import { CellIndex } from './cell-index.ts'
import { offsetEvidence, offsetLimit } from './change-evidence.ts'
import { CellOwners, pairByFootprint } from './change-footprints.ts'
import type { ChangeClusters } from './cluster-changes.ts'
import { type NetVolume, netVolume } from './net-volume.ts'
import { type OrientedBox, orientedBox } from './oriented-box.ts'
import { atOnce, lastSteps, type Pace, paceByShare, paceSteps } from './pace.ts'
import { planOffsets } from './plan-offsets.ts'
import { planCell, type PlanGrid, PlanSurface } from './plan-surface.ts'
import { countPoints, type PointArrays } from './point-arrays.ts'
import type { SurfaceOffsets } from './surface-offsets.ts'

export type DescribeOptions = {
  /** Edge of the cells in plan on which footprints and volumes are computed; see `suggestedLinkDistance`. */
  readonly cellSize: number
  /** Given, footprints close over points that could not show the change, and volumes follow the offsets. */
  readonly surfaces?: {
    readonly offsets: SurfaceOffsets
    /** Of each point, as `raiseByOffsets` leaves it. */
    readonly evidenceA: Float32Array
    readonly evidenceB: Float32Array
    /** A change that only moved surfaces show must have so many points in either survey. */
    readonly minPoints: number
  }
  /** Standard deviation of the height of one survey against the other, for the bound of the volume. Default 0. */
  readonly registration?: number
  /**
   * Awaited; counts the points of both epochs five times: in footprints, around these, in surfaces and where these moved, all before
   * `onFootprints`, and in changes.
   */
  readonly pace?: Pace
  /** Called with the cells of all footprints before the last time; what it returns counts them. */
  readonly onFootprints?: (cells: number) => Pace
}

export type Change = {
  /** From 1, in order of `pointCount`, largest first. */
  readonly id: number
  /** The surface rose or material came, or it sank or left: the sign of the net change of height. Or colour alone changed. */
  readonly kind: 'appeared' | 'disappeared' | 'recoloured'
  /** Changed points of the first and of the second epoch, ascending. One of them may be empty. */
  readonly indicesA: Uint32Array
  readonly indicesB: Uint32Array
  /** Around the changed points of B if something appeared, of A if it disappeared, or of whichever has any. */
  readonly box: OrientedBox
  /** Changed points of both epochs. */
  readonly pointCount: number
  /** Plan area of the cells with changed points, in squared units. */
  readonly footprintArea: number
  /**
   * Volume between both surfaces, not negative, in cubic units; NaN if one epoch has no surface near. Without
   * direction: a cut next to an equal fill, seen as one change, has none. 0 where colour alone changed, without a bound.
   */
  readonly volume: number
  /** Half width of the 95 % interval of `volume`: scatter, density and registration. */
  readonly volumeUncertainty95: number
  /** Share of the footprint that both epochs have points in. Near 0: not seen in one of them, rather than changed. */
  readonly coverage: number
}

/**
 * Pairs the clusters of both epochs and describes each pair. A risen surface leaves changed points in both
 * epochs, the old surface and the new one; clusters with a common cell in plan, of whichever epoch, are therefore
 * one change. The volume is 2.5-dimensional: mean height of B minus mean height of A in each cell, or the offset of the
 * surfaces there, over the footprint and two rings around it. Cells without points in one epoch take the height of their
 * neighbours. Limits: what hangs over something (bridges, crowns) mixes with what is below, and heights in cells of few
 * points are only as good as these. Linear in the number of points. Throws RangeError for arrays of different length.
 */
export async function describeChanges(
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
  { cellSize, surfaces, registration = 0, pace = atOnce, onFootprints = () => atOnce }: DescribeOptions,
): Promise<Change[]> {
  if (!(cellSize > 0)) throw new RangeError(`cellSize must be positive, got ${cellSize}`)
  const offsets = surfaces?.offsets
  requireClusters(a, clustersA)
  requireClusters(b, clustersB)
  if (clustersA.count + clustersB.count === 0) {
    await pace(describingPasses * (a.x.length + b.x.length))
    onFootprints(0)
    await pace(a.x.length + b.x.length)
    return []
  }

  const grid: PlanGrid = {
    cells: new CellIndex(),
    cellSize,
    origin: firstChanged(a, clustersA, b, clustersB),
  }
  const footprints = await pairByFootprint(grid, a, clustersA, b, clustersB, pace)
  const owners = new CellOwners(grid.cells, footprints)
  const cellCount = footprints.reduce((sum, { length }) => sum + length, 0)
  const offsetCells = offsets?.offset.length ?? 0
  const work = walksOverFootprints * cellsPerFootprintCell * cellCount + 2 * offsetCells
  const outlining = paceByShare(pace, a.x.length + b.x.length, work)
  const walking: Pace = (cells) => outlining(cellsPerFootprintCell * cells)
  if (offsets === undefined) await owners.closeGaps(undefined, walking)
  else {
    await owners.addRings(closingRings, walking)
    await owners.closeGaps(await planOffsets(grid, offsets, outlining), walking)
  }
  const rims = await owners.addRims(walking)
  const inPlan = offsets && (await planOffsets(grid, offsets, outlining))
  await outlining(work)
  const before = await PlanSurface.of(grid, a, clustersA.cluster, pace)
  const after = await PlanSurface.of(grid, b, clustersB.cluster, pace)
  const listed = footprints.flat()
  const isSeen = (cell: number) => before.count[cell]! > 0 && after.count[cell]! > 0
  const seen = footprints.map((cells) => cells.filter(isSeen).length)
  before.fillHoles(grid.cells, listed)
  after.fillHoles(grid.cells, listed)

  const moved = offsets && (await movedCells(grid, offsets, a, clustersA, b, clustersB, pace))
  if (offsets === undefined) await pace(a.x.length + b.x.length)
  const isMoved = (cell: number) => moved !== undefined && moved[cell]! > 0
  const isHideable = (cell: number) => cell >= 0 && owners.ownerOf(cell) < 0 && isSeen(cell)
  const sources = { grid, before, after, offsets: inPlan, isMoved, isHideable, registration }
  const measured = onFootprints(listed.length)
  const volumes: NetVolume[] = []
  for (const [k, cells] of footprints.entries()) {
    volumes.push(netVolume(cells, rims[k]!.filter(isSeen), sources))
    await measured(cells.length)
  }
  const riseOf = (cell: number) => {
    const owner = owners.ownerOf(cell)
    if (owner < 0) return 0
    const { rise, usualRise } = volumes[owner]!
    const own = Math.abs(rise.get(cell) ?? 0)
    return usualRise > 0 && own > leastJoinedRise * usualRise ? own : 0
  }
  const meanRise = volumes.map(({ volume }, k) => volume / (footprints[k]!.length * cellSize * cellSize))
  const joining = { grid, owners, meanRise, offsets, riseOf, pace }
  const indicesA = await pointsOf(a, clustersA, surfaces?.evidenceA, joining)
  const indicesB = await pointsOf(b, clustersB, surfaces?.evidenceB, joining)
  const changes: Omit<Change, 'id'>[] = []
  for (const [k, cells] of footprints.entries()) {
    await pace(0)
    if (surfaces !== undefined && !isBorneOut(a, indicesA[k]!, b, indicesB[k]!, surfaces)) continue
    const net = volumes[k]!
    const rose = Number.isNaN(net.volume) ? indicesB[k]!.length > 0 : net.volume > 0
    const [mainPoints, mainIndices, otherPoints, otherIndices] = rose
      ? [b, indicesB[k]!, a, indicesA[k]!]
      : [a, indicesA[k]!, b, indicesB[k]!]
    changes.push({
      kind: rose ? ('appeared' as const) : ('disappeared' as const),
      indicesA: indicesA[k]!,
      indicesB: indicesB[k]!,
      box:
        mainIndices.length > 0
          ? orientedBox(mainPoints, mainIndices)
          : orientedBox(otherPoints, otherIndices),
      pointCount: indicesA[k]!.length + indicesB[k]!.length,
      footprintArea: cells.length * cellSize * cellSize,
      volume: Math.abs(net.volume),
      volumeUncertainty95: net.uncertainty95,
      coverage: seen[k]! / cells.length,
    })
  }
  // Stable: changes of equal size keep the order of their first point in A, then in B.
  changes.sort((one, other) => other.pointCount - one.pointCount)
  return changes.map((change, k) => ({ id: k + 1, ...change }))
}

/** How often points are passed over before volumes are measured. */
export const describingPasses = 4
/** Rings, gaps and rims. */
const walksOverFootprints = 3
/** What a walk does for a cell takes as long as so many cells of offsets that are brought into plan. */
const cellsPerFootprintCell = 20
/** So far a footprint may close over cells that hold no changed point. */
const closingRings = 4
/** Points that could not show a change are taken as changed where the surface moved by more than this share of the usual. */
const leastJoinedRise = 1 / 3

/** Positive in the cells where most of the changed points are changed by the offset of the surface. */
async function movedCells(
  grid: PlanGrid,
  offsets: SurfaceOffsets,
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
  pace: Pace,
): Promise<Int32Array> {
  const votes = new Int32Array(grid.cells.count)
  for (const [points, { cluster }] of [
    [a, clustersA],
    [b, clustersB],
  ] as const) {
    for (let i = 0; i < cluster.length; i++) {
      if (i > 0 && i % paceSteps === 0) await pace(paceSteps)
      if (cluster[i] === 0) continue
      const cell = offsets.cells.cellAt(points.x[i]!, points.y[i]!, points.z[i]!)
      votes[planCell(grid, points, i)]! += offsetEvidence(offsets, cell) >= 1 ? 1 : -1
    }
    await pace(lastSteps(cluster.length))
  }
  return votes
}

/**
 * Ascending indices of the points of each change: those of its clusters, and in its footprint also those that show it
 * less clearly than asked, or could not have shown it because they are too rough or too few (a crown over a cut).
 */
async function pointsOf(
  points: PointArrays,
  { cluster }: ChangeClusters,
  evidence: Float32Array | undefined,
  { grid, owners, meanRise, offsets, riseOf, pace }: Joining,
): Promise<Uint32Array[]> {
  const found: number[][] = meanRise.map(() => [])
  for (let i = 0; i < cluster.length; i++) {
    if (i > 0 && i % paceSteps === 0) await pace(paceSteps)
    const cell = planCell(grid, points, i)
    const owner = cell < 0 ? -1 : owners.ownerOf(cell)
    if (owner < 0) continue
    if (offsets === undefined || evidence === undefined) {
      if (cluster[i] !== 0) found[owner]!.push(i)
      continue
    }
    const at = offsets.cells.cellAt(points.x[i]!, points.y[i]!, points.z[i]!)
    if (cluster[i] !== 0 || evidence[i]! > leastJoinedEvidence) {
      // Evidence is kept in 32 bits.
      const isByOffset = evidence[i]! <= Math.fround(offsetEvidence(offsets, at))
      if (isByOffset && !goesAlong(offsets, at, meanRise[owner]!)) continue
    } else {
      const rise = riseOf(cell)
      const couldShow = offsetLimit(offsets, at) <= rise
      if (rise === 0 || couldShow) continue
    }
    found[owner]!.push(i)
  }
  await pace(lastSteps(cluster.length))
  return found.map((indices) => Uint32Array.from(indices))
}

type Joining = {
  grid: PlanGrid
  owners: CellOwners
  /** Of each change, over its footprint; NaN where it is not known. */
  meanRise: number[]
  offsets: SurfaceOffsets | undefined
  /** |rise| of a cell in plan where a surface moved, otherwise 0. */
  riseOf: (planCell: number) => number
  pace: Pace
}
/** In the footprint of a change, less evidence does. */
const leastJoinedEvidence = 0.6

/** An offset against the direction of its change, or of less than a tenth of it, is scatter beside it. */
function goesAlong({ offset, normalZ }: SurfaceOffsets, cell: number, meanRise: number): boolean {
  if (Number.isNaN(meanRise)) return true
  const along = normalZ[cell]! > 0.5 ? offset[cell]! * Math.sign(meanRise) : Math.abs(offset[cell]!)
  return along >= 0.1 * Math.abs(meanRise)
}

/**
 * What came or went as a whole shows in points of one survey alone. A surface that moved shows in both: where it does not, it
 * was only that a few points of the sparser survey lay ill.
 */
function isBorneOut(
  a: PointArrays,
  indicesA: Uint32Array,
  b: PointArrays,
  indicesB: Uint32Array,
  { offsets, evidenceA, evidenceB, minPoints }: NonNullable<DescribeOptions['surfaces']>,
): boolean {
  const surveys = [
    { points: a, indices: indicesA, evidence: evidenceA },
    { points: b, indices: indicesB, evidence: evidenceB },
  ] as const
  type Survey = (typeof surveys)[number]
  const hasChanged = ({ evidence }: Survey, i: number) => evidence[i]! >= 1
  const isAbsent = (survey: Survey, i: number) => {
    if (!hasChanged(survey, i)) return false
    const { x, y, z } = survey.points
    return !(offsetEvidence(offsets, offsets.cells.cellAt(x[i]!, y[i]!, z[i]!)) >= 1)
  }
  const hasEnough = (isCounted: (survey: Survey, i: number) => boolean) => (survey: Survey) => {
    let count = 0
    return survey.indices.some((i) => isCounted(survey, i) && ++count >= minPoints)
  }
  return surveys.every(hasEnough(hasChanged)) || surveys.some(hasEnough(isAbsent))
}

export function firstChanged(
  a: PointArrays,
  clustersA: ChangeClusters,
  b: PointArrays,
  clustersB: ChangeClusters,
): [number, number, number] {
  const first = clustersA.cluster.findIndex((number) => number !== 0)
  if (first >= 0) return [a.x[first]!, a.y[first]!, a.z[first]!]
  const other = clustersB.cluster.findIndex((number) => number !== 0)
  return [b.x[other]!, b.y[other]!, b.z[other]!]
}

function requireClusters(points: PointArrays, { cluster }: ChangeClusters): void {
  const n = countPoints(points)
  if (cluster.length !== n)
    throw new RangeError(`expected a cluster number for ${n} points, got ${cluster.length}`)
}

// From what tiles have measured to changes: `findChanges` for surveys that no memory holds. Points that may belong to a change
// are gathered, grouped as among all points, and described with the points and cells around them.
import { join } from 'node:path'
import {
  type Change,
  type ChangeClusters,
  changeSurroundings,
  clusterChanges,
  describeChanges,
  describingPasses,
  type Pace,
  type PlanRegion,
  type SurfaceOffsets,
  withColourChanges,
} from '@alidade/analysis'
import { jobTypes } from '@alidade/contract/jobs'
import type { MergeContext } from '../../job-type.ts'
import { localFile, readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'
import { boxesAsSurveyed } from '../align-surveys.ts'
import { areaCell, derivedThresholds, insideOnly, paceOf, seenOnly } from '../find-changes.ts'
import type { Step } from '../step-costs.ts'
import { OccupiedCells } from '../surveyed-area.ts'
import { chooseColourThresholds } from '../thresholds.ts'
import {
  type DividedRun,
  type Epochs,
  evidenceInTile,
  offsetsOfTile,
  type Settled,
  settleOpen,
  surfacesOfWhole,
} from './evidence-of-tiles.ts'
import { CellGathering } from './gathered-cells.ts'
import { type GatheredPoints, PointGathering } from './gathered-points.ts'
import { readColours, readOccupied } from './tile-results.ts'

export interface FoundInTiles {
  /** Their points by the places among those gathered. */
  changes: Change[]
  /** The points around changes, and all whose colour differs. */
  gathered: Epochs<GatheredPoints>
  /** Where evidence begins to count, and where differences of colour do, if they are compared. */
  low: number
  lowColour: number | undefined
  /** Of each tile. */
  settled: Epochs<Settled>[]
  unseenGroups: number
}

/** The parts that it counts, each a pass over the tiles. */
export const findingParts = ['settle', 'surfaces', 'evidence', 'describe'] as const

/** And of what is found then: points gathered, cells of footprints, points again. */
export const describingParts = ['outline', 'volumes', 'changes'] as const

/** What a part counts up to, in tiles: without surfaces none has to be looked through for them. */
export function findingTotal(
  part: (typeof findingParts)[number],
  tiles: number,
  isByDistance: boolean,
): number {
  return part === 'surfaces' && isByDistance ? 0 : tiles
}

export async function findInTiles(
  run: DividedRun,
  { options, progress, signal, scratch }: MergeContext<Step>,
  extent: PlanRegion | undefined,
): Promise<FoundInTiles> {
  const { whole } = run
  const tiles = [...whole.tiles.keys()]
  const isByDistance = whole.thresholds !== undefined
  const counting = (part: (typeof findingParts)[number]) => {
    const total = findingTotal(part, tiles.length, isByDistance)
    const counted = progress.begin('Cluster_Changes', { part, total, unit: 'tiles' })
    return () => counted.advance(1)
  }
  const pace = paceOf(signal, () => {})

  let onTile = counting('settle')
  const settled: Epochs<Settled>[] = []
  for (const tile of tiles) {
    settled.push([await settleOpen(run, 0, tile, signal), await settleOpen(run, 1, tile, signal)])
    onTile()
  }
  run.forgetTrees()
  onTile = counting('surfaces')
  const surfaces = isByDistance ? undefined : await surfacesOfWhole(run, signal, onTile)

  onTile = counting('evidence')
  const { low, high } = whole.thresholds ?? derivedThresholds
  const candidates: Epochs<PointGathering> = [new PointGathering(), new PointGathering()]
  const evidenceFile = (tile: number) => join(scratch, `evidence-${tile}`)
  for (const tile of tiles) {
    const ofBoth = await evidenceInTile(run, tile, surfaces, settled[tile]!, signal)
    for (const epoch of [0, 1] as const) {
      const points = await run.alignedPoints(epoch, tile)
      const evidence = await insideOnly(points, ofBoth[epoch], { extent, low, pace })
      ofBoth[epoch] = evidence
      candidates[epoch].add(points, { evidence }, (i) => evidence[i]! > low)
    }
    await writeColumns(evidenceFile(tile), { a: ofBoth[0], b: ofBoth[1] })
    onTile()
  }

  onTile = counting('describe')
  const [a, b] = candidates.map((gathering) => gathering.inOrder()) as Epochs<GatheredPoints>
  const { linkDistance } = whole
  const minPoints = Number(options.minPoints ?? jobTypes.changeDetection.options.minPoints.default)
  const clustering = { low, high, minPoints, linkDistance }
  const areaOf = (epoch: 0 | 1) => () => surveyedAreaOf(run, epoch, signal)
  const clustersA = await clusterChanges(a, a.evidence, clustering, pace)
  const clustersB = await clusterChanges(b, b.evidence, clustering, pace)
  const seenA = await seenOnly(a, a.evidence, clustersA, areaOf(1), clustering, pace)
  const seenB = await seenOnly(b, b.evidence, clustersB, areaOf(0), clustering, pace)

  const byColour = whole.colourSteps && chooseColourThresholds(options)
  const around = await changeSurroundings(a, seenA.clusters, b, seenB.clusters, linkDistance)
  // Tiles are those of the surveys as they lie.
  const reach = whole.isAligned ? Math.hypot(whole.shift[0], whole.shift[1]) : 0
  const gathering: Epochs<PointGathering> = [new PointGathering(), new PointGathering()]
  const cells = new CellGathering()
  for (const tile of tiles) {
    const isNear = around.meets(whole.tiles[tile]!, reach)
    if (!isNear && byColour === undefined) {
      onTile()
      continue
    }
    const { a: ofA, b: ofB } = await readColumns(await localFile(evidenceFile(tile)), signal)
    const evidence = [ofA, ofB] as Epochs<Float32Array>
    const differences = byColour && (await readColours(run.results(tile), signal))
    for (const epoch of [0, 1] as const) {
      const points = await run.alignedPoints(epoch, tile)
      const isAround = (i: number) => around.contains(points.x[i]!, points.y[i]!)
      if (byColour === undefined || differences === undefined) {
        gathering[epoch].add(points, { evidence: evidence[epoch] }, isAround)
        continue
      }
      const difference = await insideOnly(points, differences[epoch], { extent, low: byColour.low, pace })
      const told = { evidence: evidence[epoch], difference }
      gathering[epoch].add(points, told, (i) => difference[i]! > byColour.low || isAround(i))
    }
    if (surfaces !== undefined && isNear) {
      const { offsets, cells: own } = await offsetsOfTile(run, tile, surfaces, signal)
      cells.add(offsets, (cell) => {
        const middle = offsets.cells.middleOf(cell)
        return own.isOwn[cell] === 1 && around.contains(middle[0], middle[1])
      })
    }
    onTile()
  }
  const gathered = gathering.map((points) => points.inOrder()) as Epochs<GatheredPoints>
  const [inA, inB] = gathered
  const { origin, cellSize, shift, shiftDeviation, isAligned } = whole
  const offsets: SurfaceOffsets | undefined = surfaces && {
    ...cells.inOrder(origin, cellSize),
    ...{ ...surfaces, shiftDeviation },
  }
  const counted = (part: (typeof describingParts)[number], total: number, unit: string) => {
    const counting = progress.begin('Cluster_Changes', { part, total, unit })
    return paceOf(signal, (count) => counting.advance(count))
  }
  const points = inA.x.length + inB.x.length
  let describing: Pace = counted('outline', describingPasses * points, 'points')
  let changes = await describeChanges(
    inA,
    clustersAmong(inA, a, seenA.clusters),
    inB,
    clustersAmong(inB, b, seenB.clusters),
    {
      cellSize: linkDistance,
      ...(offsets && {
        surfaces: { offsets, evidenceA: inA.evidence, evidenceB: inB.evidence, minPoints },
      }),
      registration: Math.hypot(shiftDeviation[2], surfaces?.registration ?? 0),
      pace: (done) => describing(done),
      onFootprints: (cells) => {
        const measured = counted('volumes', cells, 'cells')
        // Begun as soon as these are.
        describing = (done) => {
          describing = counted('changes', points, 'points')
          return describing(done)
        }
        return measured
      },
    },
  )
  if (byColour !== undefined) {
    const grouping = { ...byColour, minPoints, linkDistance, origin: whole.first }
    changes = await withColourChanges(changes, inA, inA.difference, inB, inB.difference, grouping, pace)
  }
  return {
    ...{ gathered, settled, low, lowColour: byColour?.low },
    changes: isAligned ? boxesAsSurveyed(changes, { vector: shift }) : changes,
    unseenGroups: seenA.unseen + seenB.unseen,
  }
}

async function surveyedAreaOf(run: DividedRun, epoch: 0 | 1, signal: AbortSignal) {
  const occupied = new OccupiedCells(areaCell(run.whole.linkDistance))
  for (const tile of run.whole.tiles.keys())
    occupied.addSteps((await readOccupied(run.results(tile), signal))[epoch])
  return occupied.area()
}

/** The clusters of some points as those of more points, of which they are a part; both in the order of the survey. */
function clustersAmong(
  points: GatheredPoints,
  some: GatheredPoints,
  { cluster, count }: ChangeClusters,
): ChangeClusters {
  const among = new Uint32Array(points.number.length)
  let at = 0
  for (let i = 0; i < among.length; i++) {
    while (at < cluster.length && some.number[at]! < points.number[i]!) at++
    if (at < cluster.length && some.number[at] === points.number[i]) among[i] = cluster[at]!
  }
  return { cluster: among, count }
}

// From what tiles have measured to changes: `findChanges` for surveys that no memory holds. Points that may belong to a change
// are gathered, grouped as among all points, and described with the points and cells around them.
import { join } from 'node:path'
import {
  type Change,
  type ChangeClusters,
  changeSurroundings,
  clusterChanges,
  describeChanges,
  type Place,
  SurfaceCells,
  type SurfaceOffsets,
} from '@alidade/analysis'
import { jobTypes } from '@alidade/contract'
import type { MergeContext } from '../../job-type.ts'
import { boxesAsSurveyed } from '../align-surveys.ts'
import { areaCell, derivedThresholds, paceOf, seenOnly } from '../find-changes.ts'
import type { Step } from '../step-costs.ts'
import { OccupiedCells } from '../surveyed-area.ts'
import { localFile, readColumns, writeColumns } from '../../point-clouds/tiles/columns-file.ts'
import {
  type DividedRun,
  type Epochs,
  evidenceInTile,
  offsetsOfTile,
  type Settled,
  settleOpen,
  surfacesOfWhole,
} from './evidence-of-tiles.ts'
import { type GatheredPoints, PointGathering } from './gathered-points.ts'
import { joined, placesWhere, valuesAt } from '../../point-clouds/tiles/places.ts'
import { readOccupied } from './tile-results.ts'

export interface FoundInTiles {
  /** Their points by the places among those around changes. */
  changes: Change[]
  around: Epochs<GatheredPoints>
  /** Of each tile. */
  settled: Epochs<Settled>[]
  unseenGroups: number
}

/** The parts that it counts, in tiles. */
export const findingParts = ['settle', 'surfaces', 'evidence', 'describe'] as const
/** Passes over the tiles in each. */
export const findingPasses = { settle: 1, surfaces: 1, evidence: 1, describe: 1 } as const

export async function findInTiles(
  run: DividedRun,
  { options, progress, signal, scratch }: MergeContext<Step>,
): Promise<FoundInTiles> {
  const tiles = [...run.whole.tiles.keys()]
  const counting = (part: (typeof findingParts)[number]) => {
    const total = findingPasses[part] * tiles.length
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
  const surfaces = await surfacesOfWhole(run, signal, counting('surfaces'))

  onTile = counting('evidence')
  const { low, high } = derivedThresholds
  const candidates: Epochs<PointGathering> = [new PointGathering(), new PointGathering()]
  const evidenceFile = (tile: number) => join(scratch, `evidence-${tile}`)
  for (const tile of tiles) {
    const [a, b] = await evidenceInTile(run, tile, surfaces, settled[tile]!, signal)
    await writeColumns(evidenceFile(tile), { a, b })
    for (const [epoch, evidence] of [a, b].entries() as Iterable<[0 | 1, Float32Array]>)
      candidates[epoch].add(await run.alignedPoints(epoch, tile), evidence, (i) => evidence[i]! > low)
    onTile()
  }

  onTile = counting('describe')
  const [a, b] = candidates.map((gathering) => gathering.inOrder()) as Epochs<GatheredPoints>
  const { linkDistance } = run.whole
  const minPoints = Number(options.minPoints ?? jobTypes.changeDetection.options.minPoints.default)
  const clustering = { low, high, minPoints, linkDistance }
  const areaOf = (epoch: 0 | 1) => () => surveyedAreaOf(run, epoch, signal)
  const clustersA = await clusterChanges(a, a.evidence, clustering, pace)
  const clustersB = await clusterChanges(b, b.evidence, clustering, pace)
  const seenA = await seenOnly(a, a.evidence, clustersA, areaOf(1), clustering, pace)
  const seenB = await seenOnly(b, b.evidence, clustersB, areaOf(0), clustering, pace)

  const around = changeSurroundings(a, seenA.clusters, b, seenB.clusters, linkDistance)
  // Tiles are those of the surveys as they lie.
  const reach = run.whole.isAligned ? Math.hypot(run.whole.shift[0], run.whole.shift[1]) : 0
  const gathering: Epochs<PointGathering> = [new PointGathering(), new PointGathering()]
  const cells = new CellGathering()
  for (const tile of tiles) {
    if (!around.meets(run.whole.tiles[tile]!, reach)) {
      onTile()
      continue
    }
    const evidence = await readColumns(await localFile(evidenceFile(tile)), signal)
    for (const epoch of [0, 1] as const) {
      const points = await run.alignedPoints(epoch, tile)
      const ofEpoch = evidence[epoch === 0 ? 'a' : 'b'] as Float32Array
      gathering[epoch].add(points, ofEpoch, (i) => around.contains(points.x[i]!, points.y[i]!))
    }
    const { offsets, cells: own } = await offsetsOfTile(run, tile, surfaces, signal)
    cells.add(offsets, (cell) => {
      const middle = offsets.cells.middleOf(cell)
      return own.isOwn[cell] === 1 && around.contains(middle[0], middle[1])
    })
    onTile()
  }
  const found = gathering.map((gathered) => gathered.inOrder()) as Epochs<GatheredPoints>
  const { origin, cellSize, shift, shiftDeviation, isAligned } = run.whole
  const offsets: SurfaceOffsets = {
    ...cells.inOrder(origin, cellSize),
    ...surfaces,
    shiftDeviation,
  }
  const changes = await describeChanges(
    found[0],
    clustersAmong(found[0], a, seenA.clusters),
    found[1],
    clustersAmong(found[1], b, seenB.clusters),
    {
      cellSize: linkDistance,
      surfaces: { offsets, evidenceA: found[0].evidence, evidenceB: found[1].evidence, minPoints },
      registration: Math.hypot(shiftDeviation[2], surfaces.registration),
      pace,
    },
  )
  return {
    changes: isAligned ? boxesAsSurveyed(changes, { vector: shift }) : changes,
    around: found,
    settled,
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

/** Cells of surfaces, gathered from tiles and put in the order of the whole. */
class CellGathering {
  readonly #steps: Int32Array[] = []
  readonly #offset: Float32Array[] = []
  readonly #deviation: Float32Array[] = []
  readonly #normalZ: Float32Array[] = []

  add({ cells, offset, deviation, normalZ }: SurfaceOffsets, isWanted: (cell: number) => boolean): void {
    const wanted = placesWhere(cells.count, isWanted)
    this.#steps.push(valuesAt(cells.steps, wanted, 3))
    this.#offset.push(valuesAt(offset, wanted))
    this.#deviation.push(valuesAt(deviation, wanted))
    this.#normalZ.push(valuesAt(normalZ, wanted))
  }

  inOrder(origin: Place, cellSize: number) {
    const steps = joined(this.#steps, new Int32Array(0))
    const order = placesWhere(steps.length / 3, () => true).sort(
      (one, other) =>
        steps[3 * one]! - steps[3 * other]! ||
        steps[3 * one + 1]! - steps[3 * other + 1]! ||
        steps[3 * one + 2]! - steps[3 * other + 2]!,
    )
    const sorted = (parts: Float32Array[]) => valuesAt(joined(parts, new Float32Array(0)), order)
    return {
      cells: new SurfaceCells(valuesAt(steps, order, 3), origin, cellSize),
      offset: sorted(this.#offset),
      deviation: sorted(this.#deviation),
      normalZ: sorted(this.#normalZ),
    }
  }
}

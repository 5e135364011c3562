// What the tiles have measured, put together: roughness and registration of the whole, and the evidence of every point.
import {
  absenceOf,
  absenceRule,
  buildPointTree,
  deviationsOf,
  median,
  type PointArrays,
  raiseByOffsets,
  RegistrationSpread,
  roughnessOf,
  sampledDeviations,
  sampledEvery,
  sampledScatters,
  SurfaceCells,
  type SurfaceOffsets,
} from '@alidade/analysis'
import type { MergeContext, WorkFiles } from '../../job-type.ts'
import type { Step } from '../step-costs.ts'
import { copyOf, moveBack, movedBoxes } from './find-whole.ts'
import { joined, placesWhere } from '../../point-clouds/tiles/places.ts'
import { contains } from '../../point-clouds/tiles/plan-tiles.ts'
import type { NumberedPoints } from '../../point-clouds/tiles/point-files.ts'
import { RecentTrees } from './recent-trees.ts'
import { chosen, distancesTo, neighboursOf, type SurveyInTiles } from './survey-in-tiles.ts'
import {
  type OwnCells,
  type OwnPoints,
  readOwnCells,
  readOwnPoints,
  readSample,
  type SampledCells,
} from './tile-results.ts'
import { readPlaces } from './tile-points.ts'
import { pointsName, type Whole } from './whole.ts'

export type Epochs<T> = [ofA: T, ofB: T]

/** The files of a divided run, read tile by tile. */
export class DividedRun {
  readonly whole: Whole
  readonly #divided: WorkFiles
  /** Of each tile, by number. */
  readonly #results: readonly WorkFiles[]
  readonly #signal: AbortSignal
  readonly #trees = new RecentTrees()

  constructor(
    whole: Whole,
    { divided, signal }: Pick<MergeContext<Step>, 'divided' | 'signal'>,
    results: readonly WorkFiles[],
  ) {
    this.whole = whole
    this.#divided = divided
    this.#results = results
    this.#signal = signal
  }

  /** The points in a tile as they lie, in the order of the survey. */
  points(epoch: 0 | 1, tile: number): Promise<NumberedPoints> {
    const bounds = this.whole.tiles[tile]!
    const file = this.#divided[pointsName(epoch, tile)]!
    return readPlaces(file, this.whole, this.#signal, (x, y) => contains(bounds, x, y))
  }

  /** The same as changes are told from them. */
  async alignedPoints(epoch: 0 | 1, tile: number): Promise<NumberedPoints> {
    const points = await this.points(epoch, tile)
    return epoch === 1 && this.whole.isAligned ? moveBack(points, this.whole.shift) : points
  }

  /** To be called when no more is asked of `survey`. */
  forgetTrees(): void {
    this.#trees.clear()
  }

  results(tile: number): WorkFiles {
    return this.#results[tile]!
  }

  survey(epoch: 0 | 1, which: keyof Whole['frames']): SurveyInTiles {
    const isMoved = which === 'aligned' && epoch === 1 && this.whole.isAligned
    const boxes = this.whole.boxes[epoch]
    return {
      frame: this.whole.frames[which],
      boxes: isMoved ? movedBoxes(boxes, this.whole.shift) : boxes,
      treeOf: (tile) =>
        this.#trees.get(`${which} ${epoch} ${tile}`, async () => {
          const points = isMoved ? await this.alignedPoints(epoch, tile) : await this.points(epoch, tile)
          return buildPointTree(points, this.whole.frames[which])
        }),
    }
  }
}

/** Roughness and registration, from the cells of all tiles. */
export async function surfacesOfWhole(
  run: DividedRun,
  signal: AbortSignal,
  onTile: () => void,
): Promise<{ roughness: number; registration: number }> {
  const tiles = [...run.whole.tiles.keys()]
  const samples: SampledCells[] = []
  for (const tile of tiles) samples.push(await readSample(run.results(tile), signal))
  const every = sampledEvery(samples.reduce((sum, { cellCount }) => sum + cellCount[0]!, 0))
  const scatters = samples.map(({ steps, scatter }) => sampledScatters(steps, scatter, every))
  const roughness = roughnessOf(joined(scatters, new Float64Array(0)))
  const deviations = samples.flatMap(({ steps, normalZ, ...cells }) =>
    sampledDeviations({ steps, normalZ, deviation: deviationsOf(cells, roughness) }, every),
  )
  const spread = new RegistrationSpread(median(deviations))
  for (const tile of tiles) {
    const { isOwn, ...cells } = await readOwnCells(run.results(tile), signal)
    const deviation = deviationsOf(cells, roughness)
    // What is not known does not count, nor does what another tile has.
    for (let cell = 0; cell < isOwn.length; cell++) if (isOwn[cell] === 0) deviation[cell] = Infinity
    spread.add({ ...cells, deviation })
    onTile()
  }
  return { roughness, registration: spread.spread() }
}

/** Of a tile: its cells as parts of the surfaces of the whole. */
export async function offsetsOfTile(
  run: DividedRun,
  tile: number,
  { roughness, registration }: { roughness: number; registration: number },
  signal: AbortSignal,
): Promise<{ offsets: SurfaceOffsets; cells: OwnCells }> {
  const cells = await readOwnCells(run.results(tile), signal)
  const { steps, offset, normalZ } = cells
  const { origin, cellSize, shiftDeviation } = run.whole
  const offsets: SurfaceOffsets = {
    cells: new SurfaceCells(steps, origin, cellSize),
    offset,
    deviation: deviationsOf(cells, roughness),
    normalZ,
    ...{ roughness, registration, shiftDeviation },
  }
  return { offsets, cells }
}

/** What a tile left open, known now: by the places among its own points. */
export type Settled = Pick<OwnPoints, 'open' | 'lying' | 'distance' | 'absence'>

/** Looks in other tiles for what lies near to the open points of this one. */
export async function settleOpen(
  run: DividedRun,
  epoch: 0 | 1,
  tile: number,
  signal: AbortSignal,
): Promise<Settled> {
  const { whole } = run
  const { open } = await readOwnPoints(run.results(tile), epoch, signal, ['open'])
  const count = open.length
  const empty = () => new Float32Array(count)
  if (count === 0) return { open, lying: empty(), distance: empty(), absence: empty() }
  const other = epoch === 0 ? 1 : 0
  const places = chosen(await run.points(epoch, tile), open)
  const aligned: PointArrays = epoch === 1 && whole.isAligned ? moveBack(copyOf(places), whole.shift) : places
  const distance = await distancesTo(run.survey(other, 'aligned'), aligned)
  const lying = whole.isAligned ? await distancesTo(run.survey(other, 'lying'), places) : distance
  const { neighbours, from } = absenceRule(
    whole.densityRatios[epoch],
    whole.spacings[other],
    whole.pointCounts[0] + whole.pointCounts[1],
  )
  const absence = empty()
  if (whole.thresholds !== undefined) return { open, lying, distance, absence }
  const away = placesWhere(count, (k) => distance[k]! > from)
  await neighboursOf(run.survey(epoch, 'aligned'), chosen(aligned, away), 2 * neighbours, (k, squared) => {
    absence[away[k]!] = absenceOf(
      distance[away[k]!]!,
      squared[neighbours - 1]!,
      () => squared[2 * neighbours - 1]!,
    )
  })
  return { open, lying, distance, absence }
}

/** Of all points in a tile, as `findChanges` has it in memory. */
export async function evidenceInTile(
  run: DividedRun,
  tile: number,
  surfaces: { roughness: number; registration: number } | undefined,
  settled: Epochs<Settled>,
  signal: AbortSignal,
): Promise<Epochs<Float32Array>> {
  const known: { distance: Float32Array; evidence: Float32Array }[] = []
  for (const epoch of [0, 1] as const) {
    const { distance, absence } = await readOwnPoints(run.results(tile), epoch, signal, [
      'distance',
      'absence',
    ])
    settled[epoch].open.forEach((place, k) => {
      distance[place] = settled[epoch].distance[k]!
      absence[place] = settled[epoch].absence[k]!
    })
    known.push({ distance, evidence: surfaces === undefined ? distance : absence })
  }
  const [ofA, ofB] = known as Epochs<(typeof known)[number]>
  if (surfaces === undefined) return [ofA.distance, ofB.distance]
  const { offsets, cells } = await offsetsOfTile(run, tile, surfaces, signal)
  await raiseByOffsets(offsets, cells.points, [ofA, ofB])
  return [ofA.evidence, ofB.evidence]
}

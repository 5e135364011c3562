/**
 * How far the surface of the second epoch lies from that of the first, around every cell of a grid, and how well that is
 * known: the comparison of M3C2 (Lague, Brodu & Leroux 2013, "Accurate 3D comparison of complex topography with terrestrial
 * laser scanner") with neighbourhoods of cells for its cylinders.
 */
import {
  chooseBands,
  type CellGrid,
  type CellTable,
  type Place,
  pointsPerBand,
  type Surveys,
} from './cell-order.ts'
import { cellHash, sampledEvery } from './cell-sample.ts'
import { Crew, requireThreads } from './crew.ts'
import type { MeasuredCells } from './measure-cells.ts'
import { bulkCentre, countPoints, type PointArrays, sharePoints } from './point-arrays.ts'
import { registrationSpread } from './registration-spread.ts'
import { SurfaceCells } from './surface-cells.ts'
import { atOnce, type Pace, paceByShare } from './pace.ts'
import { type SurfaceData, type SurfacePass, SurfacePieces } from './surface-pieces.ts'
import type { SurfaceReport, SurfaceTask } from './surface-worker.ts'

export type SurfaceOffsets = {
  readonly cells: SurfaceCells
  /** Of each cell, along the normal with z not negative, in the unit of the coordinates; 0 where not known. */
  readonly offset: Float32Array
  /** Standard deviation of `offset`; Infinity where it is not known. */
  readonly deviation: Float32Array
  /** z of the unit normal. */
  readonly normalZ: Float32Array
  /** Scatter of points about their local surface where that is smooth: the lower quartile over a sample of cells. */
  readonly roughness: number
  /** As `registrationSpread` finds it, a standard deviation. */
  readonly registration: number
  /** How well the survey as a whole is known to lie right, on each axis: standard deviations. */
  readonly shiftDeviation: readonly [number, number, number]
}

/** Which points lie in which cell of `SurfaceOffsets`. */
export type PointsOfCells = {
  /** Points of both surveys cell by cell; those of the second one are numbered on from the last of the first. */
  readonly order: Uint32Array
  /** Where the points of each cell begin, and behind the last one their number. */
  readonly start: Uint32Array
}

export type SurfaceOptions = {
  /** Worker threads, at least 1. Default 2. What is found does not depend on it. */
  readonly threads?: number
  readonly signal?: AbortSignal
  readonly shiftDeviation?: SurfaceOffsets['shiftDeviation']
  /** Where cells begin. Default: amid the points. */
  readonly origin?: Place
  /** Called with the points put in order since the last call: in all, those of both surveys four times. */
  readonly onOrdered?: (points: number) => void
  /** Called likewise with the points whose cells have been measured: in all, those of both surveys. */
  readonly onMeasured?: (points: number) => void
  /** Awaited then, while what holds for the whole is found: counts the points of both surveys. */
  readonly pace?: Pace
}

/** Cells with what is measured of each, before anything is known of the whole. */
export type MeasuredSurfaces = {
  readonly cells: SurfaceCells
  readonly measured: MeasuredCells
  readonly points: PointsOfCells
}

/** A piece of some milliseconds. */
const pointsPerPiece = 1 << 16

/**
 * In a neighbourhood of 3 x 3 x 3 cells (5 x 5 x 5 where an epoch has fewer than four points in it) both epochs share one
 * normal: the direction of least scatter about their own means. The offset is that of the means along it; its variance
 * is s1^2 / n1 + s2^2 / n2, and what the uncertain slope adds where the means lie apart sideways. Vegetation and edges are
 * rough, and so ask for more.
 */
export async function surfaceOffsets(
  a: PointArrays,
  b: PointArrays,
  cellSize: number,
  options: SurfaceOptions = {},
): Promise<{ offsets: SurfaceOffsets; points: PointsOfCells }> {
  const { shiftDeviation = [0, 0, 0], pace = atOnce } = options
  const { cells, measured, points } = await measureSurfaces(a, b, cellSize, options)
  const roughness = roughnessOf(sampledScatters(cells.steps, measured.scatter))
  const { offset, normalZ } = measured
  const deviation = deviationsOf(measured, roughness)
  const all = countPoints(a) + countPoints(b)
  const spreading = paceByShare(pace, all, 2 * offset.length)
  const registration = await registrationSpread(cells, offset, deviation, normalZ, spreading)
  await spreading(0)
  return { offsets: { cells, offset, deviation, normalZ, roughness, registration, shiftDeviation }, points }
}

/** The part of it that each cell tells by itself, with the points around it. */
export async function measureSurfaces(
  a: PointArrays,
  b: PointArrays,
  cellSize: number,
  options: SurfaceOptions = {},
): Promise<MeasuredSurfaces> {
  const { threads = 2, signal, onOrdered, onMeasured } = options
  if (!(cellSize > 0)) throw new RangeError(`cellSize must be positive, got ${cellSize}`)
  requireThreads(threads)
  signal?.throwIfAborted()
  const surveys: Surveys = [sharePoints(a), sharePoints(b)]
  const origin = options.origin ?? bulkCentre(surveys)
  const grid: CellGrid = {
    cellSize,
    origins: [origin, origin],
    bandEdges: chooseBands(surveys, origin, cellSize),
  }
  const count = countPoints(a) + countPoints(b)
  const order = sharedCounts(count)
  const data: SurfaceData = { surveys, grid, order }
  const bands = grid.bandEdges.length + 1
  const passes = count <= pointsPerBand ? passesHere(data, signal) : passesByCrew(data, threads, signal)
  const { pass } = passes
  try {
    const pieces = surveys.flatMap(({ x }, k) =>
      Array.from({ length: Math.ceil(x.length / pointsPerPiece) }, (_, piece) => ({
        epoch: k as 0 | 1,
        from: piece * pointsPerPiece,
        to: Math.min(x.length, (piece + 1) * pointsPerPiece),
      })),
    )
    const places = sharedCounts(pieces.length * bands)
    const onDealt = (piece: number) => onOrdered?.(pieces[piece]!.to - pieces[piece]!.from)
    await pass({ kind: 'count', pieces, places }, onDealt)
    const bandStart = firstPlaces(places, pieces.length, bands)
    await pass({ kind: 'deal', pieces, places }, onDealt)

    const pointsOf = (band: number) => bandStart[band + 1]! - bandStart[band]!
    const onBand = (band: number) => onOrdered?.(pointsOf(band))
    const cellCounts = sharedCounts(bands)
    await pass({ kind: 'sort', bandStart, cellCounts }, onBand)
    const firstCell = sharedCounts(bands + 1)
    for (let band = 0; band < bands; band++) firstCell[band + 1] = firstCell[band]! + cellCounts[band]!
    const cellCount = firstCell[bands]!
    const table: CellTable = {
      steps: new Int32Array(new SharedArrayBuffer(12 * cellCount)),
      start: sharedCounts(cellCount + 1),
    }
    table.start[cellCount] = count
    await pass({ kind: 'list', bandStart, firstCell, table }, onBand)

    const floats = () => new Float32Array(new SharedArrayBuffer(4 * cellCount))
    const measured = {
      offset: floats(),
      variance: floats(),
      smoothShare: floats(),
      normalZ: floats(),
      scatter: floats(),
    }
    await pass({ kind: 'measure', bandStart, firstCell, table, measured }, (band) =>
      onMeasured?.(pointsOf(band)),
    )
    const cells = new SurfaceCells(table.steps, origin, cellSize)
    return { cells, measured, points: { order, start: table.start } }
  } finally {
    await passes.end()
  }
}

type Passes = {
  pass(work: SurfacePass, onPiece: (piece: number) => void): Promise<void>
  end(): Promise<void>
}

function passesByCrew(data: SurfaceData, threads: number, signal: AbortSignal | undefined): Passes {
  const crew = new Crew<SurfaceTask, SurfaceReport>(new URL('./surface-worker.ts', import.meta.url), {
    threads,
    workerData: data,
    signal,
    work: 'compares surfaces',
  })
  return {
    pass: async (work, onPiece) => {
      const nextPiece = new Int32Array(new SharedArrayBuffer(4))
      const tasks = Array.from({ length: threads }, (): SurfaceTask => ({ ...work, nextPiece }))
      await crew.run(tasks, (report) => {
        if (report.kind === 'piece') onPiece(report.piece)
        return report.kind === 'idle'
      })
    },
    end: () => crew.dismiss(),
  }
}

/** So few points are done sooner than a thread starts. */
function passesHere(data: SurfaceData, signal: AbortSignal | undefined): Passes {
  const surface = new SurfacePieces(data)
  return {
    pass: async (work, onPiece) => {
      for (let piece = 0; piece < surface.piecesOf(work); piece++) {
        surface.work(work, piece)
        onPiece(piece)
        await new Promise((resolve) => setImmediate(resolve))
        signal?.throwIfAborted()
      }
    },
    end: async () => {},
  }
}

/** Turns counts into the first place of every piece in its band, bands one after the other; returns where these begin. */
function firstPlaces(counts: Uint32Array, pieces: number, bands: number): Uint32Array {
  const bandStart = sharedCounts(bands + 1)
  let sum = 0
  for (let band = 0; band < bands; band++) {
    bandStart[band] = sum
    for (let at = band; at < pieces * bands; at += bands) {
      const count = counts[at]!
      counts[at] = sum
      sum += count
    }
  }
  bandStart[bands] = sum
  return bandStart
}

/** Of the cells of a sample, where it is known; `every` as `sampledEvery` says of all cells. */
export function sampledScatters(
  steps: Int32Array,
  scatter: Float32Array,
  every = sampledEvery(scatter.length),
): Float64Array {
  const found: number[] = []
  for (let cell = 0; cell < scatter.length; cell++) {
    if (cellHash(steps[3 * cell]!, steps[3 * cell + 1]!, steps[3 * cell + 2]!) % every > 0) continue
    if (!Number.isNaN(scatter[cell]!)) found.push(scatter[cell]!)
  }
  return Float64Array.from(found)
}

/** As in `SurfaceOffsets`. */
export function roughnessOf(scatters: Float64Array): number {
  const sorted = scatters.toSorted()
  return sorted[sorted.length >> 2] ?? 0
}

/** In place of the variances. */
export function deviationsOf(
  { variance, smoothShare }: Pick<MeasuredCells, 'variance' | 'smoothShare'>,
  roughness: number,
): Float32Array {
  for (let cell = 0; cell < variance.length; cell++)
    variance[cell] = Math.sqrt(variance[cell]! + roughness ** 2 * smoothShare[cell]!)
  return variance
}

function sharedCounts(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(4 * length))
}

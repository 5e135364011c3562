/** Nearest-neighbour distances between two clouds in both directions, over worker threads. */
import { absenceRule } from './absence.ts'
import { type CloudFrame, frameOf } from './cloud-frame.ts'
import { densityRatios } from './density-ratios.ts'
import { Crew, requireThreads } from './crew.ts'
import { chunkCount, chunksPerBlock, keepBlock, keepTrees, takeBlocks } from './distance-blocks.ts'
import type { Kept } from './kept.ts'
import { NearestAlone } from './nearest-alone.ts'
import type { NearestData, NearestPass, NearestReport, NearestTask } from './nearest-tasks.ts'
import { countPoints, type PointArrays, sharePoints } from './point-arrays.ts'
import type { PointTree } from './point-tree.ts'

export type CompareCloudsOptions = {
  /** Worker threads at most, at least 1. Default 2. Indexing uses at most two of them, one for each cloud. */
  readonly threads?: number
  readonly signal?: AbortSignal
  /** Called with the number of points whose distance is known since the last call; in all, all of A and B. */
  readonly onAdvance?: (points: number) => void
  /** Called likewise while the clouds are indexed, which comes first; in all, all of A and B. */
  readonly onIndexed?: (points: number) => void
  /** 'aToB' leaves `distanceB` empty, the spacings NaN unless `absence` needs them, and their work out. Default 'both'. */
  readonly direction?: 'both' | 'aToB'
  /** Also how surely a point has no counterpart (`absence.ts`). Default false. */
  readonly absence?: boolean
  /** Where blocks of the comparison are kept, and looked for; with it `direction` is 'both'. Default: nowhere. */
  readonly kept?: Kept | undefined
  /** Of the whole of the surveys where these are parts of them. Default: these are all. */
  readonly whole?: WholeSurveys | undefined
}

/** What parts of surveys have to know of the whole, so that they tell what the whole would. */
export type WholeSurveys = {
  readonly frame: CloudFrame
  readonly spacings: readonly [number, number]
  /** As `densityRatios` finds them. */
  readonly densityRatios: readonly [number, number]
  readonly pointsOfBoth: number
}

export type CloudDistances = {
  /** From each point of A to the nearest point of B, in the unit of the coordinates; Infinity if B is empty. */
  readonly distanceA: Float32Array
  /** From each point of B to the nearest point of A. */
  readonly distanceB: Float32Array
  /** As `pointSpacing` finds them; NaN for fewer than nine points, and where `direction` leaves them out. */
  readonly spacingA: number
  readonly spacingB: number
  /** As `absence.ts` defines it, if it was asked for; otherwise empty. */
  readonly absenceA: Float32Array
  readonly absenceB: Float32Array
}

/** Of so many in all, starting a thread takes longer than the work. */
const pointsPerThread = 200_000

/**
 * Exact distances between two clouds; but for small ones the calling thread only hands out work. Coordinates that are not in shared
 * memory are copied into it once. Rejects with the signal's reason when aborted, with RangeError for a coordinate that
 * is not finite, and with an Error whose `cause` tells why if a worker breaks.
 */
export async function compareClouds(
  a: PointArrays,
  b: PointArrays,
  options: CompareCloudsOptions = {},
): Promise<CloudDistances> {
  const {
    threads = 2,
    signal,
    onAdvance,
    onIndexed,
    direction = 'both',
    absence = false,
    kept,
    whole,
  } = options
  requireThreads(threads)
  const pointCount = countPoints(a) + countPoints(b)
  const workers = Math.min(threads, Math.ceil(pointCount / pointsPerThread) || 1)
  signal?.throwIfAborted()
  const distanceA = sharedFloats(countPoints(a))
  const distanceB = sharedFloats(direction === 'both' ? countPoints(b) : 0)
  const absenceA = sharedFloats(absence ? distanceA.length : 0)
  const absenceB = sharedFloats(absence ? distanceB.length : 0)
  const columns = [
    { distance: distanceA, absence: absenceA },
    { distance: distanceB, absence: absenceB },
  ]
  const taken = await (kept && takeBlocks(kept, columns))
  const takenPoints = taken?.blockPoints.reduce((sum, n, i) => sum + (taken.known.has(i) ? n : 0), 0) ?? 0
  if (taken !== undefined && taken.known.size === taken.blockPoints.length) {
    onIndexed?.(takenPoints)
    onAdvance?.(takenPoints)
    const [spacingA, spacingB] = taken.spacings
    return { distanceA, distanceB, spacingA, spacingB, absenceA, absenceB }
  }
  const workerData: NearestData = {
    clouds: [sharePoints(a), sharePoints(b)],
    frame: whole?.frame ?? frameOf([a, b]),
    spacings: whole === undefined && (direction === 'both' || absence),
  }
  const isSmall = pointCount <= pointsPerThread
  const crew = isSmall
    ? new NearestAlone(workerData, signal)
    : new Crew<NearestTask, NearestReport>(new URL('./nearest-worker.ts', import.meta.url), {
        threads: workers,
        workerData,
        signal,
        work: 'compares clouds',
      })
  try {
    const trees: PointTree[] = []
    const spacings: number[] = []
    const indexing: NearestTask[] = [
      // Absence looks for neighbours in the cloud of the queries as well; that of small clouds is no memory to save.
      { kind: 'index', cloud: 0, forQueries: direction === 'aToB' && !absence && !isSmall },
      { kind: 'index', cloud: 1, forQueries: false },
    ]
    await crew.run(indexing, (report) => {
      if (report.kind === 'tree') {
        trees[report.cloud] = report.tree
        spacings[report.cloud] = report.spacing
      }
      if (report.kind === 'indexed') onIndexed?.(report.points)
      return report.kind === 'tree'
    })
    const [treeA, treeB] = trees as [PointTree, PointTree]
    const [spacingA, spacingB] = whole?.spacings ?? (spacings as [number, number])
    const pointsOfBoth = whole?.pointsOfBoth ?? pointCount
    const ratios =
      whole?.densityRatios ??
      (absence ? densityRatios(a, b, { spacings: [spacingA, spacingB] }) : ([1, 1] as const))
    const passes: NearestPass[] = [
      {
        query: treeA,
        reference: treeB,
        distance: distanceA,
        ...(absence && { absence: { values: absenceA, ...absenceRule(ratios[0], spacingB, pointsOfBoth) } }),
      },
    ]
    if (direction === 'both') {
      passes.push({
        query: treeB,
        reference: treeA,
        distance: distanceB,
        ...(absence && { absence: { values: absenceB, ...absenceRule(ratios[1], spacingA, pointsOfBoth) } }),
      })
    }
    const compare = async (fromChunk: number, endChunk: number) => {
      const nextChunk = new Int32Array(new SharedArrayBuffer(4))
      nextChunk[0] = fromChunk
      const comparing = Array.from(
        { length: workers },
        (): NearestTask => ({ kind: 'compare', passes, nextChunk, endChunk }),
      )
      await crew.run(comparing, (report) => {
        if (report.kind === 'compared') onAdvance?.(report.points)
        return report.kind === 'idle'
      })
    }
    if (kept === undefined) await compare(0, chunkCount(passes))
    else {
      const size = chunksPerBlock(kept)
      const blocks = taken?.blockPoints ?? (await keepTrees(kept, spacings, passes))
      onAdvance?.(takenPoints)
      // One block is written while the next is compared.
      let keeping = Promise.resolve()
      for (const number of blocks.keys()) {
        if (taken?.known.has(number)) continue
        await compare(number * size, (number + 1) * size)
        await keeping
        keeping = keepBlock(kept, passes, number)
      }
      await keeping
    }
    return { distanceA, distanceB, spacingA, spacingB, absenceA, absenceB }
  } finally {
    await crew.dismiss()
  }
}

function sharedFloats(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(4 * length))
}

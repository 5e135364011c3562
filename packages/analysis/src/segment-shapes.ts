/** What the surroundings of each sample are like: flat, long or scattered (after Demantke et al. 2011, "Dimensionality based scale selection in 3D lidar point clouds"). */
import { Crew, requireThreads } from './crew.ts'
import { frameOf } from './cloud-frame.ts'
import type { PointArrays } from './point-arrays.ts'
import { buildPointTree, type PointTree } from './point-tree.ts'

/** Plain data over shared memory; one entry a sample, in the order of the samples. */
export type Shapes = {
  readonly neighbours: number
  /** The nearest other samples of each, nearest first, -1 where there are fewer within reach. */
  readonly near: Int32Array
  /** Deviations along the shortest, the middle and the longest axis of the neighbourhood. */
  readonly thickness: Float32Array
  readonly breadth: Float32Array
  readonly length: Float32Array
  /** Unit normal of the best plane, z not negative: three numbers a sample. Zeros where there are too few neighbours. */
  readonly normal: Float32Array
  /** Distance to the farthest neighbour. */
  readonly reach: Float32Array
}

export type ShapesWorkerData = {
  readonly tree: PointTree
  readonly reach: number
  readonly shapes: Shapes
  readonly next: Int32Array
}

export type ShapesReport = { readonly kind: 'done'; readonly samples: number } | { readonly kind: 'idle' }

/** Samples that a thread takes at a time. */
export const samplesPerChunk = 4096

export type MeasureShapesOptions = {
  readonly neighbours: number
  readonly reach: number
  readonly threads: number
  readonly signal?: AbortSignal | undefined
  /** How many more samples are done. */
  readonly onAdvance: (samples: number) => void
}

/** Takes about 100 bytes a sample for 16 neighbours, and the tree 20. */
export async function measureShapes(
  points: PointArrays,
  { neighbours, reach, threads, signal, onAdvance }: MeasureShapesOptions,
): Promise<Shapes> {
  requireThreads(threads)
  const count = points.x.length
  const column = (each: number) => new Float32Array(new SharedArrayBuffer(4 * each * count))
  const shapes: Shapes = {
    neighbours,
    near: new Int32Array(new SharedArrayBuffer(4 * neighbours * count)),
    thickness: column(1),
    breadth: column(1),
    length: column(1),
    normal: column(3),
    reach: column(1),
  }
  if (count === 0) return shapes
  const tree = buildPointTree(points, frameOf([points]))
  signal?.throwIfAborted()
  const next = new Int32Array(new SharedArrayBuffer(4))
  const crewSize = Math.min(threads, Math.ceil(count / samplesPerChunk))
  const workerData: ShapesWorkerData = { tree, reach, shapes, next }
  const crew = new Crew<'measure', ShapesReport>(new URL('./segment-shapes-worker.ts', import.meta.url), {
    ...{ threads: crewSize, workerData, signal },
    work: 'measures surroundings',
  })
  try {
    await crew.run(Array<'measure'>(crewSize).fill('measure'), (report) => {
      if (report.kind === 'done') onAdvance(report.samples)
      return report.kind === 'idle'
    })
  } finally {
    await crew.dismiss()
  }
  return shapes
}

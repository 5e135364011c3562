// The points of one file again, each with the class of its voxel written into its record.
import type { PlanRegion, PointArrays, PointClasses, PointVoxels } from '@alidade/analysis'
import {
  type ByteSource,
  decodeXyz,
  type LasHeader,
  type LazThreads,
  readPointBatches,
  setClassification,
} from '@alidade/formats'
import { type ClassifiedBatch, moveTogether } from '../../extract-ground/classified-batches.ts'
import { Coordinates } from '../../extract-ground/read-clouds.ts'

export const confidenceColumn = {
  name: 'confidence',
  type: 'float32',
  description: 'probability of the class',
} as const

export interface FoundLabels extends PointClasses {
  /** 1 for the first point of a voxel, the one that the model was shown. */
  isFirst: Uint8Array
}

export interface LabelSource {
  /** Of the next `count` points in the order of the cloud, which lie at these places. */
  take(places: PointArrays, count: number): FoundLabels | Promise<FoundLabels>
}

/** Each point has what was found for its voxel. */
export function labelsOfVoxels(voxels: PointVoxels, found: PointClasses): LabelSource {
  // Voxels are numbered in the order of their first points.
  let seen = 0
  return {
    take: ({ x, y, z }, count) => {
      const classes = { labels: new Uint16Array(count), confidences: new Float32Array(count) }
      const of = { ...classes, isFirst: new Uint8Array(count) }
      for (let i = 0; i < count; i++) {
        const voxel = voxels.find(x[i]!, y[i]!, z[i]!)
        if (voxel < 0) throw new TypeError('a point that was read has no voxel')
        if (voxel === seen) of.isFirst[i] = 1
        if (voxel === seen) seen++
        of.labels[i] = found.labels[voxel]!
        of.confidences[i] = found.confidences[voxel]!
      }
      return of
    },
  }
}

export interface LabelledOptions {
  labels: LabelSource
  /** Class codes by label. */
  codes: Uint8Array
  saveConfidence: boolean
  /** Points outside are left out. */
  region: PlanRegion | undefined
  signal: AbortSignal
  threads: number
  lazThreads?: LazThreads | undefined
}

export async function* labelledBatches(
  file: ByteSource,
  header: LasHeader,
  { labels: source, codes, saveConfidence, region, signal, threads, lazThreads }: LabelledOptions,
): AsyncGenerator<ClassifiedBatch, void, undefined> {
  const columns = new Coordinates()
  for await (const batch of readPointBatches(file, header, { signal, threads, lazThreads })) {
    const { x, y, z } = columns.for(batch.count)
    decodeXyz(batch, header, x, y, z, 0)
    const { labels, confidences } = await source.take({ x, y, z }, batch.count)
    setClassification(
      batch.records,
      header,
      Uint8Array.from(labels, (label) => codes[label]!),
    )
    const isInside = region && ((i: number) => region.contains(x[i]!, y[i]!))
    if (isInside !== undefined && saveConfidence) keepTogether(confidences, batch.count, isInside)
    const count = isInside === undefined ? batch.count : moveTogether(batch, header, isInside)
    const extra = saveConfidence ? { confidence: confidences.subarray(0, count) } : undefined
    yield { read: batch.count, count, records: batch.records, ...(extra && { extra }) }
  }
}

function keepTogether(values: Float32Array, count: number, passes: (i: number) => boolean): void {
  let passed = 0
  for (let i = 0; i < count; i++) if (passes(i)) values[passed++] = values[i]!
}

// The points of one file again, each with the class of its voxel written into its record.
import type { PlanRegion, PointClasses, PointVoxels } from '@alidade/analysis'
import {
  type ByteSource,
  decodeXyz,
  type LasHeader,
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

export interface LabelledOptions {
  voxels: PointVoxels
  found: PointClasses
  /** Class codes by label. */
  codes: Uint8Array
  saveConfidence: boolean
  /** Points outside are left out. */
  region: PlanRegion | undefined
  signal: AbortSignal
  threads: number
}

export async function* labelledBatches(
  source: ByteSource,
  header: LasHeader,
  { voxels, found, codes, saveConfidence, region, signal, threads }: LabelledOptions,
): AsyncGenerator<ClassifiedBatch, void, undefined> {
  const columns = new Coordinates()
  for await (const batch of readPointBatches(source, header, { signal, threads })) {
    const { x, y, z } = columns.for(batch.count)
    decodeXyz(batch, header, x, y, z, 0)
    const classes = new Uint8Array(batch.count)
    const confidences = new Float32Array(saveConfidence ? batch.count : 0)
    for (let i = 0; i < batch.count; i++) {
      const voxel = voxels.find(x[i]!, y[i]!, z[i]!)
      if (voxel < 0) throw new TypeError('a point that was read has no voxel')
      classes[i] = codes[found.labels[voxel]!]!
      if (saveConfidence) confidences[i] = found.confidences[voxel]!
    }
    setClassification(batch.records, header, classes)
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

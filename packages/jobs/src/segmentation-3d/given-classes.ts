// The points of one file again, each with the class that was found for it.
import type { PlanRegion, PointArrays, Segmentation } from '@alidade/analysis'
import {
  type ByteSource,
  type LasHeader,
  type NewExtraBytes,
  type PointBatch,
  readPointBatches,
} from '@alidade/formats'
import {
  type ClassifiedBatch,
  handedOver,
  moveTogether,
  writeClasses,
} from '../extract-ground/classified-batches.ts'

/** Under a name that the file has not yet. */
export function confidenceBytes({ extraBytes }: LasHeader): NewExtraBytes {
  const isTaken = (name: string) => extraBytes.some((field) => field.name === name)
  let name = 'confidence'
  for (let k = 2; isTaken(name); k++) name = `confidence${k}`
  return { name, type: 'float32', description: '0 to 1: how sure the class is' }
}

export interface GivenClassesOptions {
  kept: PointBatch[] | undefined
  points: PointArrays
  segmentation: Segmentation
  /** Of the first point of the file among all points. */
  from: number
  /** What the confidence is called, where it is wanted. */
  confidenceName: string | undefined
  /** Points outside are left out. */
  region: PlanRegion | undefined
  signal: AbortSignal
  threads: number
}

export async function* givenClasses(
  source: ByteSource,
  header: LasHeader,
  options: GivenClassesOptions,
): AsyncGenerator<ClassifiedBatch, void, undefined> {
  const { kept, points, segmentation, confidenceName, region, signal, threads } = options
  let at = options.from
  for await (const batch of kept === undefined
    ? readPointBatches(source, header, { signal, threads })
    : handedOver(kept, signal)) {
    const first = at
    const end = first + batch.count
    at = end
    writeClasses(batch, header, segmentation.classes.subarray(first, end))
    const isInside = region && ((i: number) => region.contains(points.x[first + i]!, points.y[first + i]!))
    const confidence = Float32Array.from(segmentation.confidence.subarray(first, end), (value) => value / 255)
    const inside = isInside === undefined ? confidence : confidence.filter((_, i) => isInside(i))
    const read = batch.count
    const count = isInside === undefined ? read : moveTogether(batch, header, isInside)
    const extra = confidenceName === undefined ? {} : { [confidenceName]: inside }
    yield { read, count, records: batch.records, extra }
  }
}

// The points of one file again, each with the class that was found for it.
import type { PlanRegion } from '@alidade/analysis'
import {
  type ByteSource,
  decodeXyz,
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
import { Coordinates } from '../extract-ground/read-clouds.ts'

/** What was found for the points of a cloud, in the order of its files. */
export interface ClassSource {
  /** Of the next points, so many. Both arrays are good until the next call. */
  take(count: number): Promise<PointClasses>
}

export interface PointClasses {
  classes: Uint8Array
  /** 0 to 255 for 0 to 1. */
  confidence: Uint8Array
}

/** Of all points, in memory. */
export function classesInMemory({ classes, confidence }: PointClasses): ClassSource {
  let at = 0
  return {
    take: async (count) => {
      const from = at
      at += count
      return { classes: classes.subarray(from, at), confidence: confidence.subarray(from, at) }
    },
  }
}

/** Under a name that the file has not yet. */
export function confidenceBytes({ extraBytes }: LasHeader): NewExtraBytes {
  const isTaken = (name: string) => extraBytes.some((field) => field.name === name)
  let name = 'confidence'
  for (let k = 2; isTaken(name); k++) name = `confidence${k}`
  return { name, type: 'float32', description: '0 to 1: how sure the class is' }
}

export interface GivenClassesOptions {
  kept: PointBatch[] | undefined
  found: ClassSource
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
  { kept, found, confidenceName, region, signal, threads }: GivenClassesOptions,
): AsyncGenerator<ClassifiedBatch, void, undefined> {
  const columns = new Coordinates()
  for await (const batch of kept === undefined
    ? readPointBatches(source, header, { signal, threads })
    : handedOver(kept, signal)) {
    const read = batch.count
    const { classes, confidence: bytes } = await found.take(read)
    writeClasses(batch, header, classes)
    const confidence = Float32Array.from(bytes, (value) => value / 255)
    if (region === undefined) {
      yield { read, count: read, records: batch.records, extra: extraOf(confidence) }
      continue
    }
    const { x, y, z } = columns.for(read)
    decodeXyz(batch, header, x, y, z, 0)
    const isInside = (i: number) => region.contains(x[i]!, y[i]!)
    const inside = confidence.filter((_, i) => isInside(i))
    yield {
      read,
      count: moveTogether(batch, header, isInside),
      records: batch.records,
      extra: extraOf(inside),
    }
  }
  function extraOf(confidence: Float32Array) {
    return confidenceName === undefined ? {} : { [confidenceName]: confidence }
  }
}

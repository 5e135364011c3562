// The points of one file again, each with its class written into its record.
import { classifyGround, type GroundSurface, type PlanRegion } from '@alidade/analysis'
import {
  type ByteSource,
  classificationField,
  decodeXyz,
  type ExtraColumns,
  type LasHeader,
  type LazThreads,
  type PointBatch,
  readPointBatches,
} from '@alidade/formats'
import { Coordinates } from './read-clouds.ts'

export interface ClassifiedBatch {
  /** Points of the input that this batch stands for. */
  read: number
  /** Those of them that lie in the region. */
  count: number
  records: Uint8Array
  /** Of new columns, where there are some. */
  extra?: ExtraColumns
}

export interface ClassifiedOptions {
  /** Kept from the time they were read; their records are changed. Otherwise the file is read. */
  kept: PointBatch[] | undefined
  surface: GroundSurface
  /** Points outside are left out. */
  region: PlanRegion | undefined
  signal: AbortSignal
  threads: number
  lazThreads?: LazThreads | undefined
  /** Makes the surface ready for so many points at these places. */
  reach?: (y: Float64Array, count: number) => Promise<void>
  /** Of the points of the file; default: all. */
  range?: readonly [from: number, to: number]
}

export async function* classifiedBatches(
  source: ByteSource,
  header: LasHeader,
  { kept, surface, region, signal, threads, lazThreads, reach, range }: ClassifiedOptions,
): AsyncGenerator<ClassifiedBatch, void, undefined> {
  const columns = new Coordinates()
  let classes = new Uint8Array(0)
  for await (const batch of kept === undefined
    ? readPointBatches(source, header, { signal, threads, lazThreads, ...(range && { range }) })
    : handedOver(kept, signal)) {
    const { x, y, z } = columns.for(batch.count)
    if (classes.length < batch.count) classes = new Uint8Array(batch.count)
    decodeXyz(batch, header, x, y, z, 0)
    await reach?.(y, batch.count)
    classifyGround(surface, x, y, z, classes, batch.count)
    writeClasses(batch, header, classes)
    const isInside = region && ((i: number) => region.contains(x[i]!, y[i]!))
    const count = isInside === undefined ? batch.count : moveTogether(batch, header, isInside)
    yield { read: batch.count, count, records: batch.records }
  }
}

/** Memory is free again as soon as a batch is written. */
export async function* handedOver(batches: PointBatch[], signal: AbortSignal): AsyncGenerator<PointBatch> {
  for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
    signal.throwIfAborted()
    yield batch
  }
}

/** The other bits of the byte, flags of old point formats, stay. */
export function writeClasses({ records, count }: PointBatch, header: LasHeader, classes: Uint8Array): void {
  const { offset, mask } = classificationField(header.pointFormat)
  for (let i = 0, at = offset; i < count; i++, at += header.pointRecordLength)
    records[at] = (records[at]! & ~mask) | classes[i]!
}

/** Brings the records that pass to the front, in their order; returns how many they are. */
export function moveTogether(
  { records, count }: PointBatch,
  { pointRecordLength: length }: LasHeader,
  passes: (i: number) => boolean,
): number {
  let passed = 0
  for (let i = 0; i < count; i++) {
    if (!passes(i)) continue
    if (passed < i) records.copyWithin(passed * length, i * length, (i + 1) * length)
    passed++
  }
  return passed
}

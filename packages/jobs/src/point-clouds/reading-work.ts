// What reading point clouds is as work: for plans of runs.
import type { LasHeader } from '@alidade/formats'
import type { InspectedFile } from '../job-type.ts'
import { readAnyHeader } from './any-header.ts'

/** What a count of a part asks for: units of one kind of work, shared evenly by so many threads. */
export interface Work<CostName extends string> {
  cost: CostName
  unitsEach: number
  threads: number
}

/** Of one point, as `readPointBatches` does it: threads that decode are started anew for each LAZ file that is worth them. */
export function readingWork(
  header: LasHeader | undefined,
  threads: number,
): Work<'readLas' | 'readLaz' | 'startDecoding'>[] {
  if (header?.compressed !== true) return [{ cost: 'readLas', unitsEach: 1, threads: 1 }]
  const fewestChunksForThreads = 4
  const chunkPoints = header.laszip?.chunkPoints ?? 50_000
  if (threads === 1 || header.pointCount <= (fewestChunksForThreads - 1) * chunkPoints)
    return [{ cost: 'readLaz', unitsEach: 1, threads: 1 }]
  return [
    { cost: 'startDecoding', unitsEach: 1 / header.pointCount, threads: 1 },
    { cost: 'readLaz', unitsEach: 1, threads },
  ]
}

/** Bytes in which LAZ has a byte of a record, in surveys as they commonly are. */
const commonShare = 0.2

/** Bytes of a point in LAZ: of a file that is such, by its size, or as they commonly are. What coordinates and times leave of them varies fourfold. */
export function lazBytes(
  { compressed, pointRecordLength, pointCount, pointDataOffset }: LasHeader,
  sizeBytes?: number,
): number {
  if (!compressed || sizeBytes === undefined || pointCount === 0) return commonShare * pointRecordLength
  // Waveforms may lie behind the points.
  return Math.min(pointRecordLength, Math.max(0, sizeBytes - pointDataOffset) / pointCount)
}

/** Each is a request where files are on another machine. */
const filesAtATime = 16

/** A file that is no point cloud has no header, and still its place. */
export async function headersOf(files: InspectedFile[]): Promise<(LasHeader | undefined)[]> {
  const headers: (LasHeader | undefined)[] = []
  for (let first = 0; first < files.length; first += filesAtATime) {
    const some = files.slice(first, first + filesAtATime)
    headers.push(...(await Promise.all(some.map((file) => readAnyHeader(file).catch(() => undefined)))))
  }
  return headers
}

/** Of files that were brought into LAS as many as the plan of the run expects: by it, it is decided how the run goes. */
export async function plannedPoints(files: InspectedFile[]): Promise<number> {
  const headers = await headersOf(files)
  return files.reduce((sum, file, i) => sum + (file.plannedPoints ?? headers[i]?.pointCount ?? 0), 0)
}

export function pointsOfHeaders(headers: readonly (LasHeader | undefined)[]): number {
  return headers.reduce((sum, header) => sum + (header?.pointCount ?? 0), 0)
}

// The LASzip VLR of files written here, and what can be written at all.
import { FormatError } from './format-error.ts'
import { baseRecordLength } from './las-point-formats.ts'
import type { LasVlr } from './las-vlr.ts'
import type { LazChunkFormat } from './laz-encode-chunk.ts'

/** LASzip's own default, which readers know best. */
const usualChunkPoints = 50_000
/** Records may be very long; a chunk of such has fewer points, so that a few fit into memory. */
const largestChunkBytes = 8 * 1024 * 1024
/** More than readers are ready for, ours among them. */
const mostExtraBytes = 1024

const itemTypes = {
  byte: 0,
  point10: 6,
  gpsTime11: 7,
  rgb12: 8,
  point14: 10,
  rgb14: 11,
  rgbNir14: 12,
  byte14: 14,
}
const { point10, gpsTime11, rgb12, point14, rgb14, rgbNir14 } = itemTypes
const itemsOfFormat: Record<number, readonly [type: number, sizeBytes: number][]> = {
  0: [[point10, 20]],
  1: [
    [point10, 20],
    [gpsTime11, 8],
  ],
  2: [
    [point10, 20],
    [rgb12, 6],
  ],
  3: [
    [point10, 20],
    [gpsTime11, 8],
    [rgb12, 6],
  ],
  6: [[point14, 30]],
  7: [
    [point14, 30],
    [rgb14, 6],
  ],
  8: [
    [point14, 30],
    [rgbNir14, 8],
  ],
}

/** Whether clouds of this point format can be written as LAZ; those with waveforms have to stay LAS. */
export function canWriteLaz(pointFormat: number): boolean {
  return itemsOfFormat[pointFormat] !== undefined
}

/** FormatError `Unsupported` for point formats with waveforms and for more than 1024 extra bytes. */
export function checkLazFormat({ pointFormat, recordLength }: LazChunkFormat): void {
  if (!canWriteLaz(pointFormat)) {
    const problem = `expected a point format 0-3 or 6-8 for LAZ, got ${pointFormat} (waveforms)`
    throw new FormatError('Unsupported', 'point format', problem)
  }
  const extra = recordLength - baseRecordLength(pointFormat)
  if (extra <= mostExtraBytes) return
  const problem = `expected at most ${mostExtraBytes} extra bytes for LAZ, got ${extra}`
  throw new FormatError('Unsupported', 'record length', problem)
}

export function chunkPointsOf(recordLength: number): number {
  return Math.min(usualChunkPoints, Math.floor(largestChunkBytes / recordLength))
}

export function laszipVlr({ pointFormat, recordLength }: LazChunkFormat): LasVlr {
  const layered = pointFormat >= 6
  const items = [...itemsOfFormat[pointFormat]!]
  const extra = recordLength - baseRecordLength(pointFormat)
  if (extra > 0) items.push([layered ? itemTypes.byte14 : itemTypes.byte, extra])
  const data = new Uint8Array(34 + 6 * items.length)
  const view = new DataView(data.buffer)
  view.setUint16(0, layered ? 3 : 2, true)
  // The version of the format, not of a program: 3.4 is the first whose readers know layers.
  data.set(layered ? [3, 4] : [2, 2], 4)
  view.setUint32(12, chunkPointsOf(recordLength), true)
  view.setBigInt64(16, -1n, true)
  view.setBigInt64(24, -1n, true)
  view.setUint16(32, items.length, true)
  for (const [i, [type, sizeBytes]] of items.entries()) {
    view.setUint16(34 + 6 * i, type, true)
    view.setUint16(36 + 6 * i, sizeBytes, true)
    view.setUint16(38 + 6 * i, layered ? 3 : 2, true)
  }
  const names = { userId: 'laszip encoded', recordId: 22204, description: 'LASzip' }
  return { ...names, extended: false, dataOffset: 0, sizeBytes: data.length, data }
}

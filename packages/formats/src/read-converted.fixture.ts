// Brings bytes into a LAS file as a job would, and reads it back by the places of the specification.
import { join } from 'node:path'
import { memorySource, openFile } from './byte-source.ts'
import { convertToLas } from './convert-to-las.ts'
import type { ConvertOptions } from './convert-to-las.ts'
import type { ExtraBytesField, ScalarType } from './las-extra-bytes.ts'
import { readLasHeader } from './las-header.ts'
import type { LasHeader } from './las-header.ts'
import { readPointBatches } from './las-points.ts'
import { temporaryFolder } from './las.fixture.ts'
import { readScalar } from './scalar-columns.ts'

export type ConvertedPoint = {
  place: [number, number, number]
  intensity: number
  returns: [number: number, of: number]
  classification: number
  userData: number
  scanAngle: number
  sourceId: number
  gpsTime: number
  rgb?: number[]
  /** Extra bytes by name. */
  extra: Record<string, number>
}

export async function convertBytes(
  bytes: Uint8Array,
  options: ConvertOptions,
): Promise<{ header: LasHeader; points: ConvertedPoint[]; warnings: string[] }> {
  const path = join(await temporaryFolder(), 'converted.las')
  const warnings: string[] = []
  await convertToLas(memorySource(bytes), path, { warn: (message) => warnings.push(message), ...options })
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const points: ConvertedPoint[] = []
    for await (const { records, count } of readPointBatches(source, header)) {
      for (let i = 0; i < count; i++) points.push(readPoint(header, records, i * header.pointRecordLength))
    }
    return { header, points, warnings }
  } finally {
    await source.close()
  }
}

function readPoint(header: LasHeader, records: Uint8Array, at: number): ConvertedPoint {
  const view = new DataView(records.buffer, records.byteOffset + at, header.pointRecordLength)
  const place = [0, 1, 2].map((axis) => {
    const value = view.getInt32(4 * axis, true) * header.scale[axis]! + header.offset[axis]!
    return Number(value.toFixed(9))
  }) as [number, number, number]
  const extra = header.extraBytes.map(({ name, type, offsetBytes }: ExtraBytesField) => [
    name,
    readScalar(view, type as ScalarType, true, offsetBytes),
  ])
  return {
    place,
    intensity: view.getUint16(12, true),
    returns: [view.getUint8(14) & 15, view.getUint8(14) >> 4],
    classification: view.getUint8(16),
    userData: view.getUint8(17),
    scanAngle: view.getInt16(18, true),
    sourceId: view.getUint16(20, true),
    gpsTime: view.getFloat64(22, true),
    ...(header.pointFormat === 7 && { rgb: [30, 32, 34].map((band) => view.getUint16(band, true)) }),
    extra: Object.fromEntries(extra),
  }
}

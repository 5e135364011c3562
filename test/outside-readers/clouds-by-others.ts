// Points as others read them: laz-rs, and the reader of PLY of loaders.gl.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { decodeWithLazRs } from '../../packages/formats/src/laz-rs.fixture.ts'

export interface ReadRecords {
  recordLength: number
  records: Buffer
}

/** Of a LAS 1.4 file: where they are and how long stands at bytes 96, 105 and 247 of the header (R15, table 3). */
export async function recordsOfLas(path: string): Promise<ReadRecords> {
  const file = await readFile(path)
  const { pointCount, recordLength, from } = placesIn(file)
  return { recordLength, records: file.subarray(from, from + pointCount * recordLength) }
}

export async function recordsByLazRs(path: string): Promise<ReadRecords> {
  const file = await readFile(path)
  const { pointCount, recordLength } = placesIn(file)
  return {
    recordLength,
    records: await decodeWithLazRs(file, { pointCount, pointRecordLength: recordLength }),
  }
}

function placesIn(file: Buffer) {
  const pointCount = Number(file.readBigUInt64LE(247))
  return { pointCount, recordLength: file.readUInt16LE(105), from: file.readUInt32LE(96) }
}

/** Classes of points of format 6 to 10. */
export function classesOf({ recordLength, records }: ReadRecords): number[] {
  return Array.from({ length: records.length / recordLength }, (_, i) => records[i * recordLength + 16]!)
}

interface PlyReader {
  PLYLoader: {
    parse(
      file: ArrayBuffer,
      options: object,
    ): Promise<{ attributes: Record<string, { value: ArrayLike<number> }> }>
  }
}

export async function plyColumns(path: string): Promise<Record<string, number[]>> {
  // Not at import time: without it the other tests of this folder run all the same.
  const { PLYLoader }: PlyReader = createRequire(import.meta.url)('@loaders.gl/ply')
  const bytes = await readFile(path)
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
  const { attributes } = await PLYLoader.parse(file, {
    ply: { propertyNameMapping: { classification: ['classification'] } },
  })
  return Object.fromEntries(Object.entries(attributes).map(([name, { value }]) => [name, Array.from(value)]))
}

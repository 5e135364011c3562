/** Surveys whose ground is known. */
import type { PointArrays } from '@alidade/analysis'
import { openFile, readLasHeader, readPointBatches, readXyz } from '@alidade/formats'

export type GroundSample = { readonly points: PointArrays; readonly isGround: Uint8Array }

/** Coordinates of a file, and which of its points are of class 2. */
export async function readGroundSample(path: string): Promise<GroundSample> {
  const source = await openFile(path)
  try {
    const header = await readLasHeader(source)
    const isGround = new Uint8Array(header.pointCount)
    // Five bits of byte 15 up to format 5, byte 16 from format 6 on.
    const [at, mask] = header.pointFormat < 6 ? [15, 31] : [16, 255]
    for await (const { records, firstIndex, count } of readPointBatches(source, header)) {
      for (let i = 0; i < count; i++) {
        isGround[firstIndex + i] = (records[i * header.pointRecordLength + at]! & mask) === 2 ? 1 : 0
      }
    }
    return { points: await readXyz(source, header), isGround }
  } finally {
    await source.close()
  }
}

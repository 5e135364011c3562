/** Surveys whose ground is known. */
import type { PointArrays } from '@alidade/analysis'
import { openFile, readLasHeader, readPointBatches, readXyz } from '@alidade/formats'
import { pickPoints, randomNumbers } from './survey-points.ts'

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

/** The same place otherwise, about its first point. */
export const variants: Record<string, (sample: GroundSample) => GroundSample> = {
  turned: (sample) =>
    placed(sample, (dx, dy) => [turn.cos * dx - turn.sin * dy, turn.sin * dx + turn.cos * dy]),
  mirrored: (sample) => placed(sample, (dx, dy) => [-dx, dy]),
  thinned: ({ points, isGround }) => {
    const random = randomNumbers(3)
    const isKept = Array.from(isGround, () => random() < 1 / 3)
    return {
      points: pickPoints(points, (i) => isKept[i]!),
      isGround: isGround.filter((_, i) => isKept[i]),
    }
  },
}

const turn = { cos: Math.cos((37 * Math.PI) / 180), sin: Math.sin((37 * Math.PI) / 180) }

function placed(
  { points: { x, y, z }, isGround }: GroundSample,
  place: (dx: number, dy: number) => [number, number],
): GroundSample {
  const [newX, newY] = [new Float64Array(x.length), new Float64Array(x.length)]
  for (let i = 0; i < x.length; i++) {
    const [dx, dy] = place(x[i]! - x[0]!, y[i]! - y[0]!)
    newX[i] = x[0]! + dx
    newY[i] = y[0]! + dy
  }
  return { points: { x: newX, y: newY, z }, isGround }
}

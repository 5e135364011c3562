/**
 * Of a runner without points, and for each point of both surveys: 276 MB with 2 x 0.26 M points, 490 MB with 2 x 2.66 M and
 * 1309 MB with 2 x 10.65 M (LAS, `bench/quality/change-detection.ts`, `bench/change-detection.ts --pair halves --pair ten`).
 * LAZ that is read by several threads takes up to 830 MB with 2 x 2.66 M (`bench/real-data.ts`), and that decides.
 */
const baseMegabytes = 250
const bytesPerPoint = 110
/** The colour of a point, and the difference to others; what finds these is gone before the peak, or comes after it. */
const colourBytesPerPoint = 10

/** What a run takes at its peak. */
export function memoryMegabytes(pointsOfBoth: number, withColours = false): number {
  return Math.ceil(
    baseMegabytes + (pointsOfBoth * (bytesPerPoint + (withColours ? colourBytesPerPoint : 0))) / 1e6,
  )
}

/** Of the largest part of a run that goes tile by tile, and for each point what its distance and its change take when written. */
const tilesMegabytes = 1000
const tileColoursMegabytes = 200
const writtenBytesPerPoint = 6

export function memoryInTiles(pointsOfBoth: number, withColours = false): number {
  const ofParts = tilesMegabytes + (withColours ? tileColoursMegabytes : 0)
  return Math.ceil(ofParts + (pointsOfBoth * writtenBytesPerPoint) / 1e6)
}

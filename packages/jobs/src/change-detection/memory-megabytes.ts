/** Of a runner without points, and for each point of both surveys; measured with `bench/real-data.ts`, see the README. */
const baseMegabytes = 200
const bytesPerPoint = 130

/** What a run takes at its peak. */
export function memoryMegabytes(pointsOfBoth: number): number {
  return Math.ceil(baseMegabytes + (pointsOfBoth * bytesPerPoint) / 1e6)
}

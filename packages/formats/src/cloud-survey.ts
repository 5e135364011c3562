// The first pass over a cloud of another format: how far it reaches, and between which values its columns lie.
import { requirePlaces } from './foreign-cloud.ts'
import type { ForeignCloud } from './foreign-cloud.ts'

export type ColumnSurvey = {
  min: number
  max: number
  /** Whether every value is a whole number. */
  whole: boolean
}

export type CloudSurvey = {
  pointCount: number
  readonly min: [number, number, number]
  readonly max: [number, number, number]
  readonly columns: readonly ColumnSurvey[]
}

export async function surveyCloud(
  cloud: ForeignCloud,
  signal: AbortSignal | undefined,
  onShare: (share: number) => void,
): Promise<CloudSurvey> {
  const survey: CloudSurvey = {
    pointCount: 0,
    min: [Infinity, Infinity, Infinity],
    max: [-Infinity, -Infinity, -Infinity],
    columns: cloud.columns.map(() => ({ min: Infinity, max: -Infinity, whole: true })),
  }
  for await (const batch of cloud.batches(signal)) {
    requirePlaces(batch, (i) => `point ${survey.pointCount + i + 1}`)
    for (const [axis, values] of [batch.x, batch.y, batch.z].entries()) {
      let [low, high] = [survey.min[axis]!, survey.max[axis]!]
      for (let i = 0; i < batch.count; i++) {
        const value = values[i]!
        if (value < low) low = value
        if (value > high) high = value
      }
      survey.min[axis] = low
      survey.max[axis] = high
    }
    for (const [index, column] of survey.columns.entries()) {
      surveyColumn(column, batch.columns[index]!, batch.count)
    }
    survey.pointCount += batch.count
    onShare(batch.share)
  }
  return survey
}

function surveyColumn(column: ColumnSurvey, values: Float64Array, count: number): void {
  let { min, max, whole } = column
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    if (value < min) min = value
    if (value > max) max = value
    // Neither NaN nor an infinite number is equal to its difference from nothing.
    if (value - Math.floor(value) !== 0) whole = false
  }
  Object.assign(column, { min, max, whole })
}

// Whether surveys have colours, and these in one unit.
import { type ColouredPoints, type PointArrays, sixteenBitStep } from '@alidade/analysis'
import { type LasHeader, rgbOffset } from '@alidade/formats'

/** The points of one survey, with their colours where they are to be compared. */
export type SurveyPoints = PointArrays | ColouredPoints

export function hasColours(points: SurveyPoints): points is ColouredPoints {
  return 'rgb' in points
}

/** Whether every file of a survey is of a point format with colours. */
export function mayHaveColours(headers: readonly LasHeader[]): boolean {
  return headers.every(({ pointFormat }) => rgbOffset(pointFormat) !== undefined)
}

/** Whether a survey has colours in its points: some have room for them that nobody filled. */
export function isColoured(points: SurveyPoints): boolean {
  return hasColours(points) && !isBelow(points.rgb, 1)
}

/** In place: many programs write 8 bits where 16 belong, which the largest value of a survey tells. */
export function inSixteenBits<Points extends SurveyPoints>(points: Points): Points {
  if (!hasColours(points) || !isBelow(points.rgb, 256)) return points
  const { rgb } = points
  for (let i = 0; i < rgb.length; i++) rgb[i]! *= sixteenBitStep
  return points
}

function isBelow(values: Uint16Array, limit: number): boolean {
  return values.every((value) => value < limit)
}

/** The whole segmentation on points in memory. */
import {
  GroundRaster,
  groundOptions,
  groundSurface,
  type PointArrays,
  type Segmentation,
  segmentOptions,
  segmentPoints,
} from '@alidade/analysis'
import { rangeOf } from './run-ground.ts'

export async function segmented(
  points: PointArrays,
  { unitsPerMetre = 1, threads = 2 } = {},
): Promise<Segmentation> {
  const options = groundOptions(unitsPerMetre)
  const [west, east] = rangeOf(points.x)
  const [south, north] = rangeOf(points.y)
  const [heightOrigin] = rangeOf(points.z)
  const { cellSize } = options
  const raster = new GroundRaster({ min: [west, south], max: [east, north], cellSize, heightOrigin })
  raster.add(points.x, points.y, points.z)
  const surface = await groundSurface(raster, options)
  return segmentPoints(points, surface, segmentOptions(unitsPerMetre), { threads })
}
